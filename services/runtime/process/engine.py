"""One process of a service: its lanes, its relay, its place in the consumer group.

Promises that a shard is written by a lane only after it was taken over, and read by it from its cursor on. Must not
know which service it runs.
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
from services.runtime.shard.inbox import RawRecord
from services.runtime.shard.processor import ShardProcessor
from services.runtime.shard.resources import ProcessResources

LOOK_EVERY_S = 0.25
REPEAT_EVERY_S = 5.0
#: how long a fenced lane waits before it takes a shard again that the group still gives to it
FENCED_REST_S = 5.0
#: how soon a request for announcements is answered; all that come until then share the answer
ANNOUNCE_AFTER_S = 0.1
#: how long a client of Kafka may take to close; one that has lost its broker before may wait for ever
LET_GO_S = 2.0


class Engine:
    """Runs a service's lanes over the shards that the group assigns to this process."""

    def __init__(self, service: Service, settings: Settings, pool: Pool, clock: Clock) -> None:
        self.service = service
        self.sources = sources_of(service.log.owner)
        self.lanes: dict[int, ShardProcessor] = {}
        self.progress = Progress(clock, settings.shards)
        self.shards = settings.shards
        self._settings = settings
        self._log = EventLog(pool, service.log)
        self._link = KafkaClient(settings.kafka, service.log, settings.shards, self._receive)
        self.relay = Relay(self._log, self._link, settings.loop, self._note)
        instance = settings.instance or socket.gethostname()
        self._around = ProcessResources(
            service=service,
            sources=self.sources,
            store=self._log,
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
        self._gaps = Gaps(self._subscription, self._link, self.progress)
        self._tasks: list[asyncio.Task[None]] = []
        self._connected = False
        self._announcing: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Connect to Kafka and join the group; waits with back-off while Kafka is away."""
        backoff = Backoff(0.2, 5.0)
        await self._until_it_works(self._link.start, backoff)
        await self._until_it_works(self._subscription.start, backoff)
        self._connected = True
        for loop in (self._look_after_gaps, self._audit, self._hints):
            self._tasks.append(asyncio.create_task(loop(), name=loop.__name__))

    async def _until_it_works(self, connect: object, backoff: Backoff) -> None:
        while True:
            try:
                await connect()  # type: ignore[operator]
            except AWAY as error:
                log.warning(
                    "kafka.away", servers=self._settings.kafka.servers, error=f"{type(error).__name__}: {error}"
                )
                await backoff.wait()
            else:
                return

    async def stop(self) -> None:
        """Finish what is in hand, publish it, leave the group."""
        self.progress.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*(lane.close() for lane in self.lanes.values()))
        await asyncio.gather(*(self.relay.drop(shard, drain_s=3) for shard in list(self.lanes)))
        if self._connected:
            await self._let_go_of_kafka(self._subscription.stop)
        await self._let_go_of_kafka(self._link.stop)

    async def _let_go_of_kafka(self, stop: Callable[[], Awaitable[None]]) -> None:
        try:
            async with asyncio.timeout(LET_GO_S):
                await stop()
        except TimeoutError:
            log.info("kafka.left_open", service=self.service.name)

    # -- shards --------------------------------------------------------------------------------------------------

    def lane(self, shard: int) -> ShardProcessor:
        """The lane of a shard. Raises `RetryLater` when this process does not own it."""
        lane = self.lanes.get(shard)
        if lane is None:
            raise RetryLater("shard.elsewhere", f"shard {shard} is not served by this process now")
        return lane

    @property
    def owned(self) -> list[int]:
        """The shards whose lanes are live here."""
        return [shard for shard, lane in sorted(self.lanes.items()) if lane.status == "live"]

    async def _assigned(self, shards: set[int]) -> None:
        for shard in sorted(set(self.lanes) - shards):
            await self._let_go(shard)
        for shard in sorted(shards):
            lane = self.lanes.get(shard)
            if lane is None or lane.status in ("fenced", "closed"):
                self._open(shard)
            else:
                self._tasks.append(asyncio.create_task(self._read_on(lane)))

    async def _let_go(self, shard: int) -> None:
        lane = self.lanes.pop(shard)
        await lane.close()
        await self.relay.drop(shard, drain_s=1)

    def _open(self, shard: int) -> None:
        lane = ShardProcessor(shard, self._around)
        self.lanes[shard] = lane
        lane.start()
        self._tasks.append(asyncio.create_task(self._read_on(lane)))

    async def _read_on(self, lane: ShardProcessor) -> None:
        if await lane.opened():
            offsets = {source: cursor.offset + 1 for source, cursor in lane.cursors.items()}
            self._subscription.read_from(lane.shard, offsets)

    def _deliver(self, shard: int, records: Sequence[RawRecord]) -> None:
        lane = self.lanes.get(shard)
        if lane is None or lane.status in ("opening", "fenced", "closed"):
            return
        lane.offer(records)
        for source in {raw.source for raw in records}:
            if lane.is_full(source):
                self._subscription.pause(shard, source)
                self._tasks.append(asyncio.create_task(self._resume_later(lane, source)))

    async def _resume_later(self, lane: ShardProcessor, source: str) -> None:
        await lane.drained(source)
        self._subscription.resume(lane.shard, source)

    # -- loops ---------------------------------------------------------------------------------------------------

    async def _look_after_gaps(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self._tasks = [task for task in self._tasks if not task.done()]
            for lane in list(self.lanes.values()):
                for source in self.sources:
                    if lane.status == "live" and self._subscription.owns(lane.shard):
                        await self._gaps.look(lane, source.owner)
            gauge("shards.owned", len(self.owned))
            gauge("relay.lag_facts", self.relay.lag)
            gauge("lag.facts", sum(self.lag().values()))
            gauge("letters.blocked_streams", sum(len(lane.blocked) for lane in self.lanes.values()))

    async def _audit(self) -> None:
        fenced_since: dict[int, float] = {}
        clock = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._settings.loop.audit_every_s)
            published = self.relay.published()
            try:
                ranges = await self._link.ranges(list(published))
            except AWAY as error:
                log.info("audit.kafka_away", error=type(error).__name__)
                continue
            for shard, (first, end) in ranges.items():
                if first == 0 and end < published[shard]:
                    log.warning("relay.topic_lost", shard=shard, had=published[shard], has=end)
                    self.relay.republish_all(shard)
            for shard, lane in list(self.lanes.items()):
                if lane.status != "fenced" or not self._subscription.owns(shard):
                    fenced_since.pop(shard, None)
                elif clock.time() - fenced_since.setdefault(shard, clock.time()) > FENCED_REST_S:
                    self._open(shard)

    async def _hints(self) -> None:
        rounds = 0
        while True:
            await asyncio.sleep(1)
            rounds += 1
            offsets = {
                (source, shard): cursor.offset + 1
                for shard, lane in self.lanes.items()
                for source, cursor in lane.cursors.items()
                if lane.status == "live"
            }
            if offsets:
                await self._subscription.commit(offsets)
            if rounds % int(REPEAT_EVERY_S) == 0:
                self.relay.announce_again()

    def _note(self, shard: int, seq: int, cursors: Mapping[str, int]) -> None:
        self.progress.note(self.service.log.owner, shard, seq, cursors)

    def _receive(self, message: ControlMessage) -> None:
        own = self.service.log.owner
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
        """Facts known to exist in each source and not yet applied here, over the shards owned."""
        return {
            source.owner: sum(
                max(0, self.progress.head_of(source.owner, shard) - lane.cursors[source.owner].seq)
                for shard, lane in self.lanes.items()
                if source.owner in lane.cursors
            )
            for source in self.sources
        }

    def ready(self) -> tuple[bool, str]:
        """Whether this process owns shards, all of them live; and if not, why."""
        if not self._connected:
            return False, "waiting for Kafka"
        if not self.lanes:
            return False, "no shard is assigned to this process"
        waiting = [f"{shard}: {lane.status}" for shard, lane in sorted(self.lanes.items()) if lane.status != "live"]
        return not waiting, ", ".join(waiting)
