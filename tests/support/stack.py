"""What tests of whole stacks share: a stack on a virtual clock, temporary folders, and waits with a limit."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from services.ops.supervisor import Stack, Wanted


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="sekul-data-"))
    yield folder
    shutil.rmtree(folder)


@asynccontextmanager
async def empty_stack(shards: int) -> AsyncIterator[Stack]:
    """A system in which nothing has happened yet, on 24 November 2026 by a virtual clock."""
    folder = Path(tempfile.mkdtemp(prefix="sekul-stack-"))
    try:
        wanted = Wanted(folder, port=0, clock="virtual", shards=shards, env={"SEKUL_CLOCK_START": "2026-11-24"})
        async with Stack(wanted) as running:
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
