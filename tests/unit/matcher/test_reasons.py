"""Why somebody waits and why a slot is idle: each reason by its code, with the change that would help."""

import pytest

from services.matcher.domain.explain import Explanation, explain_pledge, explain_worker
from tests.simulation.matcher.world import World, name

GEREM, GROGOL, SURALAYA = "36.72.06.1004", "36.72.06.1002", "36.72.03.1004"


def of_worker(world: World, number: int) -> Explanation:
    explained = explain_worker(world.state, name("wrk", number))
    assert explained is not None
    return explained


def of_pledge(world: World, number: int) -> Explanation:
    explained = explain_pledge(world.state, name("plg", number))
    assert explained is not None
    return explained


def codes(explained: Explanation) -> tuple[str, list[str], str | None]:
    return (
        explained.status,
        [reason.code for reason in explained.why],
        explained.change.code if explained.change else None,
    )


@pytest.fixture
def world() -> World:
    """A full pledge for Gerem's ojek drivers: W1 has its slot, W2 waits; W3 in Suralaya waits for any pledge."""
    world = World()
    world.pledge(1, 1, areas=[GEREM], occupations=["ojek"])
    world.worker(1, GEREM)
    world.worker(2, GEREM)
    world.worker(3, SURALAYA, "nelayan")
    return world


def test_the_explanation_of_a_matched_worker_names_pledge_and_months(world: World) -> None:
    explained = of_worker(world, 1)
    assert codes(explained) == ("matched", ["match.new"], None)
    assert explained.why[0].detail == f"matched with {name('plg', 1)} from 2026-11 until 2027-10"


def test_a_worker_waits_because_all_slots_for_him_are_taken(world: World) -> None:
    explained = of_worker(world, 2)
    assert codes(explained) == ("waiting", ["slots.full"], "slots.more")
    assert explained.change is not None
    assert explained.change.detail == f"1 more slots for {GEREM} would do"


def test_a_worker_waits_because_no_pledge_is_for_such_as_him(world: World) -> None:
    world.pledge(2, 1, areas=[SURALAYA], starts="2027-03")
    world.pledge(3, 1, areas=[SURALAYA], occupations=["nelayan"])
    world.end(3)
    world.worker(4, SURALAYA, "nelayan")
    world.overdue(3)
    assert codes(of_worker(world, 4)) == (
        "waiting",
        ["scope.none", "pledge.scheduled", "pledge.suspended"],
        "slots.more",
    )


def test_more_urgent_workers_would_come_first(world: World) -> None:
    world.worker(4, GEREM, band=1)
    change = of_worker(world, 2).change
    assert change is not None
    assert change.detail == f"2 more slots for {GEREM} would do; 1 more urgent workers would come first"


def test_who_left_or_is_too_old_or_covered_has_that_reason(world: World) -> None:
    world.worker(4, GEREM, until="2026-09")
    world.cancel(1, "2027-06")
    world.end(2, "moved")
    assert codes(of_worker(world, 4)) == ("waiting", ["worker.too_old"], None)
    assert codes(of_worker(world, 1)) == ("matched", ["match.ends"], None)
    assert codes(of_worker(world, 2)) == ("ended", ["worker.left"], None)
    assert explain_worker(world.state, name("wrk", 99)) is None


def test_a_pledge_without_workers_in_its_scope_learns_how_far_to_widen_it(world: World) -> None:
    world.pledge(2, 2, areas=[GROGOL], occupations=["ojek"])
    explained = of_pledge(world, 2)
    assert codes(explained) == ("open", ["scope.exhausted"], "scope.wider")
    assert explained.change is not None
    assert explained.change.detail == "1 workers wait in 36.72.06 (ojek)"

    world.pledge(3, 2, areas=["36.72.06"])
    explained = of_pledge(world, 3)
    assert codes(explained) == ("open", ["slots.filled", "scope.exhausted"], "scope.wider")
    assert explained.change is not None
    assert explained.change.detail == "1 workers wait in 36.72 (all occupations)"

    world.pledge(4, 2)
    assert codes(of_pledge(world, 4)) == ("open", ["slots.filled", "scope.exhausted"], None)


def test_a_pledge_is_full_scheduled_suspended_near_its_end_or_over(world: World) -> None:
    world.pledge(2, 1, starts="2027-03")
    world.pledge(3, 1, areas=[GROGOL], months=3)
    assert codes(of_pledge(world, 1)) == ("open", ["slots.filled"], None)
    assert codes(of_pledge(world, 2)) == ("scheduled", ["pledge.scheduled"], None)
    world.overdue(1)
    assert codes(of_pledge(world, 1)) == ("suspended", ["pledge.unpaid"], "pledge.pay")
    world.cancel(1, "2027-01")
    assert codes(of_pledge(world, 1)) == ("ended", ["pledge.ended"], None)
    world.day(29)
    assert codes(of_pledge(world, 3)) == ("open", ["pledge.ends_soon"], None)
    assert explain_pledge(world.state, name("plg", 99)) is None


def test_a_pledge_that_names_workers_has_a_reason_for_each_who_does_not_take_its_slot(world: World) -> None:
    world.worker(4, GEREM)
    world.end(4)
    world.worker(5, SURALAYA)
    world.worker(6, SURALAYA, until="2026-09")
    world.pledge(2, 1, workers=[5])
    world.pledge(3, 9, workers=[4, 5, 6, 99])
    assert codes(of_pledge(world, 3)) == (
        "open",
        ["worker.left", "worker.pinned", "worker.covered", "worker.unknown"],
        None,
    )
    world.pledge(4, 3, workers=[3])
    assert codes(of_pledge(world, 4)) == ("open", ["slots.spare"], None)
