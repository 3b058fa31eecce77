"""The log in memory passes the suite of every store."""

from typing import Any

import pytest

from schemas.logs import GATEWAY
from services.runtime.eventlog.memory import MemoryLog
from services.runtime.eventlog.store import Store
from tests.support.store_contract import StoreContract


class TestMemoryLog(StoreContract):
    """See the module."""

    @pytest.fixture
    def store(self) -> MemoryLog:
        return MemoryLog(GATEWAY)

    async def inbox(self, store: Store) -> list[tuple[Any, ...]]:
        assert isinstance(store, MemoryLog)
        return [(one.service, *one.columns()) for one in store.inbox(0)]
