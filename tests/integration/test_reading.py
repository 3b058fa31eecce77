"""Reading topics to their end, as `sekul verify` does: it ends, whatever is on them."""

import asyncio

from services.ops.embedded.kafka import Kafka
from services.runtime.base.settings import Kafka as KafkaSettings
from services.runtime.kafka.reading import reader
from tests.integration.test_embedded import create_topic

PARTITIONS = 16


async def test_reading_topics_without_any_record_ends(empty_kafka: Kafka) -> None:
    await create_topic(empty_kafka.servers, "empty", PARTITIONS)

    async def read() -> list[object]:
        async with reader(KafkaSettings(servers=empty_kafka.servers)) as topics:
            return [chunk for number in range(PARTITIONS) async for chunk in topics.read("empty", number)]

    reading = asyncio.create_task(read())
    # not by `timeout`: aiokafka swallows a cancellation while it stops
    await asyncio.wait([reading], timeout=30)
    assert reading.done()
    assert reading.result() == []
