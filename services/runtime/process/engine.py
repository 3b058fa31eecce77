"""One process of a service: its shard processors, its relay, its place in the consumer group.

Promises that a shard is written by a processor only after it was taken over, and read by it from its cursor on; and
that no task of it ends unnoticed. Must not know which service it runs.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence

from schemas.logs import Log, ServiceName, sources_of
from services.runtime.base.backoff import Backoff
from services.runtime.base.clock import Clock
from services.runtime.base.errors import RetryLater
from services.runtime.base.postgres import Pool
from services.runtime.base.settings import RuntimeSettings
from services.runtime.base.telemetry import gauge, log
from services.runtime.contract import Service
from services.runtime.eventlog.control import AnnounceRequest, ControlMessage, ProgressReport, RepublishRequest
from services.runtime.eventlog.progress import Progress
from services.runtime.eventlog.relay import Relay
from services.runtime.eventlog.store import EventLog, Store
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
    """Runs a service over the shards that the group assigns to it; tests pass it logs and topics in memory."""

    def __init__(
        self,
        service: Service,
        settings: RuntimeSettings,
        pool: Pool,
        clock: Clock,
        *,
        store: Callable[[Pool, Log], Store] = EventLog,
        client: Callable[..., KafkaClient] = KafkaClient,
        subscription: Callable[..., Subscription] = Subscription,
    ) -> None:
        self.service = service
        self.sources = sources_of(service.log.owner)
        self.processors: dict[int, ShardProcessor] = {}
        self.progress = Progress(clock, settings.shards)
        self.shards = settings.shards
        self._settings = settings
        event_log = store(pool, service.log)
        self._client = client(settings.kafka, service.log, settings.shards, self._receive)
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
        self._subscription = subscription(
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
        await asyncio.gather(*(processor.close() for processor in self.processors.values()))
        await asyncio.gather(*(self.relay.drop(shard, drain_s=3) for shard in list(self.processors)))
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

    def processor(self, shard: int) -> ShardProcessor:
        """The processor of a shard. Raises `RetryLater` if this process does not own it."""
        processor = self.processors.get(shard)
        if processor is None:
            raise RetryLater("shard.elsewhere", f"shard {shard} is not served by this process now")
        return processor

    @property
    def owned(self) -> list[int]:
        """The shards that this process can write now."""
        return [shard for shard, processor in sorted(self.processors.items()) if processor.status is Status.LIVE]

    async def _assigned(self, shards: set[int]) -> None:
        for shard in sorted(set(self.processors) - shards):
            processor = self.processors.pop(shard)
            await processor.close()
            await self.relay.drop(shard, drain_s=1)
        for shard in shards:
            if shard not in self.processors or self.processors[shard].status.ended:
                self._open(shard)
        self._tasks.start(self._read([self.processors[shard] for shard in sorted(shards)]), "read")

    def _open(self, shard: int) -> None:
        processor = self.processors[shard] = ShardProcessor(shard, self._resources)
        self._tasks.hold(processor.start())

    async def _read(self, processors: Sequence[ShardProcessor]) -> None:
        """Read shards from their cursors on, together if they open soon.

        A request to Kafka that asks only for the shards that were quick would keep all others waiting for its answer.
        """
        opening = {asyncio.create_task(processor.opened()): processor for processor in processors}
        limit: float | None = OPEN_TOGETHER_S
        try:
            while opening:
                when = asyncio.ALL_COMPLETED if limit else asyncio.FIRST_COMPLETED
                done, _ = await asyncio.wait(opening, timeout=limit, return_when=when)
                for task in done:
                    processor = opening.pop(task)
                    if task.result():
                        offsets = {source: cursor.offset + 1 for source, cursor in processor.cursors.items()}
                        self._subscription.read_from(processor.shard, offsets)
                limit = None
        finally:
            for task in opening:
                task.cancel()

    def _deliver(self, shard: int, records: Sequence[RawRecord]) -> None:
        processor = self.processors.get(shard)
        if processor is None or processor.status is Status.OPENING or processor.status.ended:
            return
        processor.offer(records)
        for source in {raw.source for raw in records}:
            if processor.is_full(source):
                self._subscription.pause(shard, source)
                self._tasks.start(self._resume(processor, source), f"resume {shard} {source}")

    async def _resume(self, processor: ShardProcessor, source: str) -> None:
        await processor.drained(source)
        self._subscription.resume(processor.shard, source)

    # -- loops ---------------------------------------------------------------------------------------------------

    async def _close_gaps(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            for processor in list(self.processors.values()):
                for source in self.sources:
                    if processor.status is Status.LIVE and self._subscription.owns(processor.shard):
                        await self._gaps.look(processor, source.owner)
            gauge("shards.owned", len(self.owned))
            gauge("relay.lag_facts", self.relay.lag)
            gauge("lag.facts", sum(self.lag().values()))
            gauge("dead_letters.blocked_streams", sum(len(processor.blocked) for processor in self.processors.values()))

    async def _take_fenced_again(self) -> None:
        """Take fenced shards over again, after a rest, while the group still assigns them to this process."""
        loop = asyncio.get_running_loop()
        fenced_since: dict[int, float] = {}
        while True:
            await asyncio.sleep(HINT_EVERY_S)
            for shard, processor in list(self.processors.items()):
                if processor.status is not Status.FENCED or not self._subscription.owns(shard):
                    fenced_since.pop(shard, None)
                elif loop.time() - fenced_since.setdefault(shard, loop.time()) > FENCED_REST_S:
                    self._open(shard)
                    self._tasks.start(self._read([self.processors[shard]]), f"read {shard}")

    async def _commit_hints(self) -> None:
        while True:
            await asyncio.sleep(HINT_EVERY_S)
            offsets = {
                (source, shard): cursor.offset + 1
                for shard, processor in self.processors.items()
                for source, cursor in processor.cursors.items()
                if processor.status is Status.LIVE
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
            source.owner: sum(self._lag(processor, source.owner) for processor in self.processors.values())
            for source in self.sources
        }

    def _lag(self, processor: ShardProcessor, source: ServiceName) -> int:
        cursor = processor.cursors.get(source)
        return max(0, self.progress.head_of(source, processor.shard) - cursor.seq) if cursor else 0

    def readiness(self) -> Readiness:
        """What keeps this process, or single shards of it, from working now."""
        shards = [
            ObservedShard(
                processor,
                assigned=self._subscription.owns(shard),
                lag={source.owner: self._lag(processor, source.owner) for source in self.sources},
            )
            for shard, processor in self.processors.items()
        ]
        return self._watchdog.readiness(shards)
