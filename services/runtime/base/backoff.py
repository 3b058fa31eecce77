"""Waiting longer and longer, with jitter so that those who failed together do not come back together."""

import asyncio

from services.runtime.base import ids


class Backoff:
    """Exponential back-off with full jitter (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/)."""

    def __init__(self, first_s: float, longest_s: float) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._failures = 0

    def reset(self) -> None:
        """It worked: begin again with the shortest wait."""
        self._failures = 0

    def next_s(self) -> float:
        """How long to wait after one more failure, in seconds."""
        ceiling: float = min(self._longest_s, self._first_s * 2**self._failures)
        self._failures = min(self._failures + 1, 30)
        return ceiling / 2 + ceiling / 2 * ids.fraction()

    async def wait(self) -> None:
        """Wait as long as `next_s` says."""
        await asyncio.sleep(self.next_s())
