"""Makes the topics that the catalogue names, and waits until each partition has a leader.

A fresh topic answers `NotLeaderForPartition` for a moment: whoever produces or consumes first sees errors.
"""

import asyncio
from contextlib import suppress

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError

from schemas.logs import CATALOGUE, CONTROL_TOPIC
from services.runtime.base.settings import Kafka

_HOUR_MS = 3_600_000
_CLOSE_S = 2


def _wanted(shards: int, replicas: int) -> list[NewTopic]:
    logs = [
        NewTopic(
            log.topic,
            shards,
            replicas,
            topic_configs={"retention.ms": str(log.retention_days * 24 * _HOUR_MS), "cleanup.policy": "delete"},
        )
        for log in CATALOGUE.values()
    ]
    control = NewTopic(CONTROL_TOPIC, shards, replicas, topic_configs={"retention.ms": str(_HOUR_MS)})
    return [*logs, control]


async def ensure_topics(kafka: Kafka, shards: int, *, patience_s: float = 20) -> None:
    """Create what is missing. Raises `KafkaError` when Kafka is away, `TimeoutError` when leaders do not come."""
    # All of it under one limit: a client whose broker dies and comes back without its data may wait for ever.
    async with asyncio.timeout(patience_s):
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka.servers, request_timeout_ms=10_000)
        try:
            await admin.start()
            wanted = _wanted(shards, kafka.replication_factor)
            await _create(admin, wanted)
            while not await _led(admin, [topic.name for topic in wanted], shards):
                await asyncio.sleep(0.1)
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(_CLOSE_S):
                    await admin.close()


async def _create(admin: AIOKafkaAdminClient, wanted: list[NewTopic]) -> None:
    there = set(await admin.list_topics())
    missing = [topic for topic in wanted if topic.name not in there]
    if missing:
        with suppress(TopicAlreadyExistsError):  # another service was quicker
            await admin.create_topics(missing)


async def _led(admin: AIOKafkaAdminClient, names: list[str], shards: int) -> bool:
    try:
        described = await admin.describe_topics(names)
    except KafkaError:
        return False
    return all(
        topic["error_code"] == 0
        and len(topic["partitions"]) >= shards
        and all(partition["error_code"] == 0 and partition["leader"] >= 0 for partition in topic["partitions"])
        for topic in described
    )
