"""What the stories do not tell: other inputs, several cities on one shard, erasure, prices of a promise."""

from datetime import date
from typing import Any

import pytest

from schemas.base import Fact
from schemas.facts.common import DayBegan
from schemas.facts.gateway import PersonErased, RedriveRequested
from schemas.facts.matcher import MatchesEnded, MatchesMade, MonthFixed, PledgeOpened, PledgeRefused, RosterFixed
from tests.simulation.matcher.world import World, lines, name, of_kind

SERANG = "36.73"


@pytest.mark.parametrize(
    "fact",
    [
        RedriveRequested(about=name("wrk", 1), service="matcher"),
        PersonErased(person=name("don", 1), certificate="0" * 64),
        PersonErased(person=name("wrk", 99), certificate="0" * 64),
    ],
)
def test_what_does_not_concern_matching_is_passed_over(fact: Fact) -> None:
    assert World().tell(fact) == []


def test_only_the_gateway_turns_the_day() -> None:
    world = World()
    assert world.tell(DayBegan(day=date(2026, 11, 3)), "ledger") == []
    assert world.tell(DayBegan(day=date(2026, 11, 3))) == [DayBegan(day=date(2026, 11, 3))]
    assert world.tell(DayBegan(day=date(2026, 11, 2))) == []


def test_erasing_a_worker_frees_the_slot_for_another() -> None:
    world = World()
    world.pledge(1, 1)
    world.worker(1)
    world.worker(2)
    facts = world.tell(PersonErased(person=name("wrk", 1), certificate="0" * 64))
    assert [line.reason for line in lines(facts, MatchesEnded)] == ["withdrew"]
    assert [line.workers for line in lines(facts, MatchesMade)] == [(name("wrk", 2),)]


def test_cities_of_one_shard_do_not_share_slots_or_months() -> None:
    world = World()
    world.day()
    world.pledge(1, 2)
    world.worker(1, f"{SERANG}.01.1001", city=SERANG)
    assert world.state.workers[name("wrk", 1)].seat is None
    world.bill("2026-11")
    assert (world.state.cities["36.72"].horizon, world.state.cities[SERANG].horizon) == (24323, 24323)
    world.bill("2026-12")
    assert (world.state.cities["36.72"].horizon, world.state.cities[SERANG].horizon) == (24324, 24323)


def test_who_moves_to_another_city_of_the_shard_is_covered_there_after_the_month_of_the_move() -> None:
    world = World()
    world.pledge(1, 1)
    world.pledge(2, 1, city=SERANG, areas=[SERANG])
    world.worker(1)
    world.end(1, "moved")
    facts = world.worker(1, f"{SERANG}.01.1001", city=SERANG)
    assert [fact.pledge for fact in of_kind(facts, MatchesMade)] == [name("plg", 2)]
    assert [line.from_month for line in lines(facts, MatchesMade)] == ["2026-12"]
    world.reload()
    assert world.state.workers[name("wrk", 1)].city == SERANG


def test_a_match_is_cut_short_although_its_worker_is_on_the_list_of_another_city_by_now() -> None:
    world = World()
    world.pledge(1, 1)
    made = lines(world.worker(1), MatchesMade)[0]
    world.end(1, "moved")
    world.worker(1, f"{SERANG}.01.1001", city=SERANG)
    cut = lines(world.amend(1, slots=0), MatchesEnded)
    assert [(line.matches, line.last_month) for line in cut] == [(made.matches, "2026-10")]


def test_a_pledge_with_areas_of_another_city_is_refused() -> None:
    refused = of_kind(World().pledge(1, 1, areas=["36.72.01", f"{SERANG}.01"]), PledgeRefused)
    assert [fact.code for fact in refused] == ["pledge.outside_city"]


@pytest.mark.parametrize(
    ("scope", "transport_only"),
    [
        ({}, False),
        ({"occupations": ["ojek", "kurir"]}, True),
        ({"occupations": ["ojek", "art"]}, False),
        ({"occupations": ["ojek", "astronaut"]}, False),
        ({"workers": [1]}, True),
        ({"workers": [1, 2]}, False),
        ({"workers": [1, 99]}, False),
    ],
)
def test_a_promise_is_priced_for_transport_only_when_nobody_else_is_in_scope(
    scope: dict[str, Any],
    transport_only: bool,  # noqa: FBT001 - a column of a table
) -> None:
    world = World()
    world.worker(1, occupation="ojek")
    world.worker(2, occupation="art")
    assert [fact.transport_only for fact in of_kind(world.pledge(1, 1, **scope), PledgeOpened)] == [transport_only]


def test_matches_of_one_occupation_over_the_same_months_are_one_line() -> None:
    world = World()
    for number, occupation in enumerate(["ojek", "art", "ojek"], start=1):
        world.worker(number, occupation=occupation)
    [made] = of_kind(world.pledge(1, 3), MatchesMade)
    assert made.workers == 3
    assert sorted((line.occupation, sorted(line.workers)) for line in made.lines) == [
        ("art", [name("wrk", 2)]),
        ("ojek", [name("wrk", 1), name("wrk", 3)]),
    ]


def test_ends_of_matches_for_one_reason_after_the_same_month_are_one_line() -> None:
    world = World()
    for number in (1, 2, 3):
        world.worker(number)
    world.pledge(1, 3)
    [ended] = of_kind(world.amend(1, slots=1), MatchesEnded)
    assert ended.workers == 2
    assert [(line.reason, len(line.workers)) for line in ended.lines] == [("amended", 2)]


def test_a_roster_has_at_most_a_thousand_workers_a_part_sorted_by_worker() -> None:
    world = World()
    world.pledge(1, 2_100)
    for number in range(2_100, 0, -1):
        world.worker(number)
    facts = world.bill("2026-11")
    parts = of_kind(facts, RosterFixed)
    assert [(part.part, part.workers) for part in parts] == [(1, 1000), (2, 1000), (3, 100)]
    lines = [worker for part in parts for line in part.lines for worker in line.workers]
    assert lines == [name("wrk", number) for number in range(1, 2_101)]
    assert of_kind(facts, MonthFixed) == [MonthFixed(city="36.72", month="2026-11", pledges=1, workers=2_100)]


def test_a_city_without_workers_is_billed_nothing() -> None:
    assert World().bill("2026-11") == [MonthFixed(city="36.72", month="2026-11", pledges=0, workers=0)]


def test_the_same_input_on_the_same_state_leads_to_the_same_facts_and_ids() -> None:
    worlds = [World(), World()]
    for world in worlds:
        world.pledge(1, 3)
        world.worker(1)
        world.end(1)
    assert worlds[0].log == worlds[1].log
