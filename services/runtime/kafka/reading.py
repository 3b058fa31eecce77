"""Reads topics from their first record to their present end, outside any group: for proofs, not for services.

Must not commit anything or wait for records that are not there yet.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.runtime.base.errors import RetryLater
from services.runtime.base.settings import Kafka

_POLL_MS = 500
#: half a minute without a record that is known to be there
_EMPTY_POLLS_MAX = 60
_STOP_S = 5


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it lies on its topic."""

    offset: int
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


class Reader:
    """Reads one partition after another."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer

    async def first(self, topic: str, partition: int) -> int:
        """The offset of the oldest record that Kafka still has."""
        place = TopicPartition(topic, partition)
        return int((await self._consumer.beginning_offsets([place]))[place])

    async def read(self, topic: str, partition: int, *, offset: int = 0) -> AsyncIterator[Sequence[Record]]:
        """All records of a partition from an offset on, in chunks, up to where it ends now."""
        place = TopicPartition(topic, partition)
        begin = max((await self._consumer.beginning_offsets([place]))[place], offset)
        end = (await self._consumer.end_offsets([place]))[place]
        if begin >= end:
            # aiokafka cannot be stopped while it takes an assignment up: each is given time to read something
            return
        self._consumer.assign([place])
        self._consumer.seek(place, begin)
        empty = 0
        while await self._consumer.position(place) < end:
            found = await self._consumer.getmany(place, timeout_ms=_POLL_MS)
            empty = 0 if found else empty + 1
            if empty > _EMPTY_POLLS_MAX:
                raise RetryLater("kafka.stalled", f"{topic}/{partition} ends at {end}, but Kafka sends no record")
            if records := found.get(place):
                yield [Record(r.offset, r.key, r.value or b"", tuple(r.headers)) for r in records if r.offset < end]


@asynccontextmanager
async def reader(settings: Kafka) -> AsyncIterator[Reader]:
    """A reader of all topics. Raises `KafkaError` while Kafka is away, `RetryLater` when it sends nothing."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.servers,
        group_id=None,
        enable_auto_commit=False,
        fetch_max_wait_ms=20,
        retry_backoff_ms=20,
        max_partition_fetch_bytes=4 * 1024 * 1024,
        request_timeout_ms=10_000,
    )
    try:
        await consumer.start()
        yield Reader(consumer)
    finally:
        with suppress(TimeoutError):
            async with asyncio.timeout(_STOP_S):
                await consumer.stop()
