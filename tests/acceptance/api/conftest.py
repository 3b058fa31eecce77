"""The whole system, once for this folder: four processes, real Kafka and PostgreSQL, days turned by hand."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from services.ops.supervisor import Stack, Wanted


@pytest.fixture(scope="session")
async def stack() -> AsyncIterator[Stack]:
    """A system in which nothing has happened yet."""
    folder = Path(tempfile.mkdtemp(prefix="sekul-api-"))
    try:
        wanted = Wanted(folder, port=0, clock="virtual", shards=4, env={"SEKUL_CLOCK_START": "2026-11-24"})
        async with Stack(wanted) as running:
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
async def api(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    """An operator's client."""
    headers = {"Authorization": f"Bearer {stack.operator_key}"}
    async with httpx.AsyncClient(base_url=stack.url, headers=headers, timeout=120) as client:
        yield client
