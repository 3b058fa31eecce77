"""The notifier as it runs: facts arrive over real Kafka, notices are sent, and interruptions change nothing."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from standardwebhooks import Webhook as Judge

from schemas.base import Fact
from schemas.facts.notifier import NoticesSent
from schemas.logs import MATCHER, NOTIFIER
from services.context import Context
from services.notifier import app
from services.ops.embedded.kafka import Kafka
from services.ops.embedded.postgres import Postgres
from services.runtime.base.clock import SystemClock
from services.runtime.base.postgres import Connection, open_pool
from services.runtime.contract import Command, Outcome, Service
from services.runtime.eventlog.store import EventLog
from services.runtime.process.engine import Engine
from services.runtime.vault import Vault
from services.settings import Notices, Settings
from tests.support import toys
from tests.support.kafka import drop_topics
from tests.support.notices import AT, an_id, match_made, pledge_matched, pledge_opened, requested
from tests.support.notifier_shards import SECRET
from tests.support.postgres import fresh_database
from tests.support.receiver import Receiver

DONOR = an_id("don")
# The notifier runs by the true clock here, so the facts must lie in the past.
PAST = AT - timedelta(days=60)


@dataclass(frozen=True, kw_only=True)
class Say(Command):
    """Facts that the toy matcher is to record."""

    facts: tuple[Fact, ...]

    @property
    def made_by(self) -> str:
        """The matcher itself."""
        return "service/matcher"


class SayHandler:
    """Records the facts of its command."""

    async def handle(
        self, tx: Connection, shard: int, state: toys.Tally, commands: Sequence[Command]
    ) -> Sequence[Outcome | Exception]:
        """One outcome per command."""
        return [Outcome(command.facts, None) for command in commands if isinstance(command, Say)]


@asynccontextmanager
async def matcher(settings: Settings) -> AsyncIterator[Engine]:
    """A matcher that records the facts of its commands."""
    async with open_pool(settings.database_url("matcher"), schema="matcher") as pool:
        engine = Engine(Service(MATCHER, toys.Counter(), toys.Nothing(), SayHandler()), settings, pool, SystemClock())
        await engine.start()
        try:
            await until_ready(engine)
            yield engine
        finally:
            await engine.stop()


@asynccontextmanager
async def notifier(settings: Settings) -> AsyncIterator[Engine]:
    """The notifier, wired as in production, with its sender."""
    async with open_pool(settings.database_url("notifier"), schema="notifier") as pool:
        engine = Engine(app.service(settings), settings, pool, SystemClock())
        context = Context(settings, pool, engine, SystemClock())
        await engine.start()
        loops = [asyncio.ensure_future(loop()) for loop in app.background(context)]
        try:
            await until_ready(engine)
            yield engine
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            await engine.stop()


async def until_ready(engine: Engine) -> None:
    async with asyncio.timeout(40):
        while not engine.readiness().ready:
            await asyncio.sleep(0.02)


async def say(engine: Engine, *facts: Fact) -> None:
    await engine.processor(0).submit(Say(at=PAST, facts=facts))


async def logged(settings: Settings) -> list[Fact]:
    """The notifier's log."""
    async with open_pool(settings.database_url("notifier"), schema="notifier") as pool:
        return [one.fact async for chunk in EventLog(pool, NOTIFIER).fold(0) for one in chunk]


def sendings(facts: list[Fact]) -> Counter[tuple[object, ...]]:
    """How often each notice went out by each channel."""
    return Counter(
        (some.of, line, fact.channel, fact.webhook)
        for fact in facts
        if isinstance(fact, NoticesSent)
        for some in fact.notices
        for line in some.lines
    )


async def all_sent(settings: Settings, notices: int) -> None:
    """Wait until so many notices are on record and none is owed any more."""
    query = "SELECT count(*) = $1 AND NOT EXISTS (SELECT FROM owed) FROM notices WHERE state = 'sent'"
    async with open_pool(settings.database_url("notifier"), schema="notifier") as pool, asyncio.timeout(40):
        while not await pool.fetchval(query, notices):
            await asyncio.sleep(0.05)


@pytest.fixture
async def settings(kafka: Kafka, postgres: Postgres, tmp_path: Path, there: Receiver) -> Settings:
    """One shard, no topic, a fresh database with a donor whose system listens."""
    if not kafka.running:
        await kafka.start()
    await drop_topics(kafka.servers)
    made = toys.settings(kafka.servers, await fresh_database(postgres), tmp_path, shards=1)
    record = {"name": "PT Baja", "webhooks": [{"id": an_id("whk"), "url": there.url(), "secret": SECRET}]}
    vault = Vault(made.keys)
    async with open_pool(made.database_url("gateway"), schema="gateway") as pool, pool.acquire() as tx:
        await vault.store(tx, vault.seal([(DONOR, record)]))
    awake = Notices(webhook_private_addresses=True, quiet_from_hour=0, quiet_until_hour=0)
    return made.model_copy(update={"notices": awake})


async def test_each_fact_of_the_matcher_leads_to_one_notice(settings: Settings, there: Receiver) -> None:
    async with matcher(settings) as speaker, notifier(settings):
        await say(speaker, pledge_opened(), *(match_made(n, worker=n) for n in range(200)))
        await all_sent(settings, 201)
    facts = await logged(settings)
    keys = [notice.key for notice in requested(facts)]
    assert len(keys) == len(set(keys)) == 201
    assert set(sendings(facts).values()) == {1}
    (call,) = there.calls
    assert Judge(SECRET).verify(call.body, call.headers)["type"] == "pledge.accepted"


async def test_stops_in_the_middle_lose_and_repeat_nothing(settings: Settings, there: Receiver) -> None:
    async with matcher(settings) as speaker:
        for turn in range(4):
            batch = [match_made(turn * 100 + n, worker=n) for n in range(100)]
            async with notifier(settings):
                await say(speaker, *batch, *(pledge_matched(n, number=turn) for n in range(10)))
                await asyncio.sleep(0.05 * turn)
        async with notifier(settings):
            await all_sent(settings, 440)
    assert set(sendings(await logged(settings)).values()) == {1}
    assert len(there.calls) == len({call.headers["webhook-id"] for call in there.calls}) == 40


async def test_a_rebuild_from_the_log_yields_the_same_tables(settings: Settings) -> None:
    async with matcher(settings) as speaker, notifier(settings):
        await say(speaker, pledge_opened(), *(match_made(n, worker=n) for n in range(50)))
        await all_sent(settings, 51)
    projector = app.service(settings).projector
    async with open_pool(settings.database_url("notifier"), schema="notifier") as pool, pool.acquire() as tx:
        live = [await tx.fetch(f"SELECT t::text FROM {table} AS t ORDER BY 1") for table in projector.tables]
        for table in projector.tables:
            await tx.execute(f"DELETE FROM {table}")
        async for chunk in EventLog(pool, NOTIFIER).fold(0):
            await projector.project(tx, chunk)
        again = [await tx.fetch(f"SELECT t::text FROM {table} AS t ORDER BY 1") for table in projector.tables]
    assert again == live


async def test_a_restart_without_a_snapshot_folds_the_same_state(settings: Settings) -> None:
    facts = (pledge_matched(1), pledge_matched(2), pledge_matched(1))
    async with matcher(settings) as speaker, notifier(settings) as first:
        await say(speaker, *facts)
        await all_sent(settings, 3)
        before = replace(first.processor(0).state)
    async with notifier(settings) as second:
        assert second.processor(0).state == before
