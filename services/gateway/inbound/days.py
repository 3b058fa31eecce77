"""How time passes: the only place that turns a clock into `day.began`, once per shard and day in Jakarta.

    system clock    a loop looks at the clock; a shard that slept catches up day by day, in order
    virtual clock   days begin when somebody asks for them, and not otherwise

A shard on which no day ever began starts with today. Promises that no day is left out between two days of a shard,
and that none begins which only one clock has reached: a day that has begun stays.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, time, timedelta

from schemas.days import JAKARTA, jakarta_day
from services.context import Context
from services.gateway.domain.days import CLOCKWORK, BeginDay
from services.gateway.handlers import idempotency
from services.runtime.base.errors import Failure
from services.runtime.base.postgres import Pool, is_away
from services.runtime.base.telemetry import log, traceparent
from services.runtime.shard.commands import Answer
from services.runtime.shard.processor import ShardProcessor

_LOOK_EVERY_S = 2.0
_SWEEP_EVERY_S = 600.0


def midnight(day: date) -> datetime:
    """When a day begins in Jakarta."""
    return datetime.combine(day, time(), JAKARTA)


def missing_days(last: date | None, today: date) -> list[date]:
    """The days that have yet to begin on a shard, in order."""
    if last is None:
        return [today]
    return [last + timedelta(days=number) for number in range(1, (today - last).days + 1)]


async def begin(processors: Sequence[ShardProcessor], day: date, trace: str) -> list[Answer]:
    """Begin a day on some shards; a shard on which it began already does nothing."""
    command = BeginDay(at=midnight(day), trace=trace, day=day, actor=CLOCKWORK)
    return list(await asyncio.gather(*(processor.submit(command) for processor in processors)))


class Ticker:
    """The loop of the system clock; `witness` reads another machine's clock, the database's."""

    def __init__(self, context: Context, witness: Callable[[], Awaitable[datetime]]) -> None:
        self._context = context
        self._witness = witness

    async def run(self) -> None:
        """Look, for ever; what does not work now works later."""
        while True:
            try:
                await self.tick()
            except Exception as error:
                if not isinstance(error, Failure) and not is_away(error):
                    raise
                log.info("ticker.waits", error=str(error))
            await asyncio.sleep(_LOOK_EVERY_S)

    async def tick(self) -> None:
        """Begin all days that have yet to begin on the shards that live here."""
        engine = self._context.engine
        today = jakarta_day(self._context.clock.now())
        processors = [engine.processor(shard) for shard in engine.owned]
        due: dict[date, list[ShardProcessor]] = {}
        for processor in processors:
            for day in missing_days(processor.state.day, today):
                due.setdefault(day, []).append(processor)
        if not due:
            return
        reached = jakarta_day(await self._witness())
        if reached < today:
            log.warning("ticker.clocks_disagree", here=today.isoformat(), database=reached.isoformat())
        for day in sorted(day for day in due if day <= reached):
            await begin(due[day], day, traceparent())


async def database_clock(pool: Pool) -> datetime:
    """The time by the database's clock."""
    now: datetime = await pool.fetchval("SELECT now()")
    return now


async def sweep(context: Context) -> None:
    """Forget answers to old requests, now and then, for ever."""
    while True:
        try:
            await idempotency.sweep(context.pool, context.clock.now())
        except Exception as error:
            if not is_away(error):
                raise
            log.info("sweep.waits", error=type(error).__name__)
        await asyncio.sleep(_SWEEP_EVERY_S)
