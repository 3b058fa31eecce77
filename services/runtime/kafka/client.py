"""A service's way to Kafka besides consuming: publishing facts, reading a topic's end, and the control topic.

Implements the relay's `Publisher`. The producer is not idempotent on purpose: readers skip by number, and a producer
without a broker-side identity survives a broker that lost everything.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from schemas.envelope import parse
from schemas.logs import CONTROL_TOPIC, Log
from services.runtime.base.errors import RetryLater
from services.runtime.base.settings import Kafka
from services.runtime.base.telemetry import count, log
from services.runtime.contract import Written
from services.runtime.eventlog.control import AnnounceRequest, ControlMessage, ProgressReport, decode, encode
from services.runtime.kafka.topics import ensure_topics

TAIL_RECORDS = 50
_ANSWER_S = 10.0
_SEND_S = 1.0


class KafkaClient:
    """One process's producer, inspector and control channel."""

    def __init__(self, settings: Kafka, own: Log, shards: int, receive: Callable[[ControlMessage], None]) -> None:
        self._settings = settings
        self._own = own
        self._shards = shards
        self._receive = receive
        self._producer: AIOKafkaProducer | None = None
        self._inspector: AIOKafkaConsumer | None = None
        self._inspecting = asyncio.Lock()
        self._ensuring: asyncio.Task[None] | None = None
        self._listener: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Make the topics and connect. Raises `KafkaError` while Kafka is away."""
        await ensure_topics(self._settings, self._shards)
        common = {"bootstrap_servers": self._settings.servers, "metadata_max_age_ms": 10_000}
        producer = AIOKafkaProducer(
            **common,
            acks="all",
            enable_idempotence=False,
            linger_ms=0,
            max_batch_size=self._settings.send_batch_bytes_max,
            max_request_size=4 * 1024 * 1024,
            request_timeout_ms=int(_ANSWER_S * 1000),
            retry_backoff_ms=100,
        )
        inspector = AIOKafkaConsumer(**common, group_id=None, enable_auto_commit=False, fetch_max_wait_ms=50)
        try:
            await producer.start()
            await inspector.start()
        except BaseException:
            await producer.stop()
            await inspector.stop()
            raise
        self._producer, self._inspector = producer, inspector
        self._listener = asyncio.create_task(self._listen(), name="control listener")

    async def stop(self) -> None:
        """Close all connections."""
        running = [task for task in (self._listener, self._ensuring) if task is not None]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for client in (self._producer, self._inspector):
            if client is not None:
                await client.stop()

    async def publish(self, shard: int, recorded: Sequence[Written]) -> None:
        """Send events to their partition in order, in few requests; returns when all are acknowledged."""
        producer = self._connected_producer()
        futures = []
        batch = producer.create_batch()
        for fact in recorded:
            args = {
                "key": fact.stream.encode(),
                "value": fact.body,
                "timestamp": None,
                "headers": fact.envelope.headers(),
            }
            if batch.append(**args) is None:
                futures.append(await self._send(batch, shard))
                batch = producer.create_batch()
                batch.append(**args)
        futures.append(await self._send(batch, shard))
        async with asyncio.timeout(3 * _ANSWER_S):
            for future in futures:
                await future

    async def _send(self, batch: object, shard: int) -> "asyncio.Future[object]":
        async with asyncio.timeout(_ANSWER_S):
            sent = self._connected_producer().send_batch(batch, self._own.topic, partition=shard)
            future: asyncio.Future[object] = await sent
        return future

    def _connected_producer(self) -> AIOKafkaProducer:
        if self._producer is None:
            raise RetryLater("kafka.away", "not connected to Kafka yet")
        return self._producer

    def _connected_inspector(self) -> AIOKafkaConsumer:
        if self._inspector is None:
            raise RetryLater("kafka.away", "not connected to Kafka yet")
        return self._inspector

    async def tail(self, shard: int) -> list[tuple[int, bytes]]:
        """Numbers and chains of the newest records of a partition; foreign records are left out."""
        await self._ensure_topics()
        inspector = self._connected_inspector()
        partition = TopicPartition(self._own.topic, shard)
        async with self._inspecting, asyncio.timeout(_ANSWER_S):
            first, end = await self._range(partition)
            found: list[tuple[int, bytes]] = []
            if first == end:
                return found
            inspector.assign([partition])
            inspector.seek(partition, max(first, end - TAIL_RECORDS))
            while await inspector.position(partition) < end:
                records = await inspector.getmany(partition, timeout_ms=200)
                for record in records.get(partition, []):
                    try:
                        envelope = parse(dict(record.headers))
                    except (ValueError, UnicodeDecodeError):
                        log.info("relay.foreign_record", shard=shard, offset=record.offset)
                    else:
                        found.append((envelope.seq, envelope.chain))
            return found

    async def _ensure_topics(self) -> None:
        """Create topics that are gone; shards that ask at the same time share one look."""
        if self._ensuring is None or self._ensuring.done():
            self._ensuring = asyncio.create_task(ensure_topics(self._settings, self._shards), name="ensure topics")
        await asyncio.shield(self._ensuring)

    async def _range(self, partition: TopicPartition) -> tuple[int, int]:
        inspector = self._connected_inspector()
        first = await inspector.beginning_offsets([partition])
        end = await inspector.end_offsets([partition])
        return first[partition], end[partition]

    async def ranges(self, shards: Sequence[int]) -> dict[int, tuple[int, int]]:
        """First and end offset of the own topic's partitions; creates topics again that are gone.

        A process that owns no shard must ask as well: a group assigns none while its topics are gone.
        """
        await self._ensure_topics()
        if not shards:
            return {}
        inspector = self._connected_inspector()
        partitions = [TopicPartition(self._own.topic, shard) for shard in shards]
        async with self._inspecting, asyncio.timeout(_ANSWER_S):
            first = await inspector.beginning_offsets(partitions)
            end = await inspector.end_offsets(partitions)
        return {p.partition: (first[p], end[p]) for p in partitions}

    async def announce(self, shard: int, seq: int, cursors: Mapping[str, int]) -> None:
        """Announce on the control topic how far this service has come with a shard."""
        await self.send(shard, ProgressReport(service=self._own.owner, shard=shard, seq=seq, cursors=cursors))

    async def send(self, shard: int, message: ControlMessage) -> None:
        """Put a message on the control topic; not waited for, and dropped if it cannot be queued soon."""
        if self._producer is None:
            return
        try:
            async with asyncio.timeout(_SEND_S):
                await self._producer.send(CONTROL_TOPIC, encode(message), partition=shard % self._shards)
        except TimeoutError:
            log.debug("control.unsent", shard=shard)

    def _take(self, value: bytes) -> None:
        message = decode(value, self._shards)
        if message is None:
            count("control.rejected")
        else:
            self._receive(message)

    async def _listen(self) -> None:
        while True:
            consumer = AIOKafkaConsumer(
                bootstrap_servers=self._settings.servers,
                group_id=None,
                auto_offset_reset="latest",
                enable_auto_commit=False,
                metadata_max_age_ms=10_000,
            )
            try:
                await consumer.start()
                consumer.assign([TopicPartition(CONTROL_TOPIC, shard) for shard in range(self._shards)])
                await consumer.seek_to_end()
                await self.send(0, AnnounceRequest())
                while True:
                    for records in (await consumer.getmany(timeout_ms=1_000)).values():
                        for record in records:
                            self._take(record.value or b"")
            except (KafkaError, OSError) as error:
                log.warning("control.away", error=type(error).__name__)
                await asyncio.sleep(1)
            finally:
                await consumer.stop()
