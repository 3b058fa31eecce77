"""Subscribes with FastStream: batches of raw records, acknowledged by hand, handed on by partition.

The group only spreads shards over processes; the cursor in PostgreSQL is the truth and the fence decides. So a
rebalance closes nothing by itself, and offsets are committed as a hint for lag displays alone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaMessage

from schemas.logs import Log
from services.runtime.base.settings import Kafka
from services.runtime.base.telemetry import log
from services.runtime.shard.inbox import RawRecord

Deliver = Callable[[int, Sequence[RawRecord]], None]
Assigned = Callable[[set[int]], Awaitable[None]]

#: how long one poll waits for records; it ends as soon as there are any
POLL_MS = 1_000
#: how many records one poll takes: what is made of them is still in the processor's cache when they are handed on
POLL_RECORDS = 1_000
#: how long to wait after an error
RETRY_S = 0.2
#: how long closing a client that could not connect may take
CLOSE_S = 2
#: how long a hint may take
COMMIT_S = 3


class Subscription:
    """One process's membership in its service's consumer group."""

    def __init__(
        self,
        settings: Kafka,
        *,
        group: str,
        instance: str,
        sources: Sequence[Log],
        deliver: Deliver,
        assigned: Assigned,
    ) -> None:
        self._topics: Mapping[str, Log] = {log.topic: log for log in sources}
        self._deliver = deliver
        # A broker that lost everything assigns no shards while its topics are created again: look again soon.
        self._broker = KafkaBroker(
            settings.servers, consumer_only=True, apply_types=False, logger=None, metadata_max_age_ms=2_000
        )
        self._subscriber: Any = self._broker.subscriber(
            *self._topics,
            batch=True,
            group_id=group,
            group_instance_id=instance,
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=500,
            max_partition_fetch_bytes=2 * 1024 * 1024,
            session_timeout_ms=settings.session_timeout_ms,
            heartbeat_interval_ms=settings.session_timeout_ms // 4,
            partition_assignment_strategy=(RangePartitionAssignor,),
            listener=_Listener(self._settle(assigned)),
            parser=_as_it_is,
            decoder=_raw,
            no_reply=True,
        )
        self._subscriber.get_msg = _poll  # type: ignore[method-assign]
        self._subscriber(self._hand_on)

    async def start(self) -> None:
        """Join the group. Raises `KafkaError` or `OSError` while Kafka is away."""
        try:
            await self._broker.start()
        except BaseException:
            with suppress(KafkaError, OSError, TimeoutError):
                async with asyncio.timeout(CLOSE_S):
                    await self._broker.stop()
            raise

    async def stop(self) -> None:
        """Leave the group."""
        await self._broker.stop()

    async def _hand_on(self, records: Sequence[ConsumerRecord]) -> None:
        by_shard: dict[int, list[RawRecord]] = {}
        for record in records:
            raw = RawRecord(
                source=self._topics[record.topic].owner,
                offset=record.offset,
                key=record.key,
                value=record.value or b"",
                headers=record.headers,
            )
            by_shard.setdefault(record.partition, []).append(raw)
        for shard, raws in by_shard.items():
            self._deliver(shard, raws)

    def _settle(self, assigned: Assigned) -> Callable[[set[TopicPartition]], Awaitable[None]]:
        async def settle(partitions: set[TopicPartition]) -> None:
            # A partition is read once its shard is open, from the position that the shard has.
            self._consumer.pause(*partitions)
            topics_of: dict[int, int] = {}
            for partition in partitions:
                topics_of[partition.partition] = topics_of.get(partition.partition, 0) + 1
            await assigned({shard for shard, topics in topics_of.items() if topics == len(self._topics)})

        return settle

    @property
    def _consumer(self) -> AIOKafkaConsumer:
        return self._subscriber.consumer

    def _partitions(self, shard: int) -> list[TopicPartition]:
        mine = self._consumer.assignment() if self._consumer else set()
        return [p for p in (TopicPartition(topic, shard) for topic in self._topics) if p in mine]

    def owns(self, shard: int) -> bool:
        """Whether the group assigns this shard to this process, as far as it knows."""
        return len(self._partitions(shard)) == len(self._topics)

    def read_from(self, shard: int, offsets: Mapping[str, int]) -> None:
        """Begin to read a shard: each source from the offset given, or from the oldest record there is."""
        for partition in self._partitions(shard):
            self._seek(partition, offsets.get(self._topics[partition.topic].owner, 0))
        self._consumer.resume(*self._partitions(shard))

    def reread(self, shard: int, source: str, offset: int) -> None:
        """Read one source of a shard again from an offset; 0 means the oldest record there is."""
        for partition in self._of(shard, source):
            self._seek(partition, offset)

    def _seek(self, partition: TopicPartition, offset: int) -> None:
        """An offset that Kafka does not have becomes that of the oldest record (`auto_offset_reset`)."""
        try:
            self._consumer.seek(partition, offset)
        except IllegalStateError:
            log.info("consumer.not_assigned", partition=str(partition))

    def pause(self, shard: int, source: str) -> None:
        """Fetch nothing of a source of a shard for now: enough of it waits in memory."""
        self._consumer.pause(*self._of(shard, source))

    def resume(self, shard: int, source: str) -> None:
        """Fetch again."""
        self._consumer.resume(*self._of(shard, source))

    def _of(self, shard: int, source: str) -> list[TopicPartition]:
        return [p for p in self._partitions(shard) if self._topics[p.topic].owner == source]

    async def at_end(self, shard: int, source: str) -> bool:
        """Whether everything that Kafka holds of a source's shard has been fetched."""
        for partition in self._of(shard, source):
            end = self._consumer.highwater(partition)
            return end is not None and await self._consumer.position(partition) >= end
        return False

    async def commit(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """Store offsets as a hint for lag displays; a failure is of no consequence."""
        by_owner: dict[str, str] = {log.owner: log.topic for log in self._topics.values()}
        mine = self._consumer.assignment() if self._consumer else set()
        wanted = {TopicPartition(by_owner[source], shard): offset for (source, shard), offset in offsets.items()}
        try:
            # aiokafka tries for ever to commit for a topic that is gone
            async with asyncio.timeout(COMMIT_S):
                await self._consumer.commit({p: offset for p, offset in wanted.items() if p in mine})
        except (KafkaError, IllegalStateError, TimeoutError) as error:
            log.debug("consumer.hint_lost", error=type(error).__name__)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, settle: Callable[[set[TopicPartition]], Awaitable[None]]) -> None:
        self._settle = settle

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Nothing to do: the shards stay open until the fence or the next assignment closes them."""

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        await self._settle(assigned)


async def _poll(consumer: AIOKafkaConsumer) -> tuple[ConsumerRecord, ...]:
    """The next records, as soon as there are any.

    FastStream's own sleeps after each poll that finds none, and for five seconds after an error.
    """
    while True:
        try:
            if records := await consumer.getmany(timeout_ms=POLL_MS, max_records=POLL_RECORDS):
                return tuple(chain.from_iterable(records.values()))
        except KafkaError as error:
            log.warning("consumer.failed", error=f"{type(error).__name__}: {error}"[:200])
            await asyncio.sleep(RETRY_S)


async def _as_it_is(message: Any) -> KafkaMessage:
    """No header is decoded and no body copied: what is in a record is for the inbox to judge."""
    return KafkaMessage(body=b"", raw_message=message, consumer=None, headers={}, message_id="")  # type: ignore[arg-type]


async def _raw(message: KafkaMessage) -> Any:
    return message.raw_message
