"""How many requests a key may make, and failed attempts an address."""

import pytest

from services.gateway.api import rate_limits
from services.gateway.api.rate_limits import Limiter
from services.runtime.base.errors import Refused


class Seconds:
    """A clock that a test turns."""

    at = 6_000.0

    def __call__(self) -> float:
        """The present second."""
        return self.at


def spend(limiter: Limiter, key: str = "key_1") -> dict[bytes, bytes]:
    """The headers of one more request."""
    headers: list[tuple[bytes, bytes]] = []
    try:
        limiter.spend(key, headers)
    except Refused as refused:
        headers.append((b"refused", refused.code.encode()))
    return dict(headers)


def test_a_key_may_make_so_many_requests_and_learns_when_it_may_go_on() -> None:
    clock = Seconds()
    limiter = Limiter(2, clock)
    assert [spend(limiter)[b"ratelimit"] for _ in range(2)] == [b'"requests";r=1;t=61', b'"requests";r=0;t=61']
    third = spend(limiter)
    assert (third[b"refused"], third[b"retry-after"]) == (b"rate.exceeded", b"61")
    assert b"refused" not in spend(limiter, "key_2")
    clock.at += 121
    assert b"refused" not in spend(limiter)


def test_the_window_slides_so_that_the_turn_of_a_minute_adds_no_second_share() -> None:
    clock = Seconds()
    limiter = Limiter(10, clock)
    clock.at += 59
    assert all(b"refused" not in spend(limiter) for _ in range(10))
    clock.at += 2
    assert sum(b"refused" not in spend(limiter) for _ in range(10)) == 1
    clock.at += 30
    assert sum(b"refused" not in spend(limiter) for _ in range(10)) == 5


def test_failed_attempts_are_counted_by_address() -> None:
    limiter = Limiter(1)
    limiter.fail("10.0.0.1")
    limiter.fail("10.0.0.2")
    with pytest.raises(Refused):
        limiter.fail("10.0.0.1")


def test_what_no_longer_counts_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "_COUNTED_MAX", 3)
    clock = Seconds()
    limiter = Limiter(1, clock)
    for number in range(3):
        spend(limiter, f"key_{number}")
    clock.at += 180
    spend(limiter, "key_9")
    assert list(limiter._windows) == [("key", "key_9")]
