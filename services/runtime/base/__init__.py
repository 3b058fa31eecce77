"""What everything else stands on: clock, ids, errors, settings, signals, keys, and the home of asyncpg."""
