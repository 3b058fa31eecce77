"""The tables of the notifier, kept in step with the logs."""
