"""A real Apache Kafka for tests: one broker per run, emptied of topics for each module that asks."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from services.ops.embedded.kafka import Kafka

_DROP_S = 60


@pytest.fixture(scope="session")
async def kafka() -> AsyncIterator[Kafka]:
    """The broker of this run. A test that kills or wipes it starts it again with `await kafka.start()`."""
    folder = Path(tempfile.mkdtemp(prefix="sekul-kafka-"))
    broker = Kafka(folder)
    try:
        await broker.start()
        yield broker
    finally:
        if broker.running:
            # not in order: its data are thrown away
            broker.kill()
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
async def empty_kafka(kafka: Kafka) -> Kafka:
    """The broker of this run, without any topic."""
    if not kafka.running:
        await kafka.start()
    await drop_topics(kafka.servers)
    return kafka


async def drop_topics(servers: str) -> None:
    """Delete all topics but Kafka's own, and wait until they are gone."""
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        async with asyncio.timeout(_DROP_S):
            while topics := [topic for topic in await admin.list_topics() if not topic.startswith("__")]:
                await admin.delete_topics(topics)
                await asyncio.sleep(0.05)
    finally:
        await admin.close()
