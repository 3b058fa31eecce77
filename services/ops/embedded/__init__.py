"""Apache Kafka and PostgreSQL from Python packages, for one machine: development, tests, demonstrations."""
