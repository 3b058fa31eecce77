"""The whole system, once for this folder: four processes, real Kafka and PostgreSQL, a virtual clock."""

from collections.abc import AsyncIterator

import httpx
import pytest

from services.ops.supervisor import Stack
from tests.support.stack import empty_stack


@pytest.fixture(scope="session")
async def stack() -> AsyncIterator[Stack]:
    """A system in which nothing has happened yet."""
    async with empty_stack(shards=4) as running:
        yield running


@pytest.fixture(scope="session")
async def api(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    """An operator's client."""
    headers = {"Authorization": f"Bearer {stack.operator_key}"}
    async with httpx.AsyncClient(base_url=stack.url, headers=headers, timeout=120) as client:
        yield client
