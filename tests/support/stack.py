"""What tests of whole stacks share: folders that go away, and waiting for what must become true."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="sekul-data-"))
    yield folder
    shutil.rmtree(folder)


async def becomes_true(what: Callable[[], bool], timeout_s: float = 30) -> None:
    """Wait until `what` holds. Raises `TimeoutError` when it does not in time."""
    async with asyncio.timeout(timeout_s):
        while not what():
            await asyncio.sleep(0.05)


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and waits for its parent to notice does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
