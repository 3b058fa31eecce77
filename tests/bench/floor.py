"""The floor: what one stage can do at best, with no domain, no decoding, no chain; all shares are relative to it.

Read a batch of one partition, append it in one transaction (head row locked, COPY, head, cursor), publish it, wait for
all acknowledgements: 300-byte facts with four headers, one process.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from services.runtime.base.postgres import connect
from tests.bench.http import percentiles

BATCH = 4_000
BODY = b'{"kind":"worker.registered","worker":"wrk_%026d","city":"36.72","pad":"' + b"x" * 200 + b'"}'
AT = datetime(2026, 11, 24, tzinfo=UTC)
HEADERS = [("ce_id", b"gateway/0/1"), ("ce_type", b"sekul.worker.registered.v1"), ("ce_time", b"2026-11-24T00:00:00Z")]

TABLES = """
create schema if not exists floor;
drop table if exists floor.facts, floor.head, floor.cursors;
create table floor.facts (shard int, seq bigint, stream text, kind text, version smallint, at timestamptz, body bytea,
                          cause text, trace text, chain bytea, primary key (shard, seq));
create index on floor.facts (stream, shard, seq);
create table floor.head (shard int primary key, epoch bigint, seq bigint);
create table floor.cursors (shard int primary key, seq bigint);
insert into floor.head values (0, 1, 0);
insert into floor.cursors values (0, 0);
set search_path = floor;
"""


async def measure(servers: str, url: str, *, facts: int) -> dict[str, float]:
    """Facts a second of the floor, and whether the end state was right."""
    await _topics(servers)
    await _fill(servers, facts)
    connection = await connect(url)
    await connection.execute(TABLES)
    partition = TopicPartition("floor.in", 0)
    async with _clients(servers) as (consumer, producer):
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        done, begun, busy, batches = 0, time.perf_counter(), time.process_time(), list[float]()
        while done < facts:
            batch_begun = time.perf_counter()
            records = (await consumer.getmany(partition, max_records=BATCH, timeout_ms=1_000)).get(partition, [])
            rows = [
                (0, done + n, "wrk", "worker.registered", 1, AT, r.value, "", "", b"") for n, r in enumerate(records, 1)
            ]
            async with connection.transaction():
                await connection.execute("select seq from head where shard = 0 for update")
                await connection.copy_records_to_table("facts", records=rows)
                await connection.execute("update head set seq = $1 where shard = 0", done + len(rows))
                await connection.execute("update cursors set seq = $1 where shard = 0", done + len(rows))
            await _publish(producer, [r.value for r in records])
            done += len(records)
            batches.append(time.perf_counter() - batch_begun)
        seconds, busy = time.perf_counter() - begun, time.process_time() - busy
    stored = await connection.fetchval("select count(*) from facts")
    await connection.execute("drop schema floor cascade")
    await connection.close()
    return {
        "facts_per_s": round(facts / seconds),
        "facts": facts,
        **percentiles("batch", batches),
        "cpu_us_per_fact": round(busy / facts * 1e6, 1),
        "checked": stored == facts,
    }


async def _publish(producer: AIOKafkaProducer, values: list[bytes]) -> None:
    futures, batch = [], producer.create_batch()
    for value in values:
        if batch.append(key=b"wrk", value=value, timestamp=None, headers=HEADERS) is None:
            futures.append(await producer.send_batch(batch, "floor.out", partition=0))
            batch = producer.create_batch()
            batch.append(key=b"wrk", value=value, timestamp=None, headers=HEADERS)
    futures.append(await producer.send_batch(batch, "floor.out", partition=0))
    for future in futures:
        await future


async def _topics(servers: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        there = await admin.list_topics()
        await admin.create_topics([NewTopic(n, 1, 1) for n in ("floor.in", "floor.out") if n not in there])
    finally:
        await admin.close()


async def _fill(servers: str, facts: int) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=servers, max_batch_size=256 * 1024)
    await producer.start()
    try:
        batch = producer.create_batch()
        for number in range(facts):
            if batch.append(key=b"wrk", value=BODY % number, timestamp=None, headers=HEADERS) is None:
                await (await producer.send_batch(batch, "floor.in", partition=0))
                batch = producer.create_batch()
                batch.append(key=b"wrk", value=BODY % number, timestamp=None, headers=HEADERS)
        await (await producer.send_batch(batch, "floor.in", partition=0))
    finally:
        await producer.stop()


@asynccontextmanager
async def _clients(servers: str) -> AsyncIterator[tuple[AIOKafkaConsumer, AIOKafkaProducer]]:
    consumer = AIOKafkaConsumer(bootstrap_servers=servers, enable_auto_commit=False, max_partition_fetch_bytes=4 << 20)
    producer = AIOKafkaProducer(bootstrap_servers=servers, max_batch_size=256 * 1024, acks="all")
    await consumer.start()
    await producer.start()
    try:
        yield consumer, producer
    finally:
        await consumer.stop()
        await producer.stop()
