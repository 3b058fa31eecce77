"""The notifier's internal routes."""
