"""The pure core of the notifier: which notice is owed to whom, when it may go out, and when to try again."""
