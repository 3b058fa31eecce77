"""A shard processor of a toy service on a log in memory, with a topic that a test writes by hand."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from schemas.base import Fact
from schemas.envelope import GENESIS
from schemas.facts.common import DeadLetterRecorded
from schemas.facts.matcher import PledgeRefused
from schemas.logs import ServiceName, sources_of
from services.runtime.base.clock import SystemClock
from services.runtime.base.settings import Loop
from services.runtime.contract import Recorded, Service
from services.runtime.eventlog.memory import Fault, MemoryLog
from services.runtime.shard.inbox import RawRecord
from services.runtime.shard.processor import ShardProcessor
from services.runtime.shard.resources import ProcessResources
from tests.support import events

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)
QUICK = Loop(retry_first_ms=1, retry_longest_ms=2)


class SilentRelay:
    """Publishes nothing; remembers what it was offered."""

    def __init__(self) -> None:
        self.offered: list[Recorded] = []

    def resume(self, _shard: int, _seq: int, _cursors: Mapping[str, int]) -> None:
        """Nothing to publish."""

    def offer(self, _shard: int, recorded: Sequence[Recorded], _seq: int, _cursors: Mapping[str, int]) -> None:
        """Remember."""
        self.offered += recorded


@dataclass
class Bench:
    """One shard of a service, and the logs that it reads."""

    service: Service
    store: MemoryLog
    processor: ShardProcessor
    relay: SilentRelay
    _sources: dict[ServiceName, list[Recorded]] = field(default_factory=dict)

    def records(self, source: ServiceName, *facts: Fact, cause: str = "command") -> list[RawRecord]:
        """The next events of a source, as records on its topic."""
        log = self._sources.setdefault(source, [])
        made = []
        for fact in facts:
            previous = log[-1].chain if log else GENESIS
            seq = len(log) + 1
            log.append(events.recorded(fact, service=source, seq=seq, at=AT, cause=cause, previous=previous))
            made.append(events.raw(log[-1]))
        return made

    async def applied(self, source: ServiceName, seq: int) -> None:
        """Wait until the processor has committed an event of a source."""
        await self.until(lambda: source in self.processor.cursors and self.processor.cursors[source].seq >= seq)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds."""
        async with asyncio.timeout(10):
            while not holds():
                await asyncio.sleep(0.001)

    async def log(self) -> list[Recorded]:
        """What is committed."""
        return [one async for chunk in self.store.fold(0) for one in chunk]

    async def answered(self) -> list[str | None]:
        """The donors that a toy matcher has answered, in order."""
        return [one.fact.donor for one in await self.log() if isinstance(one.fact, PledgeRefused)]

    async def died(self) -> list[tuple[int, str]]:
        """Number and code of the inputs that became dead letters."""
        found = [one.fact for one in await self.log()]
        return [(fact.source_seq, fact.code) for fact in found if isinstance(fact, DeadLetterRecorded)]


def processor(
    service: Service, store: MemoryLog, relay: Any, *, loop: Loop = QUICK, owner: str = "bench", shard: int = 0
) -> ShardProcessor:
    """A processor that has not started."""
    sources = sources_of(service.log.owner)
    return ShardProcessor(shard, ProcessResources(service, sources, store, relay, loop, SystemClock(), owner))


@asynccontextmanager
async def bench(service: Service, fault: Fault = lambda _point: None, *, loop: Loop = QUICK) -> AsyncIterator[Bench]:
    """A processor that owns shard 0."""
    relay, store = SilentRelay(), MemoryLog(service.log, fault)
    one = processor(service, store, relay, loop=loop)
    one.start()
    async with asyncio.timeout(10):
        await one.opened()
    try:
        yield Bench(service, store, one, relay)
    finally:
        await one.close()


class Faults:
    """Fails at chosen points, so many times each."""

    def __init__(self, error: Callable[[], Exception] = lambda: ConnectionResetError("the server is away")) -> None:
        self._error = error
        self._left: dict[str, int] = {}

    def plan(self, point: str, times: int = 1) -> None:
        """Fail at the next `times` passages of a point."""
        self._left[point] = times

    def __call__(self, point: str) -> None:
        """Fail if that is planned."""
        if self._left.get(point, 0) > 0:
            self._left[point] -= 1
            raise self._error()
