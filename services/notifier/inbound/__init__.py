"""What others may ask the notifier."""
