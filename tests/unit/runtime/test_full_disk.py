"""A full disk stops nothing for good: the database is away and no log line can be written, until there is room."""

import asyncio
import errno
import io
import sys
from collections.abc import Iterator

import asyncpg
import pytest
import structlog

from schemas.facts.gateway import DonorRegistered
from services.runtime.base import telemetry
from services.runtime.base.settings import Telemetry
from services.runtime.eventlog.relay import Relay
from services.runtime.kafka.memory import MemoryBroker, MemoryClient
from services.runtime.shard.state import Status
from tests.support import toys
from tests.support.shard import AT, QUICK, Faults, bench

DONORS = [DonorRegistered(donor=toys.donor(n, AT), donor_kind="person", language="id") for n in range(5)]


class FullDisk(io.StringIO):
    """What standard error is when it is a file on a full disk."""

    def write(self, _text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture(autouse=True)
def _logging() -> Iterator[None]:
    """Log lines go to standard error, as in a service."""
    telemetry.set_up(Telemetry(), "gateway")
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_a_log_line_that_cannot_be_written_is_dropped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log = structlog.get_logger("test")
    with monkeypatch.context() as full:
        full.setattr(sys, "stderr", FullDisk())
        log.warning("shard.failed", shard=8)
    log.warning("shard.recovered", shard=8)
    written = capsys.readouterr().err
    assert "shard.recovered" in written
    assert "shard.failed" not in written


async def test_a_shard_is_away_while_the_disk_is_full_and_goes_on_when_there_is_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disk = Faults(lambda: asyncpg.DiskFullError("could not extend file: No space left on device"))
    async with bench(toys.matcher(), disk) as one:
        with monkeypatch.context() as full:
            full.setattr(sys, "stderr", FullDisk())
            disk.plan("begin", 1_000)
            one.processor.offer(one.records("gateway", *DONORS))
            await one.until(lambda: one.processor.status is Status.AWAY)
            await asyncio.sleep(0.02)
        disk.plan("begin", 0)
        await one.applied("gateway", len(DONORS))
        assert await one.answered() == [fact.donor for fact in DONORS]
        assert await one.died() == []


async def test_a_relay_publishes_after_a_failure_that_could_not_be_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    kafka = Faults()
    broker = MemoryBroker()
    async with bench(toys.matcher()) as one:
        one.processor.offer(one.records("gateway", *DONORS))
        await one.applied("gateway", len(DONORS))
        relay = Relay(one.store, MemoryClient(broker, one.service.log, kafka), QUICK, lambda *_: None)
        with monkeypatch.context() as full:
            full.setattr(sys, "stderr", FullDisk())
            kafka.plan("publish", 1_000)
            relay.resume(0, len(DONORS), {})
            await one.until(lambda: relay.obstacle(0) != "")
            await asyncio.sleep(0.02)
        kafka.plan("publish", 0)
        await one.until(lambda: relay.obstacle(0) == "" and relay.lag == 0)
        assert broker.partition("matcher", 0).end == len(DONORS)
        await relay.drop(0)
