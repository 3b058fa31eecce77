"""The gateway's read models: folded from its own log and from what the other services say, batch by batch."""
