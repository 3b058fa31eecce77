"""The log in PostgreSQL passes the suite of every store."""

from collections.abc import AsyncIterator

import pytest

from schemas.logs import GATEWAY
from services.ops.embedded.postgres import Postgres
from services.runtime.base.postgres import open_pool
from services.runtime.eventlog.store import EventLog
from tests.support.postgres import fresh_database, role_url
from tests.support.store_contract import StoreContract


class TestPostgresLog(StoreContract):
    """See the module."""

    @pytest.fixture
    async def store(self, postgres: Postgres) -> AsyncIterator[EventLog]:
        url = await fresh_database(postgres)
        async with open_pool(role_url(url, "gateway"), schema="gateway") as pool:
            yield EventLog(pool, GATEWAY)
