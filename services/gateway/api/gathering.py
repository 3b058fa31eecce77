"""Lets writes that come at about the same time reach their shards together, so that they share commits.

A commit with its publication costs nearly the same for one command as for a hundred, in this process and in all that
follow it. While few writes are under way each goes on at once; under load they wait for the next beat.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

#: from so many writes under way on they are gathered
BUSY_FROM: Final = 16
BEAT_S: Final = 0.004


class Gathering:
    """See the module."""

    def __init__(self) -> None:
        self._under_way = 0
        self._beat: asyncio.Event | None = None

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count a write for as long as it is under way."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    async def wait(self) -> None:
        """Wait for the next beat; not at all while few writes are under way."""
        if self._under_way < BUSY_FROM:
            return
        if self._beat is None:
            self._beat = asyncio.Event()
            asyncio.get_running_loop().call_later(BEAT_S, self._release, self._beat)
        await self._beat.wait()

    def _release(self, beat: asyncio.Event) -> None:
        self._beat = None
        beat.set()
