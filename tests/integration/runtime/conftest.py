"""Running toy services and looking at what they left."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.logs import Log
from services.ops.embedded.kafka import Kafka
from services.ops.embedded.postgres import Postgres
from services.runtime.base.clock import SystemClock
from services.runtime.base.postgres import open_pool
from services.runtime.contract import Recorded, Service
from services.runtime.eventlog.store import EventLog
from services.runtime.process.engine import Engine
from services.settings import Settings
from tests.support import toys
from tests.support.kafka import drop_topics
from tests.support.postgres import fresh_database

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)


@asynccontextmanager
async def running(service: Service, settings: Settings) -> AsyncIterator[Engine]:
    """An engine for a service, ready."""
    async with open_pool(settings.database_url(service.log.owner), schema=service.name) as pool:
        engine = Engine(service, settings, pool, SystemClock())
        await engine.start()
        try:
            await until(lambda: engine.readiness().ready)
            yield engine
        finally:
            await engine.stop()


async def until(holds: Callable[[], bool], *, timeout: float = 40) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(timeout):
        while not holds():
            await asyncio.sleep(0.02)


async def register(gateway: Engine, numbers: range) -> str:
    """Register donors by number, in order. Returns the position of the last."""
    processor = gateway.processor(0)
    commands = [toys.Register(at=AT, donor=toys.donor(number, AT)) for number in numbers]
    return (await asyncio.gather(*(processor.submit(command) for command in commands)))[-1].position


async def logged(settings: Settings, log: Log) -> list[Recorded]:
    """A log as it is in PostgreSQL."""
    async with open_pool(settings.database_url(log.owner), schema=log.owner) as pool:
        return [one async for chunk in EventLog(pool, log).fold(0) for one in chunk]


def donors(numbers: range) -> list[str]:
    """The ids of donors by number."""
    return [toys.donor(number, AT) for number in numbers]


async def answered(gateway: Engine, position: str, *, timeout: float = 40) -> bool:
    """Whether the matcher has answered everything up to a position."""
    return await gateway.progress.wait(position, ["matcher"], reader="gateway", timeout=timeout)


@pytest.fixture
async def settings(kafka: Kafka, postgres: Postgres, tmp_path: Path) -> Settings:
    """One shard, no topic, a fresh database."""
    if not kafka.running:
        await kafka.start()
    await drop_topics(kafka.servers)
    return toys.settings(kafka.servers, await fresh_database(postgres), tmp_path, shards=1)
