"""Makes the topics that the catalogue names, and waits until each partition has a leader.

A fresh topic answers `NotLeaderForPartition` for a moment, to the first producers and consumers.
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
    logs = [_topic(log.topic, shards, replicas, log.retention_days * 24 * _HOUR_MS) for log in CATALOGUE.values()]
    return [*logs, _topic(CONTROL_TOPIC, shards, replicas, _HOUR_MS)]


def _topic(name: str, shards: int, replicas: int, retention_ms: int) -> NewTopic:
    """Records carry the broker's time: it refuses those of a producer whose clock is far ahead of its own."""
    configs = {
        "retention.ms": str(retention_ms),
        "cleanup.policy": "delete",
        "message.timestamp.type": "LogAppendTime",
    }
    return NewTopic(name, shards, replicas, topic_configs=configs)


async def ensure_topics(kafka: Kafka, shards: int, *, patience_s: float = 20) -> None:
    """Create what is missing. Raises `KafkaError` if Kafka is away, `TimeoutError` if a partition gets no leader."""
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
