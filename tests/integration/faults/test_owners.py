"""Two processes of each service: shards that change hands, and shards that two processes take for their own."""

import asyncio
import signal

import httpx

from schemas.logs import CATALOGUE, ServiceName
from services.ops.embedded.process import LOOPBACK, free_ports
from tests.integration.faults.conftest import Disturbed
from tests.support.load import SHARDS
from tests.support.scene import Scene

_PATIENCE_S = 120


class Seconds:
    """A second process of every service."""

    def __init__(self, here: Scene) -> None:
        self.here = here
        ports = free_ports(f"{here.stack.folder.data}/second", len(CATALOGUE))
        self.ports: dict[ServiceName, int] = dict(zip(CATALOGUE, ports, strict=True))
        self.processes = [here.second(service, port) for service, port in self.ports.items()]

    async def join(self) -> None:
        """Start all of them; the load may call the second gateway from now on."""
        await asyncio.gather(*(process.start() for process in self.processes))
        await self.own(1)
        self.here.load.caller.urls.append(f"http://{LOOPBACK}:{self.ports['gateway']}")

    async def leave(self) -> None:
        """Let them drain and end."""
        await asyncio.gather(*(process.stop() for process in self.processes))
        del self.here.load.caller.urls[1:]

    async def own(self, shards: int) -> None:
        """Wait until each of them owns so many shards at least."""
        async with httpx.AsyncClient(timeout=5) as client, asyncio.timeout(_PATIENCE_S):
            for port in self.ports.values():
                while await _owned(client, port) < shards:
                    await asyncio.sleep(0.1)


async def _owned(client: httpx.AsyncClient, port: int) -> int:
    try:
        return len((await client.get(f"http://{LOOPBACK}:{port}/readyz")).json()["shards"])
    except httpx.HTTPError:
        return 0


async def shared(here: Scene) -> None:
    """Second processes come under load, take their share, and go."""
    await here.moment(10, 60)
    seconds = Seconds(here)
    await seconds.join()
    # a turn of the clock needs one gateway that owns all shards
    await here.moment(70, 110)
    await seconds.leave()


async def test_shards_that_change_hands_under_load_leave_no_trace(disturbed: Disturbed) -> None:
    await disturbed(shared)


async def doubted(here: Scene) -> None:
    """The first processes stand still until others have taken their shards; then they go on as if nothing were."""
    await here.moment(10, 60)
    seconds = Seconds(here)
    await seconds.join()
    for service in CATALOGUE:
        here.stack.send(service, signal.SIGSTOP)
    await seconds.own(SHARDS)
    await here.moment(100, 160)
    for service in CATALOGUE:
        here.stack.send(service, signal.SIGCONT)
    await here.moment(165, 180)
    await seconds.leave()


async def test_two_owners_of_one_shard_leave_no_trace(disturbed: Disturbed) -> None:
    await disturbed(doubted)
