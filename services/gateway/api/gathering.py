"""Groups writes that come at about the same time, so that they share commits.

A commit with its publication costs nearly the same for one command as for a hundred, in this process and in all that
follow it. A few writes go on at once. When there are many, those that arrive while a group is being committed are the
next group: it goes on when the one before is answered, or after `LONGEST_S`, so that a shard that is slow holds up the
others for a moment only.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

#: from so many writes under way on they are grouped
BUSY_FROM: Final = 16
LONGEST_S: Final = 0.01


class Gathering:
    """See the module."""

    def __init__(self) -> None:
        #: the number of the group that a write joins now
        self.number = 0
        self._waiting = 0
        self._committing = 0
        self._turn = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def joined(self) -> AsyncIterator[None]:
        """Wait until the next group goes on; the block is the commit of this write."""
        if self._waiting + self._committing >= BUSY_FROM:
            await self._wait()
        self._committing += 1
        try:
            yield
        finally:
            self._committing -= 1
            if not self._committing:
                self._go_on()

    async def _wait(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LONGEST_S, self._go_on)
        self._waiting += 1
        try:
            await self._turn.wait()
        finally:
            self._waiting -= 1

    def _go_on(self) -> None:
        """Let the next group go on."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._turn.set()
            self._turn = asyncio.Event()
        self.number += 1
