"""Two toy services on real Kafka and PostgreSQL: what the one writes, the other answers, once each and in order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.facts.matcher import PledgeRefused
from services.ops.embedded.kafka import Kafka
from services.runtime.clock import SystemClock
from services.runtime.engine import Engine
from services.runtime.log import EventLog
from services.runtime.postgres import open_pool
from services.runtime.service import Service
from services.runtime.settings import Settings
from tests.support import toys

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)


@asynccontextmanager
async def running(service: Service, settings: Settings) -> AsyncIterator[Engine]:
    """An engine for a service, ready."""
    async with open_pool(settings.database_url(service.log.owner), schema=service.name) as pool:
        engine = Engine(service, settings, pool, SystemClock())
        await engine.start()
        try:
            async with asyncio.timeout(30):
                while not engine.ready()[0]:
                    await asyncio.sleep(0.02)
            yield engine
        finally:
            await engine.stop()


async def answers(settings: Settings) -> list[str]:
    """The donors that the toy matcher has answered, in the order of its log."""
    async with open_pool(settings.database_url("matcher"), schema="matcher") as pool:
        log = EventLog(pool, toys.MATCHER)
        return [
            recorded.fact.donor or ""
            for recorded in await log.read(0, after=0, limit=100_000)
            if isinstance(recorded.fact, PledgeRefused)
        ]


@pytest.fixture
async def settings(empty_kafka: Kafka, postgres_url: str, tmp_path: Path) -> Settings:
    return toys.settings(empty_kafka.servers, postgres_url, tmp_path, shards=1)


async def test_each_fact_is_answered_once_and_in_order(settings: Settings) -> None:
    donors = [toys.donor(number, AT) for number in range(500)]
    async with running(toys.gateway(), settings) as gateway, running(toys.matcher(), settings):
        said = await asyncio.gather(*(gateway.lane(0).submit(toys.Register(at=AT, donor=donor)) for donor in donors))
        assert await gateway.progress.wait(said[-1].position, ["matcher"], reader="gateway", timeout=20)
    assert await answers(settings) == donors
