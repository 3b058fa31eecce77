"""Each service, Kafka and PostgreSQL killed by -9 at random moments under load: the end is that of the quiet life."""

import asyncio
from collections.abc import Awaitable

import pytest

from schemas.logs import CATALOGUE, ServiceName
from tests.integration.faults.conftest import Disturbed
from tests.support.scene import Fault, Scene

#: how often the load turns the clock
TURNS = 8


def killed(name: str, times: int) -> Fault:
    """A part killed by -9: some times anywhere, and once while days are turned."""

    async def kill(here: Scene) -> None:
        async def once(moment: Awaitable[None]) -> None:
            await moment
            if here.stack.running(name):
                here.stack.kill(name)

        await asyncio.gather(once(here.during("turn", TURNS)), *(once(here.moment()) for _ in range(times)))

    return kill


@pytest.mark.parametrize("service", list(CATALOGUE))
async def test_a_service_killed_under_load_leaves_no_trace(service: ServiceName, disturbed: Disturbed) -> None:
    await disturbed(killed(service, 2))


async def test_a_killed_broker_leaves_no_trace(disturbed: Disturbed) -> None:
    await disturbed(killed("kafka", 1))


async def test_a_killed_database_leaves_no_trace(disturbed: Disturbed) -> None:
    await disturbed(killed("postgres", 1))
