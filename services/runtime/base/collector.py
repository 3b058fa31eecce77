"""Keeps Python's garbage collector from searching what stays.

The state of a shard is millions of objects that live as long as the process: searching all of them for cycles takes
hundreds of milliseconds and finds nothing. Reference counting frees everything else at once anyway.
"""

import gc

#: More than two batches in hand hold, which would be searched for nothing otherwise.
_YOUNG = 100_000
#: After so many searches of young objects those that survived are searched once more, some hundred milliseconds long.
_MIDDLE = 10


def calm() -> None:
    """Search young objects more rarely, hardly ever all of them, and never again what was imported."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, 10_000)
