"""Random histories of a city: after every input the matching is maximal, urgent first, and the log holds all of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import months
from schemas.base import Fact
from services.matcher.domain.certificate import certify
from services.ops.certify import check
from tests.simulation.matcher.oracle import Book
from tests.simulation.matcher.world import CITY, World

AREAS = ["36.72.01.1001", "36.72.01.1002", "36.72.02.1001", "36.72.02.1002", "36.72.03.1001"]
LEVELS = [*AREAS, "36.72.01", "36.72.02", "36.72"]
OCCUPATIONS = ["ojek", "pedagang", "art"]
PEOPLE = 60
PLEDGES = 14

Move = Callable[[World], list[Fact]]


def _month(world: World, ahead: int) -> str:
    return months.add(months.of(world.today), ahead)


@st.composite
def workers(draw: st.DrawFn) -> Move:
    number = draw(st.integers(1, PEOPLE))
    area, occupation = draw(st.sampled_from(AREAS)), draw(st.sampled_from(OCCUPATIONS))
    band, ahead = draw(st.integers(1, 2)), draw(st.sampled_from([600, 600, 600, 0, 1, 2, 4]))
    return lambda world: world.worker(number, area, occupation, band, until=_month(world, ahead))


@st.composite
def pledges(draw: st.DrawFn, *, near: bool) -> Move:
    number, slots = draw(st.integers(1, PLEDGES)), draw(st.integers(1, 6))
    terms: dict[str, Any] = {
        "areas": draw(st.lists(st.sampled_from(LEVELS), min_size=1, max_size=2, unique=True)),
        "occupations": draw(st.lists(st.sampled_from(OCCUPATIONS), max_size=2, unique=True)),
        "keep": draw(st.sampled_from([False, False, False, True])),
        "months": draw(st.sampled_from([12, 6, 6, 3])),
    }
    if draw(st.integers(0, 3)) == 0:
        terms["workers"] = draw(st.lists(st.integers(1, PEOPLE), min_size=1, max_size=3, unique=True))
    if near:
        terms["near"] = draw(st.sampled_from([None, *AREAS]))
    ahead = draw(st.sampled_from([0, 0, 1, 1, 2, 4]))
    return lambda world: world.pledge(number, slots, starts=_month(world, ahead), **terms)


@st.composite
def endings(draw: st.DrawFn) -> Move:
    number, back = draw(st.integers(1, PEOPLE)), draw(st.sampled_from([0, 0, 3, 20, -40]))
    reason = draw(st.sampled_from(["died", "moved", "withdrew", "formal_job"]))
    return lambda world: world.end(number, reason, world.today - timedelta(days=back))


@st.composite
def changes(draw: st.DrawFn) -> Move:
    number = draw(st.integers(1, PLEDGES))
    what = draw(st.sampled_from(["cancel", "slots", "months", "overdue", "settled"]))
    amount = draw(st.integers(0, 6))
    match what:
        case "cancel":
            return lambda world: world.cancel(number, _month(world, amount - 1))
        case "slots":
            return lambda world: world.amend(number, slots=amount + 1)
        case "months":
            return lambda world: world.amend(number, months=2 * amount + 2)
        case "overdue":
            return lambda world: world.overdue(number)
        case _:
            return lambda world: world.settled(number)


@st.composite
def times(draw: st.DrawFn) -> Move:
    days = draw(st.sampled_from([1, 5, 20, 30, 30]))
    ahead = draw(st.sampled_from([None, None, -1, 0, 0, 1]))
    if ahead is None:
        return lambda world: world.day(days)
    return lambda world: world.bill(_month(world, ahead))


def moves(*, near: bool = False) -> st.SearchStrategy[Move]:
    """One input; workers and pledges come more often than all else."""
    come = [workers(), workers(), workers(), pledges(near=near)]
    return st.one_of(*come, endings(), changes(), times())


def play(history: list[Move], book: Book, world: World | None = None) -> World:
    """Give the inputs one by one and check after each."""
    world = world or World()
    for move in history:
        month = months.of(world.today)
        book.fold(move(world), month)
        instance = book.check()
        city = world.state.cities.get(CITY)
        if city is not None:
            seats = {worker.id: worker.seat.pledge.id for worker in city.workers.values() if worker.seat}
            assert seats == dict(instance.seats), "state and log tell the same"
            assert check(instance, certify(city)) == []
    return world


@settings(max_examples=120)
@given(st.lists(moves(), min_size=10, max_size=90))
def test_matching_is_maximal_and_urgent_first_after_every_input(history: list[Move]) -> None:
    play(history, Book())


@settings(max_examples=60)
@given(st.lists(moves(near=True), min_size=10, max_size=90))
def test_the_same_holds_where_donors_prefer_workers_near_their_plant(history: list[Move]) -> None:
    play(history, Book(seniority=False))


@settings(max_examples=80)
@given(st.lists(moves(near=True), min_size=10, max_size=120))
def test_a_replay_and_a_snapshot_lead_to_the_same_state(history: list[Move]) -> None:
    straight, restarted = World(), World()
    for move in history:
        straight.seq = restarted.seq
        assert move(straight) == move(restarted)
        dumped = straight.decider.dump(straight.state)
        assert straight.decider.dump(straight.replayed()) == dumped
        restarted.reload()
        assert restarted.decider.dump(restarted.state) == dumped
