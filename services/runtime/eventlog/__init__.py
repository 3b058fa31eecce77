"""A service's log in PostgreSQL, its relay to Kafka, and how far everybody has come."""
