"""The embedded servers survive what they are made for: SIGKILL, restarts, and an emptied disk."""

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from services.ops.embedded.kafka import Kafka
from services.ops.embedded.postgres import Postgres
from services.runtime.base.postgres import connect


async def create_topic(servers: str, name: str, partitions: int = 1) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    await admin.create_topics([NewTopic(name, partitions, 1)])
    await admin.close()


async def test_kafka_keeps_address_and_records_over_a_kill(empty_kafka: Kafka) -> None:
    await create_topic(empty_kafka.servers, "kept")
    producer = AIOKafkaProducer(bootstrap_servers=empty_kafka.servers)
    await producer.start()
    await producer.send_and_wait("kept", b"before")
    servers = empty_kafka.servers
    empty_kafka.kill()
    await empty_kafka.start()
    await producer.send_and_wait("kept", b"after")
    await producer.stop()
    consumer = AIOKafkaConsumer("kept", bootstrap_servers=servers, auto_offset_reset="earliest")
    await consumer.start()
    assert [(await consumer.getone()).value for _ in range(2)] == [b"before", b"after"]
    await consumer.stop()
    assert empty_kafka.servers == servers


async def test_a_wiped_kafka_starts_empty(empty_kafka: Kafka) -> None:
    await create_topic(empty_kafka.servers, "lost")
    await empty_kafka.wipe()
    admin = AIOKafkaAdminClient(bootstrap_servers=empty_kafka.servers)
    await admin.start()
    assert "lost" not in await admin.list_topics()
    await admin.close()


async def test_postgres_keeps_what_was_committed_over_a_kill(postgres: Postgres) -> None:
    url = await postgres.create_database("kill_me")
    before = await connect(url)
    await before.execute("CREATE TABLE kept AS SELECT 42 AS i")
    before.terminate()
    postgres.kill()
    await postgres.restart()
    after = await connect(url)
    assert await after.fetchval("SELECT i FROM kept") == 42
    assert await after.fetchval("SELECT current_setting('fsync') || current_setting('synchronous_commit')") == "onon"
    await after.close()


async def test_postgres_writes_no_values_into_its_log(postgres: Postgres) -> None:
    connection = await connect(postgres.url())
    await connection.execute("CREATE TEMP TABLE people (nik text PRIMARY KEY)")
    await connection.execute("INSERT INTO people VALUES ($1)", "3672011234567890")
    with pytest.raises(asyncpg.UniqueViolationError):
        await connection.execute("INSERT INTO people VALUES ($1)", "3672011234567890")
    await connection.close()
    assert "duplicate key" in (postgres.data / "postgres.log").read_text(encoding="utf-8")
    assert "3672011234567890" not in (postgres.data / "postgres.log").read_text(encoding="utf-8")
