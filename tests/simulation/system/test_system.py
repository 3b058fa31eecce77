"""Whatever fails on the way, every service ends with the log that it has when nothing fails.

A failing run names its seed, which is also in the name of its test: `pytest tests/simulation/system -k 17`.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from schemas.base import Fact
from schemas.facts.common import DayBegan, DeadLetterRecorded
from schemas.facts.gateway import DonorRegistered
from schemas.facts.matcher import PledgeRefused
from schemas.logs import LEDGER, NOTIFIER, ServiceName
from services.ledger.app import service as ledger
from services.matcher.app import service as matcher
from services.runtime.base import ids
from services.runtime.contract import Recorded, Service
from services.settings import Settings
from tests.simulation.matcher.world import World as Story
from tests.simulation.system import script
from tests.simulation.system.world import Chaos, World
from tests.support import toys, virtual_time
from tests.support.end_state import Labels

AT = datetime(2026, 11, 2, 2, tzinfo=UTC)
SEEDS = range(25)
RATE = 0.02
Rounds = Sequence[Sequence[Fact]]


def toy_services() -> dict[ServiceName, Service]:
    """Three services that count and echo behind the script."""
    return {
        "gateway": script.gateway(),
        "matcher": toys.matcher(),
        "ledger": Service(LEDGER, toys.Counter(), toys.Nothing()),
        "notifier": Service(NOTIFIER, toys.Counter(), toys.Nothing()),
    }


def toy_rounds() -> Rounds:
    """Donors in a few portions, and the days between them."""
    return [
        [DayBegan(day=AT.date() + timedelta(days=part)), *map(_donor, range(part * 15, part * 15 + 15))]
        for part in range(5)
    ]


def _donor(number: int) -> Fact:
    return DonorRegistered(donor=toys.donor(number, AT), donor_kind="person", language="id")


def real_services() -> dict[ServiceName, Service]:
    """The deciders of matcher and ledger behind the script, without their tables."""
    deciders: dict[ServiceName, Service] = {"matcher": matcher(Settings()), "ledger": ledger(Settings())}
    return {**toy_services(), **{name: _without_tables(service) for name, service in deciders.items()}}


def _without_tables(service: Service) -> Service:
    return Service(
        service.log,
        service.decider,
        toys.Nothing(),
        handles=service.handles,
        keeps_inbox=False,
        redrive=service.redrive,
    )


def real_rounds() -> Rounds:
    """Two months of a small city: pledges that are not paid fall overdue on a day on which other things happen."""
    story = Story()
    parts: list[Callable[[], object]] = [
        lambda: [story.worker(n) for n in range(1, 7)],
        lambda: [story.pledge(1, 2), story.pledge(2, 1), story.worker(7)],
        lambda: story.bill("2026-11"),
        lambda: [story.end(1), story.worker(8)],
        *[story.day] * 40,
        lambda: [story.pledge(3, 2), story.cancel(2, "2027-03")],
        lambda: story.bill("2026-12"),
        *[story.day] * 20,
    ]
    rounds: list[Sequence[Fact]] = []
    for part in parts:
        before = story.seq
        part()
        rounds.append(story.inputs_after(before))
    return rounds


def instant(number: int) -> datetime:
    """When a round happens: a day after the one before."""
    return AT + timedelta(days=number)


@pytest.fixture(autouse=True, scope="module")
def _no_other_chance() -> Iterator[None]:
    """Waits with back-off draw no chance of their own, so that a seed makes one run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ids, "fraction", lambda: 0.5)
        yield


async def played(
    services: dict[ServiceName, Service], rounds: Rounds, chaos: Chaos
) -> dict[ServiceName, list[Recorded]]:
    """The logs after a run."""
    world = World(services, chaos)
    disturbing = asyncio.get_running_loop().create_task(world.disturb()) if chaos.rate else None
    await world.play(rounds, instant)
    if disturbing is not None:
        disturbing.cancel()
    chaos.rate = 0
    logs = await world.logs()
    await world.close()
    return logs


#: what a reader may report of a record that is not of the log
FOREIGN = {"envelope.unreadable", "envelope.misplaced", "chain.broken"}
Content = dict[ServiceName, list[tuple[str, str]]]


def content(logs: dict[ServiceName, list[Recorded]]) -> Content:
    """What the logs say, by names instead of ids: those depend on numbers, which foreign records move.

    Dead letters are left out; of foreign records there are as many as were met.
    """
    labels = Labels({})
    for one in (one for log in logs.values() for one in log):
        labels.learn(one.kind, orjson.loads(one.body))
        if isinstance(one.fact, PledgeRefused):
            labels.names[one.fact.pledge] = f"refused pledge of {one.fact.donor}"
    return {
        name: [(one.kind, str(labels.plain(orjson.loads(one.body)))) for one in log if not _is_dead_letter(one)]
        for name, log in logs.items()
    }


def _is_dead_letter(one: Recorded) -> bool:
    return isinstance(one.fact, DeadLetterRecorded)


def foreign(logs: dict[ServiceName, list[Recorded]]) -> set[str]:
    """What was reported of inputs that became dead letters."""
    return {one.fact.code for log in logs.values() for one in log if isinstance(one.fact, DeadLetterRecorded)}


@pytest.fixture(scope="module")
def toy_content() -> Content:
    return content(virtual_time.run(played(toy_services(), toy_rounds(), Chaos(0, 0))))


@pytest.fixture(scope="module")
def real_content() -> Content:
    return content(virtual_time.run(played(real_services(), real_rounds(), Chaos(0, 0))))


@pytest.mark.parametrize("seed", SEEDS)
def test_toy_services_end_as_undisturbed(seed: int, toy_content: Content) -> None:
    logs = virtual_time.run(played(toy_services(), toy_rounds(), Chaos(seed, RATE)))
    assert content(logs) == toy_content, f"seed {seed}"
    assert foreign(logs) <= FOREIGN, f"seed {seed}"


@pytest.mark.parametrize("seed", SEEDS)
def test_matcher_and_ledger_end_as_undisturbed(seed: int, real_content: Content) -> None:
    logs = virtual_time.run(played(real_services(), real_rounds(), Chaos(seed, RATE)))
    assert content(logs) == real_content, f"seed {seed}"
    assert foreign(logs) <= FOREIGN, f"seed {seed}"


def test_foreign_records_of_every_kind_are_met() -> None:
    assert foreign(virtual_time.run(played(real_services(), real_rounds(), Chaos(1, RATE)))) == FOREIGN
