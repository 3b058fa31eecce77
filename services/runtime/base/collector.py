"""Keeps Python's garbage collector from searching what stays.

The state of a shard is millions of objects that live as long as the process: looking through them for cycles stalls
a shard for hundreds of milliseconds and finds nothing. Reference counting frees everything else at once anyway.
"""

import gc


def calm() -> None:
    """Look at young objects more rarely, hardly ever at all of them, and never again at what was imported."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 10_000)
