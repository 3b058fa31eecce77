"""The notifier: notifies workers, donors and their systems of what happened, once."""
