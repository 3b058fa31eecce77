"""The log in PostgreSQL passes the suite of every store."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from schemas.logs import GATEWAY
from services.ops.embedded.postgres import Postgres
from services.runtime.base.postgres import is_away, open_pool
from services.runtime.contract import COLUMNS
from services.runtime.eventlog.store import EventLog, Store
from tests.support.postgres import fresh_database, role_url
from tests.support.store_contract import StoreContract, facts, head_of


class TestPostgresLog(StoreContract):
    """See the module."""

    @pytest.fixture
    async def store(self, postgres: Postgres) -> AsyncIterator[EventLog]:
        url = await fresh_database(postgres)
        async with open_pool(role_url(url, "gateway"), schema="gateway") as pool:
            yield EventLog(pool, GATEWAY)

    async def inbox(self, store: Store) -> list[tuple[Any, ...]]:
        assert isinstance(store, EventLog)
        rows = await store._pool.fetch(f"SELECT source, {', '.join(COLUMNS)} FROM inbox WHERE shard = 0 ORDER BY seq")
        return [tuple(row) for row in rows]

    async def test_an_owner_that_stalls_in_the_middle_of_a_copy_does_not_keep_its_shard(self, store: EventLog) -> None:
        former = await store.take_over(0, "former")
        copying, goes_on = asyncio.Event(), asyncio.Event()

        async def stalling() -> AsyncIterator[tuple[Any, ...]]:
            copying.set()
            await goes_on.wait()
            yield ()

        async def write() -> None:
            async with store.transaction(0) as tx:
                await tx.advance(former, head_of(facts(1), former.epoch))
                await tx.connection.copy_records_to_table("facts", records=stalling())

        writing = asyncio.create_task(write())
        async with asyncio.timeout(10):
            await copying.wait()
        async with asyncio.timeout(10):
            taken = await store.take_over(0, "next")
        assert (taken.epoch, taken.seq) == (former.epoch + 1, 0)
        goes_on.set()
        with pytest.raises(Exception) as met:  # noqa: PT011 - which one depends on what the driver was doing
            await writing
        assert is_away(met.value), met.value
