"""Two processes of each service: shards that change hands, and shards that have two owners at once.

The second processes leave while people arrive, for a turn of the clock needs one gateway that owns all shards.
"""

import asyncio
import signal
from collections.abc import Callable, Iterable
from typing import Final

import httpx
import pytest

from schemas.logs import CATALOGUE
from services.ops.embedded.process import LOOPBACK, free_ports
from tests.integration.faults.conftest import Disturbed
from tests.support.load import SHARDS
from tests.support.scene import Scene

#: the first of them plays the undisturbed life, too
pytestmark = pytest.mark.timeout(900)
_PATIENCE_S: Final = 120
#: between two writes of a stream while shards change hands, so that there is load all the time
_PACE_S: Final = 0.1
#: how many writes begin, at least, in each situation
_WRITES: Final = 5


class Seconds:
    """A second process of each service."""

    def __init__(self, here: Scene) -> None:
        self.here = here
        ports = free_ports(f"{here.stack.folder.data}/second", len(CATALOGUE))
        self.urls = [f"http://{LOOPBACK}:{port}" for port in ports]
        self.processes = [here.second(service, port) for service, port in zip(CATALOGUE, ports, strict=True)]

    async def join(self) -> None:
        """Start all of them; the load waits until they join their groups."""
        self.here.gate.clear()
        await asyncio.gather(*(process.start() for process in self.processes))
        await own(self.urls, lambda _shards: True)
        self.here.load.caller.urls.append(self.urls[0])
        self.here.gate.set()

    async def leave(self) -> None:
        """Let them drain and end."""
        await asyncio.gather(*(process.stop() for process in self.processes))
        del self.here.load.caller.urls[1:]


async def own(urls: Iterable[str], holds: Callable[[int], bool]) -> None:
    """Wait until the number of shards that each process owns is as wanted."""
    async with httpx.AsyncClient(timeout=5) as client, asyncio.timeout(_PATIENCE_S):
        for url in urls:
            while (owned := await _owned(client, url)) is None or not holds(owned):
                await asyncio.sleep(0.05)


async def _owned(client: httpx.AsyncClient, url: str) -> int | None:
    try:
        return len((await client.get(f"{url}/readyz")).json()["shards"])
    except httpx.HTTPError:
        return None


async def disputed(here: Scene) -> None:
    """Second processes take their share; the first ones are stopped until these own all shards, and resume."""
    seconds = Seconds(here)
    here.load.caller.timeout_s = 5
    await here.moment(5, 25)
    here.pace_s = _PACE_S
    await seconds.join()
    await own(seconds.urls, lambda shards: shards > 0)
    assert await here.more(_WRITES, at_most_s=30), "no write while shards changed hands"
    for service in CATALOGUE:
        here.stack.send(service, signal.SIGSTOP)
    await own(seconds.urls, lambda shards: shards == SHARDS)
    assert await here.more(_WRITES, at_most_s=30), "no write while shards had two owners"
    for service in CATALOGUE:
        here.stack.send(service, signal.SIGCONT)
    await own(seconds.urls, lambda shards: shards < SHARDS)
    assert await here.more(_WRITES, at_most_s=30), "no write after the former owners had resumed"
    await seconds.leave()
    here.pace_s = 0


async def test_shards_that_change_hands_and_shards_with_two_owners_leave_no_trace(disturbed: Disturbed) -> None:
    await disturbed(disputed)
