"""Rings when something was committed, so that live streams look at once instead of now and then.

Only a bell: what was committed is read from the logs, by each stream at its own pace. So a slow reader costs no memory,
and a stream also shows what another process of the gateway has written.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from services.runtime.contract import Received, Recorded

#: how often a stream looks without having heard the bell
LOOK_EVERY_S = 1.0


class Live:
    """A listener; see the module."""

    def __init__(self) -> None:
        self._rung: asyncio.Event | None = None
        #: how many streams are open
        self.streams = 0

    def committed(self, shard: int, recorded: Sequence[Recorded], received: Sequence[Received]) -> None:
        """Ring."""
        if self._rung is not None:
            self._rung.set()
            self._rung = None

    async def heard(self, within_s: float = LOOK_EVERY_S) -> None:
        """Wait for the bell, but no longer than `within_s` seconds."""
        if self._rung is None:
            self._rung = asyncio.Event()
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._rung.wait()
