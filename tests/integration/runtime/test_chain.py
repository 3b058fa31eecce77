"""Two toy services on real Kafka and PostgreSQL: what the one writes, the other answers, once each and in order."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from schemas.envelope import GENESIS, Envelope, chain_hash, parse
from schemas.facts.common import DeadLetterRecorded, DeadLetterRedriven
from schemas.facts.gateway import DonorRegistered, RedriveRequested
from schemas.facts.matcher import PledgeRefused
from schemas.logs import GATEWAY, MATCHER, Log
from services.ops.embedded.kafka import Kafka
from services.ops.embedded.postgres import Postgres
from services.runtime.base.postgres import Connection
from services.runtime.contract import Command, Outcome, Service
from services.settings import Settings
from tests.integration.runtime.conftest import AT, answered, donors, logged, register, running, until
from tests.support import toys


async def echoes(settings: Settings) -> list[str | None]:
    """The donors that the toy matcher has answered, in the order of its log."""
    return [r.fact.donor for r in await logged(settings, MATCHER) if isinstance(r.fact, PledgeRefused)]


async def published(kafka: Kafka, log: Log) -> list[tuple[int, bytes]]:
    """What a topic holds: number and body, in the order of the partition."""
    partition = TopicPartition(log.topic, 0)
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.servers, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        end = (await consumer.end_offsets([partition]))[partition]
        found: list[tuple[int, bytes]] = []
        while await consumer.position(partition) < end:
            records = (await consumer.getmany(partition, timeout_ms=500)).get(partition, [])
            found.extend((parse(dict(record.headers)).seq, record.value) for record in records)
        return found
    finally:
        await consumer.stop()


async def put(kafka: Kafka, topic: str, value: bytes, headers: list[tuple[str, bytes]]) -> None:
    """Put a record on a topic behind everybody's back."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka.servers)
    await producer.start()
    try:
        await producer.send_and_wait(topic, value, key=b"don_x", partition=0, headers=headers)
    finally:
        await producer.stop()


async def test_each_fact_is_answered_once_and_in_order(settings: Settings) -> None:
    async with running(toys.gateway(), settings) as gateway, running(toys.matcher(), settings):
        assert await answered(gateway, await register(gateway, range(500)))
    assert await echoes(settings) == donors(range(500))


async def test_the_topic_is_exactly_the_log(settings: Settings, kafka: Kafka) -> None:
    async with running(toys.gateway(), settings) as gateway:
        await register(gateway, range(300))
        await until(lambda: gateway.relay.lag == 0)
    log = [(r.seq, r.body) for r in await logged(settings, GATEWAY)]
    assert await published(kafka, GATEWAY) == log


async def test_numbers_have_no_gap_and_hashes_are_chained(settings: Settings) -> None:
    async with running(toys.gateway(), settings) as gateway:
        await register(gateway, range(200))
    chain = GENESIS
    for number, fact in enumerate(await logged(settings, GATEWAY), 1):
        chain = chain_hash(chain, fact.envelope, fact.body)
        assert (fact.seq, fact.chain) == (number, chain)


class Watch:
    """Counts commits."""

    commits = 0

    def committed(self, _shard: int, _recorded: object, _received: object) -> None:
        self.commits += 1


async def test_concurrent_commands_share_commits(settings: Settings) -> None:
    async with running(toys.gateway(), settings) as gateway:
        processor = gateway.processor(0)
        before = processor.head.seq
        watch = Watch()
        processor.service = replace(processor.service, listeners=(watch,))
        await register(gateway, range(400))
        assert processor.head.seq - before == 400
        assert watch.commits < 40


async def test_a_restart_goes_on_where_it_stopped(settings: Settings) -> None:
    async with running(toys.gateway(), settings) as gateway:
        async with running(toys.matcher(), settings):
            assert await answered(gateway, await register(gateway, range(50)))
        position = await register(gateway, range(50, 100))
        async with running(toys.matcher(), settings):
            assert await answered(gateway, position)
    assert await echoes(settings) == donors(range(100))


async def test_a_wiped_broker_is_filled_again_from_the_logs(settings: Settings, kafka: Kafka) -> None:
    async with running(toys.gateway(), settings) as gateway, running(toys.matcher(), settings):
        assert await answered(gateway, await register(gateway, range(100)))
        await kafka.wipe()
        position = await register(gateway, range(100, 150))
        assert await answered(gateway, position, timeout=60)
        await until(lambda: gateway.relay.lag == 0)
        expected = [(r.seq, r.body) for r in await logged(settings, GATEWAY)]
        async with asyncio.timeout(30):
            while sorted(set(await published(kafka, GATEWAY))) != expected:
                await asyncio.sleep(0.2)
    assert await echoes(settings) == donors(range(150))


async def test_a_killed_broker_loses_nothing(settings: Settings, kafka: Kafka) -> None:
    async with running(toys.gateway(), settings) as gateway, running(toys.matcher(), settings):
        await register(gateway, range(100))
        kafka.kill()
        await register(gateway, range(100, 200))
        await kafka.start()
        assert await answered(gateway, await register(gateway, range(200, 300)), timeout=60)
    assert await echoes(settings) == donors(range(300))


async def test_a_record_from_beyond_a_hole_is_not_applied(settings: Settings, kafka: Kafka) -> None:
    async with running(toys.gateway(), settings) as gateway, running(toys.matcher(), settings) as matcher:
        assert await answered(gateway, await register(gateway, range(10)))
        body = GATEWAY.codec.encode(DonorRegistered(donor=toys.donor(99, AT), donor_kind="person", language="id"))
        await put(kafka, GATEWAY.topic, body, foreign(seq=matcher.processor(0).cursors["gateway"].seq + 7).headers())
        assert await answered(gateway, await register(gateway, range(10, 30)))
    assert await echoes(settings) == donors(range(30))


async def test_a_forged_next_record_does_not_take_the_place_of_the_real_one(settings: Settings, kafka: Kafka) -> None:
    async with running(toys.gateway(), settings) as gateway, running(toys.matcher(), settings) as matcher:
        assert await answered(gateway, await register(gateway, range(10)))
        await put(kafka, GATEWAY.topic, b"{}", foreign(seq=matcher.processor(0).cursors["gateway"].seq + 1).headers())
        await until(lambda: matcher.processor(0).head.seq > 10)
        assert await answered(gateway, await register(gateway, range(10, 20)))
    assert await echoes(settings) == donors(range(20))
    died = [r.fact.code for r in await logged(settings, MATCHER) if isinstance(r.fact, DeadLetterRecorded)]
    assert died == ["chain.broken"]


@pytest.mark.parametrize("headers", [[], [("ce_source", b"\xff\xfe")], [("ce_source", b"/sekul/gateway/0")]])
async def test_rubbish_on_a_topic_is_set_aside_and_seen(
    settings: Settings, kafka: Kafka, headers: list[tuple[str, bytes]]
) -> None:
    async with running(toys.gateway(), settings) as gateway, running(toys.matcher(), settings) as matcher:
        await put(kafka, GATEWAY.topic, bytes(range(200, 250)), headers)
        await until(lambda: matcher.processor(0).head.seq == 1)
        assert await answered(gateway, await register(gateway, range(5)))
    assert await echoes(settings) == donors(range(5))


def foreign(*, seq: int) -> Envelope:
    """An envelope that nobody of the log has made."""
    return Envelope(
        service="gateway",
        shard=0,
        seq=seq,
        stream="don_x",
        kind="donor.registered",
        version=1,
        at=AT,
        actor="operator/key",
        cause="command",
        trace="",
        chain=bytes(32),
    )


async def test_what_is_missing_in_the_middle_of_a_topic_is_published_again(settings: Settings, kafka: Kafka) -> None:
    async with running(toys.gateway(), settings) as gateway:
        await register(gateway, range(20))
        await until(lambda: gateway.relay.lag == 0)
        await cut_off(kafka, GATEWAY.topic, before=10)
        async with running(toys.matcher(), settings):
            assert await answered(gateway, await register(gateway, range(20, 30)))
    assert await echoes(settings) == donors(range(30))


async def cut_off(kafka: Kafka, topic: str, *, before: int) -> None:
    """Delete the records of a topic before an offset, as retention would."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.servers)
    await admin.start()
    try:
        await admin.delete_records({TopicPartition(topic, 0): RecordsToDelete(before_offset=before)})
    finally:
        await admin.close()


async def test_a_dead_letter_blocks_its_own_stream_alone(settings: Settings) -> None:
    poisoned = toys.donor(3, AT)
    decider = toys.Echo(lambda received: received.stream == poisoned)
    async with running(toys.gateway(), settings) as gateway, running(toys.matcher(decider), settings):
        assert await answered(gateway, await register(gateway, range(8)))
        assert await answered(gateway, await register(gateway, range(3, 5)))
    expected = [donor for donor in donors(range(8)) if donor != poisoned] + donors(range(4, 5))
    assert await echoes(settings) == expected


async def test_a_redrive_decides_the_dead_letters_of_a_stream_in_their_order(settings: Settings) -> None:
    poisoned, sick = toys.donor(3, AT), [True]
    decider = toys.Echo(lambda received: sick[0] and received.stream == poisoned)
    async with running(with_redrive(), settings) as gateway, running(toys.matcher(decider), settings) as matcher:
        await register(gateway, range(8))
        assert await answered(gateway, await register(gateway, range(3, 4)))
        sick[0] = False
        redrive = await gateway.processor(0).submit(Redrive(at=AT, about=poisoned))
        assert await answered(gateway, redrive.position)
        await until(lambda: not matcher.processor(0).blocked)
    found = await echoes(settings)
    assert found[-2:] == [poisoned, poisoned]
    assert sorted(map(str, found)) == sorted([*donors(range(8)), poisoned])
    redriven = [r.fact.source_seq for r in await logged(settings, MATCHER) if isinstance(r.fact, DeadLetterRedriven)]
    assert redriven == [4, 9]


@dataclass(frozen=True, kw_only=True)
class Redrive(Command):
    """Ask for a redrive."""

    about: str

    @property
    def made_by(self) -> str:
        """An operator."""
        return "operator/key"


class RedriveHandler(toys.RegisterHandler):
    """Registers donors, and requests redrives."""

    async def handle(
        self, tx: Connection, shard: int, state: toys.Tally, commands: Sequence[Command]
    ) -> Sequence[Outcome | Exception]:
        """One fact per command."""
        outcomes: list[Outcome | Exception] = []
        for command in commands:
            if isinstance(command, Redrive):
                outcomes.append(Outcome([RedriveRequested(about=command.about, service="matcher")], None))
            else:
                outcomes.extend(await super().handle(tx, shard, state, [command]))
        return outcomes


def with_redrive() -> Service:
    """A toy gateway that can also ask the matcher for a redrive."""
    return replace(toys.gateway(), handler=RedriveHandler())


async def test_a_killed_database_loses_nothing(settings: Settings, postgres: Postgres) -> None:
    async with running(toys.gateway(), settings) as gateway, running(toys.matcher(), settings):
        assert await answered(gateway, await register(gateway, range(20)))
        postgres.kill()
        await asyncio.sleep(0.3)
        await postgres.restart()
        await until(lambda: gateway.processor(0).status == "live")
        assert await answered(gateway, await register(gateway, range(20, 40)), timeout=60)
    assert await echoes(settings) == donors(range(40))


async def test_a_database_killed_while_batches_overlap_loses_nothing(settings: Settings, postgres: Postgres) -> None:
    many = range(12_000)
    async with running(toys.gateway(), settings) as gateway:
        position = await register(gateway, many)
        slow = settings.model_copy(update={"loop": settings.loop.model_copy(update={"batch_facts_max": 300})})
        async with running(toys.matcher(), slow) as matcher:
            await until(lambda: matcher.processor(0).head.seq > 2_000)
            postgres.kill()
            await postgres.restart()
            assert await answered(gateway, position, timeout=60)
    assert await echoes(settings) == donors(many)
