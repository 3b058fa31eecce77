"""The law of every decider: the state after `decide` is the state that a replay of the answered facts makes."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

import pytest

from schemas.base import Fact
from services.gateway.domain.state import GatewayDecider
from services.runtime.contract import Decider, Received
from tests.simulation.matcher.world import World
from tests.simulation.matcher.world import received as matcher_input
from tests.support import notices
from tests.support.ledger_story import Story

Case = tuple[Decider[Any], list[Received]]


def gateway() -> Case:
    return GatewayDecider(), [notices.received(notices.match_made(), seq=1, source="matcher")]


def matcher() -> Case:
    world = World()
    world.pledge(1, 2, areas=("36.72.01",))
    for number in (1, 2, 3):
        world.worker(number)
    world.pledge(2, 1)
    world.bill("2026-11")
    world.overdue(1)
    world.day(40)
    world.settled(1)
    world.end(2)
    world.amend(1, slots=1)
    world.cancel(2, "2027-02")
    return world.decider, [matcher_input(*one) for one in world.inputs]


def ledger() -> Case:
    story = Story()
    story.pledge("P1", "D1", 2, "2026-12", "2027-02")
    story.match("P1", "W1", "ojek", "2026-12", "2027-02")
    story.bill("2026-12")
    story.day(date(2027, 1, 20))
    story.unmatch("P1", "W1", "2026-12")
    story.reshape("P1", 1, "2027-01")
    story.end("P1", "2026-12")
    return story.ledger, story.inputs


def notifier() -> Case:
    facts = (notices.day_began(date(2026, 12, 1)), notices.match_made(), *[notices.lapse_foreseen()] * 2)
    inputs = [notices.received(fact, seq=n, source=notices.source_of(fact)) for n, fact in enumerate(facts, 1)]
    return notices.Shard().decider, inputs


@pytest.mark.parametrize("case", [gateway, matcher, ledger, notifier])
def test_deciding_leaves_the_state_that_a_replay_makes(case: Callable[[], Case]) -> None:
    decider, inputs = case()
    live, log = decided(decider, inputs)
    replayed = decider.initial(0)
    for fact, at in log:
        decider.evolve(replayed, fact, at)
    assert decider.dump(replayed) == decider.dump(live)


def decided(decider: Decider[Any], inputs: Iterable[Received]) -> tuple[Any, list[tuple[Fact, datetime]]]:
    """The live state after all inputs, and what was answered."""
    state = decider.initial(0)
    return state, [(fact, one.at) for one in inputs for fact in decider.decide(state, one)]
