"""Watches what a process depends on: whether Kafka and the database answer, and whether each shard moves.

Promises that a shard which cannot be read, written or published is reported within seconds, also while it is idle.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.runtime.base.postgres import Pool, is_away
from services.runtime.base.telemetry import log
from services.runtime.eventlog.relay import Relay
from services.runtime.eventlog.store import Cursor
from services.runtime.kafka.errors import AWAY
from services.runtime.process.readiness import STALLED_S, Advance, Contact, Obstacle, Readiness
from services.runtime.shard.state import Status

PROBE_EVERY_S = 2.0
#: how long a look at all topics may take
AUDIT_S = 5.0


class Topics(Protocol):
    """What is needed of Kafka."""

    async def ranges(self, shards: Sequence[int]) -> Mapping[int, tuple[int, int]]:
        """First and end offset of the own topic's partitions; creates topics again that are gone."""
        ...


class Shard(Protocol):
    """What is needed of a shard processor."""

    shard: int

    @property
    def status(self) -> Status:
        """Whether the shard can be written."""
        ...

    @property
    def trouble(self) -> str:
        """Why it cannot be written."""
        ...

    @property
    def busy_since(self) -> float | None:
        """Since when, in the event loop's time, the same batch is under way."""
        ...

    @property
    def cursors(self) -> Mapping[str, Cursor]:
        """The last event applied and committed of each source."""
        ...


@dataclass(frozen=True, slots=True)
class ObservedShard:
    """A shard as its process sees it; `assigned` by the group, `lag` events behind each source."""

    processor: Shard
    assigned: bool
    lag: Mapping[str, int]


class Watchdog:
    """The watchdog of one process."""

    def __init__(self, pool: Pool, topics: Topics, relay: Relay, audit_every_s: float) -> None:
        self._pool = pool
        self._topics = topics
        self._relay = relay
        self._audit_every_s = audit_every_s
        self._connected = False
        now = asyncio.get_running_loop().time()
        self._kafka = Contact("kafka.away", now)
        self._database = Contact("database.away", now)
        self._advance = Advance()

    def connected(self) -> None:
        """The process has joined its group."""
        self._connected = True
        self._kafka.answered(asyncio.get_running_loop().time())

    async def audit(self) -> None:
        """Compare the own topic with what was published, for ever."""
        while True:
            await asyncio.sleep(self._audit_every_s)
            try:
                async with asyncio.timeout(AUDIT_S):
                    await self._compare_topic()
            except AWAY as error:
                self._kafka.error = brief(error)
                log.info("audit.kafka_away", error=self._kafka.error)
            else:
                self._kafka.answered(asyncio.get_running_loop().time())

    async def _compare_topic(self) -> None:
        published = self._relay.published()
        for shard, (first, end) in (await self._topics.ranges(list(published))).items():
            if first == 0 and end < published[shard]:
                log.warning("relay.topic_lost", shard=shard, had=published[shard], has=end)
                self._relay.republish_all(shard)

    async def probe_database(self) -> None:
        """Ask the database something, for ever: an idle shard writes nothing and would not notice that it is away."""
        while True:
            try:
                await self._pool.fetchval("SELECT 1")
            except Exception as error:
                if not is_away(error):
                    raise
                self._database.error = brief(error)
            else:
                self._database.answered(asyncio.get_running_loop().time())
            await asyncio.sleep(PROBE_EVERY_S)

    def readiness(self, shards: Iterable[ObservedShard]) -> Readiness:
        """What keeps the process, or single shards of it, from working now."""
        now = asyncio.get_running_loop().time()
        found = {view.processor.shard: self._shard_obstacle(view, now) for view in shards}
        waiting = {shard: obstacle for shard, obstacle in found.items() if obstacle is not None}
        return Readiness(self._process_obstacle(now, owns_none=not found), waiting)

    def _process_obstacle(self, now: float, *, owns_none: bool) -> Obstacle | None:
        if (database := self._database.obstacle(now)) is not None:
            return database
        if not self._connected:
            return Obstacle("kafka.connecting")
        if (kafka := self._kafka.obstacle(now)) is not None:
            return kafka
        return Obstacle("shard.none", "the group assigns no shard to this process") if owns_none else None

    def _shard_obstacle(self, view: ObservedShard, now: float) -> Obstacle | None:
        shard = view.processor
        match shard.status:
            case Status.OPENING:
                return Obstacle("shard.opening")
            case Status.AWAY:
                return Obstacle("database.away", shard.trouble)
            case Status.FENCED:
                return Obstacle("shard.fenced", shard.trouble)
            case Status.CLOSED:
                return Obstacle("shard.closed", shard.trouble)
        if shard.busy_since is not None and now - shard.busy_since > STALLED_S:
            return Obstacle("shard.stalled", f"nothing committed for {now - shard.busy_since:.0f} s")
        if publishing := self._relay.obstacle(shard.shard):
            return Obstacle("kafka.publishing", publishing)
        if not view.assigned:
            return Obstacle("kafka.unassigned", "the group does not assign the shard at the moment")
        stuck = (
            self._advance.obstacle((shard.shard, source), shard.cursors[source].seq, lag, now)
            for source, lag in view.lag.items()
            if source in shard.cursors
        )
        return next((obstacle for obstacle in stuck if obstacle is not None), None)


def brief(error: BaseException) -> str:
    """An error in one short line."""
    return f"{type(error).__name__}: {error}"[:200]
