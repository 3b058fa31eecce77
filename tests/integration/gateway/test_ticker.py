"""The machine's clock becomes days: each shard begins each of them once, in order."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta

from schemas.facts.common import DayBegan
from services.gateway.inbound.days import Ticker, begin
from tests.support.gateway import DAY, SHARDS, Twin


async def days(gw: Twin) -> dict[int, list[date]]:
    """The days that began on each shard."""
    found: dict[int, list[date]] = {shard: [] for shard in range(SHARDS)}
    for one in await gw.facts("day.began"):
        assert isinstance(one.fact, DayBegan)
        found[one.shard].append(one.fact.day)
    return found


def witness(now: Callable[[], datetime]) -> Callable[[], Awaitable[datetime]]:
    """Another machine's clock."""

    async def tell() -> datetime:
        return now()

    return tell


async def test_days_begin_on_every_shard_once_and_none_is_left_out(gw: Twin) -> None:
    ticker = Ticker(gw.state.context, witness(gw.clock.now))
    await ticker.tick()
    assert await days(gw) == {shard: [DAY] for shard in range(SHARDS)}
    await ticker.tick()
    assert await days(gw) == {shard: [DAY] for shard in range(SHARDS)}
    gw.engine.elsewhere.add(2)
    gw.clock.day = date(2026, 11, 25)
    await ticker.tick()
    gw.engine.elsewhere.clear()
    gw.clock.day = date(2026, 11, 27)
    await ticker.tick()
    every = [date(2026, 11, day) for day in (24, 25, 26, 27)]
    assert await days(gw) == dict.fromkeys(range(SHARDS), every)


async def test_a_day_of_the_past_is_no_news(gw: Twin) -> None:
    before = await days(gw)
    [answer] = await begin([gw.engine.processor(0)], date(2026, 11, 1), "")
    assert answer.value.body == {"day": before[0][-1].isoformat()}
    assert await days(gw) == before


async def test_a_clock_that_is_ahead_begins_no_day_that_the_databases_clock_has_not_reached(gw: Twin) -> None:
    before = await days(gw)
    there = gw.clock.now() + timedelta(days=2)
    gw.clock.day += timedelta(days=365)
    await Ticker(gw.state.context, witness(lambda: there)).tick()
    added = [before[0][-1] + timedelta(days=number) for number in (1, 2)]
    assert await days(gw) == {shard: [*begun, *added] for shard, begun in before.items()}
