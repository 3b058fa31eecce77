"""Keeps Python's garbage collector from searching what stays.

The state of a shard is millions of objects that live as long as the process: searching all of them for cycles takes
hundreds of milliseconds and finds nothing. So an object is searched once, soon after it was made; what survives is set
aside. Reference counting still frees it at once; only a cycle that was in use at that moment stays for ever.
"""

import gc
from typing import Literal

#: about 10 ms of search
_YOUNG = 25_000


def calm() -> None:
    """Search each object once, and what was imported never again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG)
    if _set_aside not in gc.callbacks:
        gc.callbacks.append(_set_aside)


def _set_aside(phase: Literal["start", "stop"], _info: dict[str, int]) -> None:
    if phase == "stop":
        gc.freeze()
