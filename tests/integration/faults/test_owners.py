"""Two processes of each service: shards that change hands, and shards that two processes take for their own.

A second gateway comes and goes while people arrive, for a turn of the clock needs one gateway that owns all shards.
"""

import asyncio
import signal
from collections.abc import Callable, Sequence
from typing import Final

import httpx
import pytest

from schemas.logs import CATALOGUE, ServiceName
from services.ops.embedded.process import LOOPBACK, free_ports
from tests.integration.faults.conftest import Disturbed
from tests.support.load import SHARDS
from tests.support.scene import Scene

#: the first of them plays the undisturbed life, too
pytestmark = pytest.mark.timeout(900)
_PATIENCE_S: Final = 120
_PACE_S: Final = 0.1
BEHIND: Final[tuple[ServiceName, ...]] = ("matcher", "ledger", "notifier")


class Seconds:
    """A second process of some services."""

    def __init__(self, here: Scene, services: Sequence[ServiceName]) -> None:
        self.here = here
        ports = free_ports(f"{here.stack.folder.data}/second", len(CATALOGUE))
        self.ports = {name: port for name, port in zip(CATALOGUE, ports, strict=True) if name in services}
        self.processes = [here.second(service, port) for service, port in self.ports.items()]

    async def join(self) -> None:
        """Start all of them, and let the load go on at the moment when they join their groups."""
        self.here.gate.clear()
        await asyncio.gather(*(process.start() for process in self.processes))
        await self._until_each(lambda owned: owned is not None)
        if "gateway" in self.ports:
            self.here.load.caller.urls.append(f"http://{LOOPBACK}:{self.ports['gateway']}")
        self.here.gate.set()
        await self.own(1)

    async def leave(self) -> None:
        """Let them drain and end."""
        await asyncio.gather(*(process.stop() for process in self.processes))
        del self.here.load.caller.urls[1:]

    async def own(self, shards: int) -> None:
        """Wait until each of them owns so many shards at least."""
        await self._until_each(lambda owned: owned is not None and owned >= shards)

    async def _until_each(self, holds: Callable[[int | None], bool]) -> None:
        async with httpx.AsyncClient(timeout=5) as client, asyncio.timeout(_PATIENCE_S):
            for port in self.ports.values():
                while not holds(await _owned(client, port)):
                    await asyncio.sleep(0.05)


async def _owned(client: httpx.AsyncClient, port: int) -> int | None:
    try:
        return len((await client.get(f"http://{LOOPBACK}:{port}/readyz")).json()["shards"])
    except httpx.HTTPError:
        return None


async def _shared(here: Scene, services: Sequence[ServiceName], first: int, last: int) -> None:
    """Second processes come under load, take their share, and go."""
    await here.moment(first, last)
    seconds = Seconds(here, services)
    await seconds.join()
    await here.more(10, at_most_s=3)
    await seconds.leave()


async def shared(here: Scene) -> None:
    """First the gateway, then all others."""
    here.pace_s = _PACE_S
    await _shared(here, ["gateway"], 5, 40)
    await _shared(here, BEHIND, 112, 140)


async def test_shards_that_change_hands_under_load_leave_no_trace(disturbed: Disturbed) -> None:
    await disturbed(shared)


async def _doubted(here: Scene, services: Sequence[ServiceName], first: int, last: int) -> None:
    """The first processes stand still until others have taken their shards; then they go on as if nothing were."""
    await here.moment(first, last)
    seconds = Seconds(here, services)
    await seconds.join()
    await here.more(here.chance.randint(0, 5), at_most_s=3)
    for service in services:
        here.stack.send(service, signal.SIGSTOP)
    await seconds.own(SHARDS)
    await here.more(10, at_most_s=3)
    for service in services:
        here.stack.send(service, signal.SIGCONT)
    await here.more(10, at_most_s=6)
    await seconds.leave()


async def doubted(here: Scene) -> None:
    """First the gateway, then all others."""
    here.pace_s, here.load.caller.timeout_s = _PACE_S, 5
    await _doubted(here, ["gateway"], 5, 25)
    await _doubted(here, BEHIND, 112, 150)


async def test_two_owners_of_one_shard_leave_no_trace(disturbed: Disturbed) -> None:
    await disturbed(doubted)
