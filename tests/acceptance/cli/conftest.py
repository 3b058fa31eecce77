"""A whole system for the command line: real Kafka and PostgreSQL, four processes, and `sekul` as people type it."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.ops.client import Gateway
from services.ops.supervisor import Stack
from tests.support.stack import empty_stack

ROOT = Path(__file__).parents[3]
#: no command takes longer beside two busy cores
_COMMAND_S = 60


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        return orjson.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """What it printed, as JSON Lines."""
        return [orjson.loads(line) for line in self.out.splitlines()]


class Sekul:
    """`sekul` beside a running `sekul up`."""

    def __init__(self, data: Path) -> None:
        self._data = data

    async def start(self, *words: str) -> asyncio.subprocess.Process:
        """Start a command."""
        where = () if "--offline" in words else ("--data", str(self._data))
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.cli", *words, *where), cwd=ROOT, stdout=pipe, stderr=pipe
        )

    async def __call__(self, *words: str) -> Ended:
        """Run a command to its end."""
        process = await self.start(*words)
        out, err = await output_of(process)
        return Ended(process.returncode or 0, out.decode(), err.decode())

    async def json(self, *words: str) -> Any:
        """What a command that must succeed prints as JSON."""
        ended = await self(*words, "--json")
        assert ended.code == 0, ended.err
        return ended.json


async def output_of(process: asyncio.subprocess.Process) -> tuple[bytes, bytes]:
    """Returns what a command prints until it ends; it is killed when it does not end in time."""
    try:
        async with asyncio.timeout(_COMMAND_S):
            return await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()


@pytest.fixture(scope="session", autouse=True)
def interrupts() -> Iterator[None]:
    """Let commands take Ctrl-C even where this process ignores it, as a background job or in some CI runners."""
    former = signal.getsignal(signal.SIGINT)
    if former is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, former)


@pytest.fixture(scope="session")
async def stack() -> AsyncIterator[Stack]:
    """A system in which nothing has happened yet."""
    async with empty_stack(shards=2) as running:
        yield running


@pytest.fixture(scope="session")
def sekul(stack: Stack) -> Sekul:
    """The command line."""
    return Sekul(stack.folder.data)


@pytest.fixture(scope="session")
async def gateway(stack: Stack) -> AsyncIterator[Gateway]:
    """An operator's client, for what has no command."""
    async with Gateway(stack.url, stack.operator_key, patience_s=60) as client:
        yield client


async def settled(gateway: Gateway) -> None:
    """Wait until every service has applied all facts of every other."""
    async with asyncio.timeout(60):
        while not (await gateway.get("/v1/health"))["settled"]:
            await asyncio.sleep(0.1)
