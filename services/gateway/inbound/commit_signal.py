"""Signals that something was committed, so that live streams look at once instead of now and then.

What was committed is read from the logs, by each stream at its own pace. So a slow reader costs no memory, and a stream
also shows what another process of the gateway has written.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from services.runtime.contract import Received, Recorded

#: how often a stream looks without a signal
LOOK_EVERY_S = 1.0


class CommitSignal:
    """A listener; see the module."""

    def __init__(self) -> None:
        self._next: asyncio.Event | None = None
        #: how many streams are open
        self.streams = 0

    def committed(self, shard: int, recorded: Sequence[Recorded], received: Sequence[Received]) -> None:
        """Wake all who wait."""
        if self._next is not None:
            self._next.set()
            self._next = None

    async def wait(self, within_s: float = LOOK_EVERY_S) -> None:
        """Wait for the next commit, but no longer than `within_s` seconds."""
        if self._next is None:
            self._next = asyncio.Event()
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._next.wait()
