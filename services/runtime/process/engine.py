"""One process of a service: its shard processors, its relay, its place in the consumer group.

Promises that a shard is written by a processor only after it was taken over, and read by it from its cursor on; and
that no task of it ends unnoticed. Must not know which service it runs.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence

from schemas.logs import ServiceName, sources_of
from services.runtime.base.backoff import Backoff
from services.runtime.base.clock import Clock
from services.runtime.base.errors import RetryLater
from services.runtime.base.postgres import Pool
from services.runtime.base.settings import Settings
from services.runtime.base.telemetry import gauge, log
from services.runtime.contract import Service
from services.runtime.eventlog.control import AnnounceRequest, ControlMessage, ProgressReport, RepublishRequest
from services.runtime.eventlog.progress import Progress
from services.runtime.eventlog.relay import Relay
from services.runtime.eventlog.store import EventLog
from services.runtime.kafka.client import KafkaClient
from services.runtime.kafka.consumer import Subscription
from services.runtime.kafka.errors import AWAY
from services.runtime.process.gaps import Gaps
from services.runtime.process.readiness import Readiness
from services.runtime.process.tasks import Tasks
from services.runtime.process.watchdog import ObservedShard, Watchdog, brief
from services.runtime.shard.inbox import RawRecord
from services.runtime.shard.processor import ShardProcessor
from services.runtime.shard.resources import ProcessResources
from services.runtime.shard.state import Status

LOOK_EVERY_S = 0.25
HINT_EVERY_S = 1.0
ANNOUNCE_EVERY_S = 5.0
#: how long shards that open wait for each other before they are read
OPEN_TOGETHER_S = 0.5
#: how long a fenced processor waits before it takes a shard again that the group still assigns to this process
FENCED_REST_S = 5.0
#: how soon a request for announcements is answered; all that arrive until then share the answer
ANNOUNCE_AFTER_S = 0.1
#: how long a client of Kafka may take to close; one that has lost its broker before may wait for ever
CLOSE_S = 2.0


class Engine:
    """Runs a service over the shards that the group assigns to this process."""

    def __init__(self, service: Service, settings: Settings, pool: Pool, clock: Clock) -> None:
        self.service = service
        self.sources = sources_of(service.log.owner)
        self.lanes: dict[int, ShardProcessor] = {}
        self.progress = Progress(clock, settings.shards)
        self.shards = settings.shards
        self._settings = settings
        event_log = EventLog(pool, service.log)
        self._client = KafkaClient(settings.kafka, service.log, settings.shards, self._receive)
        self.relay = Relay(event_log, self._client, settings.loop, self._note)
        instance = settings.instance or socket.gethostname()
        self._resources = ProcessResources(
            service=service,
            sources=self.sources,
            store=event_log,
            relay=self.relay,
            loop=settings.loop,
            clock=clock,
            owner=f"{instance}/{os.getpid()}",
        )
        self._subscription = Subscription(
            settings.kafka,
            group=f"sekul.{service.name}",
            instance=f"{service.name}-{instance}",
            sources=self.sources,
            deliver=self._deliver,
            assigned=self._assigned,
        )
        self._gaps = Gaps(self._subscription, self._client, self.progress)
        self._tasks = Tasks()
        self._watchdog = Watchdog(pool, self._client, self.relay, settings.loop.audit_every_s)
        self._connected = False
        self._announcing: asyncio.TimerHandle | None = None

    # -- life ----------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Connect to Kafka and join the group; waits with back-off while Kafka is away."""
        self._tasks.start(self._watchdog.probe_database(), "database probe")
        backoff = Backoff(0.1, 1.0)
        await self._connect(self._client.start, backoff)
        await self._connect(self._subscription.start, backoff)
        self._connected = True
        self._watchdog.connected()
        loops = (self._close_gaps, self._take_fenced_again, self._commit_hints, self._announce_regularly)
        for loop in (*loops, self._watchdog.audit):
            self._tasks.start(loop(), loop.__name__)

    async def failure(self) -> None:
        """Wait until a background task or a shard processor fails; raises its error."""
        await self._tasks.failure()

    async def _connect(self, connect: Callable[[], Awaitable[None]], backoff: Backoff) -> None:
        while True:
            try:
                await connect()
            except AWAY as error:
                log.warning("kafka.away", servers=self._settings.kafka.servers, error=brief(error))
                await backoff.wait()
            else:
                return

    async def stop(self) -> None:
        """Commit and publish what is in hand, leave the group."""
        self.progress.close()
        if self._announcing is not None:
            self._announcing.cancel()
        await asyncio.gather(*(lane.close() for lane in self.lanes.values()))
        await asyncio.gather(*(self.relay.drop(shard, drain_s=3) for shard in list(self.lanes)))
        await self._tasks.cancel()
        if self._connected:
            await self._close(self._subscription.stop)
        await self._close(self._client.stop)

    async def _close(self, stop: Callable[[], Awaitable[None]]) -> None:
        try:
            async with asyncio.timeout(CLOSE_S):
                await stop()
        except TimeoutError:
            log.info("kafka.left_open", service=self.service.name)

    # -- shards --------------------------------------------------------------------------------------------------

    def lane(self, shard: int) -> ShardProcessor:
        """The processor of a shard. Raises `RetryLater` if this process does not own it."""
        lane = self.lanes.get(shard)
        if lane is None:
            raise RetryLater("shard.elsewhere", f"shard {shard} is not served by this process now")
        return lane

    @property
    def owned(self) -> list[int]:
        """The shards that this process can write now."""
        return [shard for shard, lane in sorted(self.lanes.items()) if lane.status is Status.LIVE]

    async def _assigned(self, shards: set[int]) -> None:
        for shard in sorted(set(self.lanes) - shards):
            lane = self.lanes.pop(shard)
            await lane.close()
            await self.relay.drop(shard, drain_s=1)
        for shard in shards:
            if shard not in self.lanes or self.lanes[shard].status.ended:
                self._open(shard)
        self._tasks.start(self._read([self.lanes[shard] for shard in sorted(shards)]), "read")

    def _open(self, shard: int) -> None:
        lane = self.lanes[shard] = ShardProcessor(shard, self._resources)
        self._tasks.hold(lane.start())

    async def _read(self, lanes: Sequence[ShardProcessor]) -> None:
        """Read shards from their cursors on, together if they open soon.

        A request to Kafka that asks only for the shards that were quick would keep all others waiting for its answer.
        """
        opening = {asyncio.create_task(lane.opened()): lane for lane in lanes}
        limit: float | None = OPEN_TOGETHER_S
        try:
            while opening:
                when = asyncio.ALL_COMPLETED if limit else asyncio.FIRST_COMPLETED
                done, _ = await asyncio.wait(opening, timeout=limit, return_when=when)
                for task in done:
                    lane = opening.pop(task)
                    if task.result():
                        offsets = {source: cursor.offset + 1 for source, cursor in lane.cursors.items()}
                        self._subscription.read_from(lane.shard, offsets)
                limit = None
        finally:
            for task in opening:
                task.cancel()

    def _deliver(self, shard: int, records: Sequence[RawRecord]) -> None:
        lane = self.lanes.get(shard)
        if lane is None or lane.status is Status.OPENING or lane.status.ended:
            return
        lane.offer(records)
        for source in {raw.source for raw in records}:
            if lane.is_full(source):
                self._subscription.pause(shard, source)
                self._tasks.start(self._resume(lane, source), f"resume {shard} {source}")

    async def _resume(self, lane: ShardProcessor, source: str) -> None:
        await lane.drained(source)
        self._subscription.resume(lane.shard, source)

    # -- loops ---------------------------------------------------------------------------------------------------

    async def _close_gaps(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            for lane in list(self.lanes.values()):
                for source in self.sources:
                    if lane.status is Status.LIVE and self._subscription.owns(lane.shard):
                        await self._gaps.look(lane, source.owner)
            gauge("shards.owned", len(self.owned))
            gauge("relay.lag_facts", self.relay.lag)
            gauge("lag.facts", sum(self.lag().values()))
            gauge("dead_letters.blocked_streams", sum(len(lane.blocked) for lane in self.lanes.values()))

    async def _take_fenced_again(self) -> None:
        """Take fenced shards over again, after a rest, while the group still assigns them to this process."""
        loop = asyncio.get_running_loop()
        fenced_since: dict[int, float] = {}
        while True:
            await asyncio.sleep(HINT_EVERY_S)
            for shard, lane in list(self.lanes.items()):
                if lane.status is not Status.FENCED or not self._subscription.owns(shard):
                    fenced_since.pop(shard, None)
                elif loop.time() - fenced_since.setdefault(shard, loop.time()) > FENCED_REST_S:
                    self._open(shard)
                    self._tasks.start(self._read([self.lanes[shard]]), f"read {shard}")

    async def _commit_hints(self) -> None:
        while True:
            await asyncio.sleep(HINT_EVERY_S)
            offsets = {
                (source, shard): cursor.offset + 1
                for shard, lane in self.lanes.items()
                for source, cursor in lane.cursors.items()
                if lane.status is Status.LIVE
            }
            if offsets:
                await self._subscription.commit(offsets)

    async def _announce_regularly(self) -> None:
        while True:
            await asyncio.sleep(ANNOUNCE_EVERY_S)
            self.relay.announce_again()

    # -- control messages ----------------------------------------------------------------------------------------

    def _note(self, shard: int, seq: int, cursors: Mapping[str, int]) -> None:
        self.progress.note(self.service.name, shard, seq, cursors)

    def _receive(self, message: ControlMessage) -> None:
        own = self.service.name
        match message:
            case ProgressReport(service=service, shard=shard, seq=seq, cursors=cursors):
                if service != own or not self.relay.publishes(shard):  # of its own shards this process knows better
                    self.progress.note(service, shard, seq, cursors)
            case RepublishRequest(service=service, shard=shard, from_seq=from_seq) if service == own:
                self.relay.republish(shard, from_seq)
            case AnnounceRequest() if self._announcing is None:
                self._announcing = asyncio.get_running_loop().call_later(ANNOUNCE_AFTER_S, self._announce)
            case _:
                pass

    def _announce(self) -> None:
        self._announcing = None
        self.relay.announce_again()

    # -- what others may know ------------------------------------------------------------------------------------

    def lag(self) -> dict[ServiceName, int]:
        """Events known to exist in each source and not yet applied here, over the shards owned."""
        return {
            source.owner: sum(self._lag(lane, source.owner) for lane in self.lanes.values()) for source in self.sources
        }

    def _lag(self, lane: ShardProcessor, source: ServiceName) -> int:
        cursor = lane.cursors.get(source)
        return max(0, self.progress.head_of(source, lane.shard) - cursor.seq) if cursor else 0

    def readiness(self) -> Readiness:
        """What keeps this process, or single shards of it, from working now."""
        shards = [
            ObservedShard(
                lane,
                assigned=self._subscription.owns(shard),
                lag={source.owner: self._lag(lane, source.owner) for source in self.sources},
            )
            for shard, lane in self.lanes.items()
        ]
        return self._watchdog.readiness(shards)
