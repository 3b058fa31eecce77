"""What comes in besides requests: facts just committed, for live streams and for requests that wait, and time."""
