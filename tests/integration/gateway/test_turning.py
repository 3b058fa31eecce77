"""Turning the virtual clock, when it breaks off in the middle: sent again, the request reaches its day and no other."""

from datetime import date
from typing import Any

from services.gateway.inbound.days import begin
from tests.support.gateway import SHARDS, Twin, twin
from tests.support.gateway_words import good, refused

THREE = {"days": 3}
ONCE = {"Idempotency-Key": "three-days"}


def patient(gw: Twin, *, days: int) -> None:
    """Let the services follow so many days, and turn the clock's hand as the composition root does."""
    left = [days * (SHARDS + 1)]

    async def wait(*_: Any, **__: Any) -> bool:
        left[0] -= 1
        gw.clock.day = max(shard.state.day or gw.clock.day for shard in gw.engine.processors.values())
        return left[0] >= 0

    gw.engine.progress.wait = wait  # type: ignore[method-assign]
    gw.engine.progress.settled = wait  # type: ignore[method-assign]


async def days_of(gw: Twin) -> dict[int, list[int]]:
    """The days of November that began, shard by shard."""
    days: dict[int, list[int]] = {}
    for one in await gw.facts("day.began"):
        days.setdefault(one.shard, []).append(one.fact.day.day)  # type: ignore[attr-defined]
    return days


async def test_an_interrupted_advance_resumes_to_its_target_day(fresh_url: str) -> None:
    async with twin(fresh_url) as gw:
        patient(gw, days=1)
        refused(await gw.client.post("/v1/clock/advance", json=THREE, headers=ONCE), 503, "days.not_settled")
        patient(gw, days=9)
        answer = good(await gw.client.post("/v1/clock/advance", json=THREE, headers=ONCE))
        assert answer["day"] == "2026-11-27"
        assert await days_of(gw) == {shard: [25, 26, 27] for shard in range(SHARDS)}


async def test_a_day_that_began_on_some_shards_alone_begins_on_the_others_first(fresh_url: str) -> None:
    async with twin(fresh_url) as gw:
        patient(gw, days=9)
        await begin([gw.engine.processors[shard] for shard in (0, 2)], date(2026, 11, 25), "")
        gw.clock.day = date(2026, 11, 25)
        good(await gw.client.post("/v1/clock/advance", json={"days": 1}))
        assert await days_of(gw) == {shard: [25, 26] for shard in range(SHARDS)}
