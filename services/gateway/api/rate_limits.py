"""How many requests a key may make: a sliding window per key, shown in headers as the IETF's RateLimit draft has it.

Failed attempts to show a key are counted by address, as many as a key may make. Counts live in this process only:
several gateways allow a little more, which harms nobody. Promises that memory is bounded.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from services.gateway.api.problems import refuse

_WINDOW_S: Final = 60
_COUNTED_MAX: Final = 10_000


@dataclass(slots=True)
class _Window:
    """The requests of the present minute and of the one before."""

    number: int
    requests: int = 0
    before: int = 0


class Limiter:
    """See the module."""

    def __init__(self, requests_per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._most = requests_per_minute
        self._windows: dict[tuple[str, str], _Window] = {}
        self._policy = f'"requests";q={requests_per_minute};w={_WINDOW_S}'.encode()

    def spend(self, key: str, headers: list[tuple[bytes, bytes]]) -> None:
        """Count a request of a key, and add the headers that show what is left. Raises `Refused` if nothing is."""
        left, wait_s = self._hit("key", key)
        headers.append((b"ratelimit-policy", self._policy))
        headers.append((b"ratelimit", b'"requests";r=%d;t=%d' % (max(0, left), wait_s)))
        if left < 0:
            headers.append((b"retry-after", b"%d" % wait_s))
            raise refuse("rate.exceeded", f"this key may make {self._most} requests a minute")

    def fail(self, address: str) -> None:
        """Count a failed attempt to show a key. Raises `Refused` after too many."""
        left, _ = self._hit("address", address)
        if left < 0:
            raise refuse("rate.exceeded", "too many attempts without a key that is known")

    def _hit(self, kind: str, name: str) -> tuple[int, int]:
        """How many requests are left (below zero: none was), and in how many seconds the window moves on."""
        number, passed_s = divmod(self._now(), _WINDOW_S)
        window = self._windows.get((kind, name))
        if window is None:
            if len(self._windows) >= _COUNTED_MAX:
                self._windows = {k: w for k, w in self._windows.items() if w.number >= number - 1}
            window = self._windows[kind, name] = _Window(int(number))
        if window.number != number:
            window.before = window.requests if window.number == number - 1 else 0
            window.number, window.requests = int(number), 0
        counted = window.requests + int(window.before * (1 - passed_s / _WINDOW_S))
        if counted < self._most:
            window.requests += 1
        return self._most - counted - 1, max(1, int(_WINDOW_S - passed_s) + 1)
