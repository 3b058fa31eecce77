"""Values that are costly and the same for all processes of a test run, made by the first one that needs them."""

# ruff: noqa: ASYNC240, S301 - a small file, written by this run

import asyncio
import fcntl
import pickle
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


async def once(file: Path, make: Callable[[], Awaitable[T]]) -> T:
    """Returns what `make` returned to the first process that asked for this file; the others wait for it.

    If the first one fails, the next one tries.
    """
    with file.with_suffix(".lock").open("w", encoding="utf-8") as lock:
        while not _locked(lock.fileno()):
            await asyncio.sleep(0.1)
        if not file.exists():
            file.write_bytes(pickle.dumps(await make()))
        made: T = pickle.loads(file.read_bytes())
        return made


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
