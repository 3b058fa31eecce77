"""How many requests a key may make: a sliding window per key, told in headers as the IETF's RateLimit draft has it.

Whoever fails to show a key is counted by address, and may fail as often as a key may ask. Counts live in this process
only: several gateways allow a little more, which harms nobody.
"""

import math
from typing import Final

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from services.gateway.api.problems import Refusal
from services.runtime.base.clock import SystemClock
from services.runtime.base.errors import Refused

_SYSTEM: Final = SystemClock()


class Limiter:
    """See the module."""

    def __init__(self, requests_per_minute: int) -> None:
        self._windows = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._per_minute = RateLimitItemPerMinute(requests_per_minute)
        self._policy = f'"requests";q={requests_per_minute};w=60'

    async def spend(self, key: str) -> dict[str, str]:
        """Count a request of a key; gives the headers that tell what is left. Raises `Refusal` when nothing is."""
        allowed = await self._windows.hit(self._per_minute, "key", key)
        reset_at, remaining = await self._windows.get_window_stats(self._per_minute, "key", key)
        # the windows are those of the machine's clock, also where days are turned by hand
        wait = max(1, math.ceil(reset_at - _SYSTEM.now().timestamp()))
        headers = {"RateLimit-Policy": self._policy, "RateLimit": f'"requests";r={remaining};t={wait}'}
        if not allowed:
            detail = f"this key may make {self._per_minute.amount} requests a minute"
            raise Refusal(Refused("rate.exceeded", detail), headers | {"Retry-After": str(wait)})
        return headers

    async def fail(self, address: str) -> None:
        """Count a failed attempt to show a key. Raises `Refusal` when there were too many."""
        if not await self._windows.hit(self._per_minute, "address", address):
            detail = "too many attempts without a key that is known"
            raise Refusal(Refused("rate.exceeded", detail), {"Retry-After": "60"})
