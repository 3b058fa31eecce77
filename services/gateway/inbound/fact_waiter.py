"""Lets a request wait for a fact of another service that answers it.

Promises to give each waiter the first fitting fact that is committed after it began to wait. Hints only: who waits in
vain looks into the read models.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from services.runtime.contract import Received, Recorded

Fits = Callable[[Received], bool]


class FactWaiter:
    """A listener; see the module."""

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Future[Received], Fits] = {}

    def committed(self, shard: int, recorded: Sequence[Recorded], received: Sequence[Received]) -> None:
        """Wake all who wait for one of these facts."""
        if not self._waiting:
            return
        for future, fits in list(self._waiting.items()):
            found = next((one for one in received if fits(one)), None)
            if found is not None and not future.done():
                future.set_result(found)

    @contextmanager
    def expect(self, fits: Fits) -> Iterator["asyncio.Future[Received]"]:
        """Begin to wait for a fitting fact; the future is of no use after the block."""
        future: asyncio.Future[Received] = asyncio.get_running_loop().create_future()
        self._waiting[future] = fits
        try:
            yield future
        finally:
            del self._waiting[future]
            future.cancel()
