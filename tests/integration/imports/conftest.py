"""A gateway with its import loop on a real PostgreSQL, fresh for each module."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from services.gateway.app import import_runner
from tests.support.gateway import Twin, twin


@dataclass(frozen=True)
class Report:
    """The outcome of a file."""

    id: str
    status: Mapping[str, Any]
    lines: list[dict[str, str]]

    @property
    def counts(self) -> tuple[int, int, int]:
        """Accepted, refused, duplicates."""
        return self.status["accepted"], self.status["refused"], self.status["duplicates"]

    @property
    def codes(self) -> list[str]:
        """The code of each row."""
        return [line["code"] for line in self.lines]


class Office:
    """Sends files and waits for what becomes of them."""

    def __init__(self, gateway: Twin) -> None:
        self.gateway = gateway

    async def send(self, of: str, data: bytes, query: str = "", **headers: str) -> str:
        """Send a file. Returns the import's id."""
        answer = await self.gateway.client.post(f"/v1/imports/{of}{query}", content=data, headers=headers)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    async def done(self, import_id: str) -> Report:
        """Wait for the end of an import."""
        async with asyncio.timeout(30):
            while True:
                status = (await self.gateway.client.get(f"/v1/imports/{import_id}")).json()
                if status["status"] == "done":
                    break
                await asyncio.sleep(0.01)
        report = await self.gateway.client.get(f"/v1/imports/{import_id}/report")
        return Report(import_id, status, list(csv.DictReader(io.StringIO(report.text))))

    async def take(self, of: str, data: bytes, query: str = "", **headers: str) -> Report:
        """Send a file and wait for its end."""
        return await self.done(await self.send(of, data, query, **headers))

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Run the import loop; leaving the block kills it."""
        loop = asyncio.ensure_future(import_runner(self.gateway.state)())
        try:
            yield
        finally:
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)


@pytest.fixture(scope="module")
async def idle_office(postgres_url: str) -> AsyncIterator[Office]:
    """An office whose import loop does not run by itself."""
    async with twin(postgres_url) as gateway:
        yield Office(gateway)


@pytest.fixture(scope="module")
async def office(idle_office: Office) -> AsyncIterator[Office]:
    """An office at work."""
    async with idle_office.working():
        yield idle_office
