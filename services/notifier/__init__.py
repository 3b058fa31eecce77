"""The notifier: tells workers, donors and their systems what happened, once."""
