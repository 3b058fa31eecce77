"""Services, Kafka and PostgreSQL killed by -9 at random moments under load: the end is that of the quiet life."""

import asyncio
from collections.abc import Awaitable

import pytest

from tests.integration.faults.conftest import Disturbed
from tests.support.load import TURNS
from tests.support.scene import Fault, Scene

#: the first of them plays the undisturbed life, too
pytestmark = pytest.mark.timeout(900)


def killed(name: str, times: int = 1) -> Fault:
    """A part killed by -9: some times anywhere, and once while days are turned."""

    async def kill(here: Scene) -> None:
        async def once(moment: Awaitable[None]) -> None:
            await moment
            if here.stack.running(name):
                here.stack.kill(name)

        await asyncio.gather(once(here.during("turn", TURNS)), *(once(here.moment()) for _ in range(times)))

    return kill


async def test_a_killed_gateway_and_a_killed_ledger_leave_no_trace(disturbed: Disturbed) -> None:
    await disturbed(killed("gateway"), killed("ledger"))


async def test_a_killed_matcher_and_a_killed_notifier_leave_no_trace(disturbed: Disturbed) -> None:
    await disturbed(killed("matcher"), killed("notifier"))


async def test_a_killed_broker_and_a_killed_database_leave_no_trace(disturbed: Disturbed) -> None:
    await disturbed(killed("kafka"), killed("postgres"))
