"""One writer per shard: a former owner changes nothing, and one that stalls keeps no other owner out."""

import pytest

from schemas.logs import GATEWAY
from services.runtime.base import postgres
from services.runtime.base.errors import RetryLater
from services.runtime.base.postgres import open_pool
from services.runtime.eventlog.store import EventLog, Head, PostgresTransaction
from services.settings import Settings
from tests.integration.runtime.conftest import logged, register, running
from tests.support import toys


async def test_the_former_owner_of_a_shard_changes_nothing(settings: Settings) -> None:
    async with running(toys.gateway(), settings) as first:
        await register(first, range(10))
        async with open_pool(settings.database_url("gateway"), schema="gateway") as pool:
            await EventLog(pool, GATEWAY).take_over(0, "somebody else")
        with pytest.raises(RetryLater):
            await register(first, range(10, 20))
        assert first.processor(0).status == "fenced"
    assert len(await logged(settings, GATEWAY)) == 10


async def test_the_idle_transaction_of_a_stalled_owner_is_ended(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_IDLE_MS", "500")
    async with open_pool(settings.database_url("gateway"), schema="gateway") as pool:
        event_log = EventLog(pool, GATEWAY)
        head = await event_log.take_over(0, "stalled")
        stalled = await pool.acquire()
        await stalled.execute("BEGIN")
        await PostgresTransaction(stalled, 0, "gateway").advance(head, Head(head.epoch, head.seq, head.chain))
        async with running(toys.gateway(), settings) as second:
            await register(second, range(10))
        assert len(await logged(settings, GATEWAY)) == 10
        await pool.release(stalled)
