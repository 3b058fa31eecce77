"""Two processes of each service: shards that change hands, and shards that have two owners at once.

The second gateway leaves while people arrive, for a turn of the clock needs one gateway that owns all shards.
"""

import asyncio
import signal
from collections.abc import Callable, Iterable, Sequence
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
#: between two writes of a stream while shards change hands, so that there is load all the time
_PACE_S: Final = 0.1
BEHIND: Final[tuple[ServiceName, ...]] = ("matcher", "ledger", "notifier")


class Seconds:
    """A second process of each service."""

    def __init__(self, here: Scene) -> None:
        self.here = here
        ports = free_ports(f"{here.stack.folder.data}/second", len(CATALOGUE))
        self.ports = dict(zip(CATALOGUE, ports, strict=True))
        self.processes = {service: here.second(service, port) for service, port in self.ports.items()}

    async def join(self) -> None:
        """Start all of them; the load waits until they join their groups."""
        self.here.gate.clear()
        await asyncio.gather(*(process.start() for process in self.processes.values()))
        await self._until_each(CATALOGUE, lambda owned: owned is not None)
        self.here.load.caller.urls.append(f"http://{LOOPBACK}:{self.ports['gateway']}")
        self.here.gate.set()
        await self.own(CATALOGUE, 1)

    async def leave(self, services: Sequence[ServiceName]) -> None:
        """Let them drain and end."""
        await asyncio.gather(*(self.processes[service].stop() for service in services))
        if "gateway" in services:
            del self.here.load.caller.urls[1:]

    async def own(self, services: Iterable[ServiceName], shards: int) -> None:
        """Wait until each of them owns so many shards at least."""
        await self._until_each(services, lambda owned: owned is not None and owned >= shards)

    async def _until_each(self, services: Iterable[ServiceName], holds: Callable[[int | None], bool]) -> None:
        async with httpx.AsyncClient(timeout=5) as client, asyncio.timeout(_PATIENCE_S):
            for service in services:
                while not holds(await _owned(client, self.ports[service])):
                    await asyncio.sleep(0.05)


async def _owned(client: httpx.AsyncClient, port: int) -> int | None:
    try:
        return len((await client.get(f"http://{LOOPBACK}:{port}/readyz")).json()["shards"])
    except httpx.HTTPError:
        return None


async def _stopped(here: Scene, seconds: Seconds, services: Sequence[ServiceName]) -> None:
    """The first processes are stopped until the second ones own all shards; then they resume, as if nothing were."""
    here.pace_s = _PACE_S
    for service in services:
        here.stack.send(service, signal.SIGSTOP)
    await seconds.own(services, SHARDS)
    assert await here.more(5, at_most_s=30), f"no write while the shards of {services} had two owners"
    for service in services:
        here.stack.send(service, signal.SIGCONT)
    assert await here.more(5, at_most_s=30), f"no write after the former owners of {services} had resumed"
    here.pace_s = 0


async def disputed(here: Scene) -> None:
    """Second processes of all services take their share; first the gateway's process is stopped, then the others."""
    here.load.caller.timeout_s = 5
    seconds = Seconds(here)
    await here.moment(5, 25)
    here.pace_s = _PACE_S
    await seconds.join()
    assert await here.more(here.chance.randint(1, 5), at_most_s=30), "no write while shards changed hands"
    await _stopped(here, seconds, ["gateway"])
    await seconds.leave(["gateway"])
    await here.moment(112, 150)
    await _stopped(here, seconds, BEHIND)
    await seconds.leave(BEHIND)


async def test_shards_that_change_hands_and_shards_with_two_owners_leave_no_trace(disturbed: Disturbed) -> None:
    await disturbed(disputed)
