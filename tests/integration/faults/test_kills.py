"""Services, Kafka and PostgreSQL killed by -9 at random moments under load: the end is that of the undisturbed life."""

import asyncio
from collections.abc import Awaitable

import pytest

from schemas.logs import CATALOGUE
from tests.integration.faults.conftest import Disturbed
from tests.support.load import TURNS
from tests.support.scene import Fault, Scene

#: the first of them plays the undisturbed life, too
pytestmark = pytest.mark.timeout(900)


def killed(name: str) -> Fault:
    """A part killed by -9 twice: once at any write, and once while days are turned."""

    async def kill(here: Scene) -> None:
        async def once(moment: Awaitable[None]) -> None:
            await moment
            await here.kill(name)

        await asyncio.gather(once(here.moment()), once(here.during("turn", TURNS)))

    return kill


async def test_killed_services_leave_no_trace(disturbed: Disturbed) -> None:
    await disturbed(*map(killed, CATALOGUE))


async def test_a_killed_broker_and_a_killed_database_leave_no_trace(disturbed: Disturbed) -> None:
    await disturbed(killed("kafka"), killed("postgres"))
