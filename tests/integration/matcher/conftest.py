"""A city in a real PostgreSQL: its log and tables as the runtime writes them."""

from collections.abc import AsyncIterator
from datetime import date

import pytest

from services.matcher.app import service
from services.matcher.domain.decider import MatcherDecider
from services.matcher.projections.matching import MatchingProjector
from services.runtime.base.postgres import connect
from services.settings import Settings
from tests.simulation.matcher.world import World, received
from tests.support.stage import Stage, stage

HALVES = [f"36.72.0{kecamatan}.100{kelurahan}" for kecamatan in (1, 2, 3) for kelurahan in (1, 2)]


def a_year() -> World:
    """A city that has seen everything: swaps, names, deaths, cancelled and unpaid pledges, ends and renewals."""
    world = World(MatcherDecider()._distance)
    world.day()
    for number in range(1, 61):
        occupation = ("ojek", "pedagang", "art")[number % 3]
        until = "2026-12" if number % 17 == 0 else "2060-12"
        world.worker(number, HALVES[number % 6], occupation, number % 2 + 1, until=until)
    world.pledge(1, 12)
    world.pledge(2, 6, areas=["36.72.01"], occupations=["ojek"], months=6)
    world.pledge(3, 4, areas=["36.72.02.1001", "36.72.03"], keep=True)
    world.pledge(4, 2, workers=[5, 6])
    world.pledge(5, 9, areas=["36.72.01.1001"], near="36.72.01.1002", starts="2027-01")
    world.end(7)
    for step in range(1, 9):
        world.bill(f"{2026 + (10 + step - 1) // 12}-{(10 + step - 1) % 12 + 1:02d}")
        world.day(30)
        world.pledge(5 + step, 3 + step % 3, areas=[HALVES[step % 6][:8]], starts=f"{world.today:%Y-%m}")
        world.end(10 + step, "moved")
        if step == 3:
            world.overdue(1)
            world.cancel(3, f"{world.today:%Y-%m}")
        if step == 4:
            world.settled(1)
            world.amend(6, slots=1)
        world.worker(60 + step, HALVES[step % 6])
    world.worker(12, HALVES[0])
    world.today = max(world.today, date(2027, 7, 1))
    return world


@pytest.fixture
async def on_stage(postgres_url: str) -> AsyncIterator[Stage]:
    """An empty shard of the matcher."""
    owner = await connect(postgres_url, server_settings={"search_path": "matcher"})
    await owner.execute(f"truncate head, facts, {', '.join(MatchingProjector.tables)}")
    await owner.close()
    async with stage(service(Settings()), postgres_url) as one:
        yield one


async def play(on_stage: Stage, world: World, at_a_time: int) -> None:
    """Pass a world's inputs to the stage, in batches."""
    inputs = [received(*one) for one in world.inputs]
    for first in range(0, len(inputs), at_a_time):
        await on_stage.apply(inputs[first : first + at_a_time])
