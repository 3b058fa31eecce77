"""One writer per shard: a former owner changes nothing, and one that stands still keeps nobody out."""

import pytest

from schemas.logs import GATEWAY
from services.runtime.base import postgres
from services.runtime.base.errors import Fenced, RetryLater
from services.runtime.base.postgres import open_pool
from services.runtime.base.settings import Settings
from services.runtime.eventlog.store import EventLog, Head
from services.runtime.shard import loading
from tests.integration.runtime.conftest import logged, register, running
from tests.support import toys


async def test_the_former_owner_of_a_shard_changes_nothing(settings: Settings) -> None:
    async with running(toys.gateway(), settings) as first:
        await register(first, range(10))
        async with open_pool(settings.database_url("gateway"), schema="gateway") as pool:
            await EventLog(pool, GATEWAY).take_over(0, "somebody else")
        with pytest.raises(RetryLater):
            await register(first, range(10, 20))
        assert first.lane(0).status == "fenced"
    assert len(await logged(settings, GATEWAY)) == 10


async def test_a_former_owner_does_not_take_the_shard_back_when_it_reads_it_again(settings: Settings) -> None:
    async with running(toys.gateway(), settings) as first:
        lane = first.lane(0)
        await loading.reload(lane)
        async with open_pool(settings.database_url("gateway"), schema="gateway") as pool:
            taken = await EventLog(pool, GATEWAY).take_over(0, "somebody else")
            with pytest.raises(Fenced):
                await loading.reload(lane)
            assert (await EventLog(pool, GATEWAY).head(0)).epoch == taken.epoch


async def test_an_owner_that_stands_still_in_a_transaction_is_let_go_of(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_IDLE_MS", "500")
    async with open_pool(settings.database_url("gateway"), schema="gateway") as pool:
        event_log = EventLog(pool, GATEWAY)
        head = await event_log.take_over(0, "who stands still")
        still = await pool.acquire()
        await still.execute("BEGIN")
        await event_log.advance(still, 0, head, Head(head.epoch, head.seq, head.chain))
        async with running(toys.gateway(), settings) as second:
            await register(second, range(10))
        assert len(await logged(settings, GATEWAY)) == 10
        await pool.release(still)
