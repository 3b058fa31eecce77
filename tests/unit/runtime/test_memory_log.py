"""The log in memory passes the suite of every store."""

import pytest

from schemas.logs import GATEWAY
from services.runtime.eventlog.memory import MemoryLog
from tests.support.store_contract import StoreContract


class TestMemoryLog(StoreContract):
    """See the module."""

    @pytest.fixture
    def store(self) -> MemoryLog:
        return MemoryLog(GATEWAY)
