"""One gateway for each module, on a database of its own."""

from collections.abc import AsyncIterator

import pytest

from services.ops.embedded.postgres import Postgres
from tests.support.gateway import Twin, twin
from tests.support.postgres import fresh_database


@pytest.fixture(scope="module")
async def gw(postgres_url: str) -> AsyncIterator[Twin]:
    """A gateway whose other services are away unless a test lets them answer."""
    async with twin(postgres_url) as made:
        yield made


@pytest.fixture(autouse=True)
def _quiet(gw: Twin) -> None:
    """Forget what the other services answered in the test before."""
    gw.answers.clear()
    gw.asked.clear()


@pytest.fixture
async def fresh_url(postgres: Postgres) -> str:
    """A database for a test that has a gateway of its own: two gateways on one database fence each other."""
    return await fresh_database(postgres)
