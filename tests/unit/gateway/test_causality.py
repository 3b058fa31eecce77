"""Causes before effects."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.causality import Place, in_order

AT = datetime(2026, 11, 24, tzinfo=UTC)


def place(position: str, cause: str = "command", minutes: int = 0) -> Place:
    service, shard, seq = position.split("/")
    return Place(service, int(shard), int(seq), AT + timedelta(minutes=minutes), cause)


def order(*places: Place) -> list[str]:
    return [one.position for one in in_order(places)]


def test_an_effect_stands_after_its_cause_though_both_bear_one_time() -> None:
    assert order(
        place("matcher/0/9", "ledger/0/5"),
        place("ledger/0/5", "gateway/0/3"),
        place("gateway/0/3"),
    ) == ["gateway/0/3", "ledger/0/5", "matcher/0/9"]


def test_within_a_log_the_numbers_decide() -> None:
    assert order(place("ledger/0/6"), place("ledger/0/5", minutes=5)) == ["ledger/0/5", "ledger/0/6"]


def test_effects_of_a_fact_stand_before_a_later_fact_of_the_same_time() -> None:
    registered, amended = place("gateway/0/1"), place("gateway/0/2")
    opened, reshaped = place("matcher/0/1", "gateway/0/1"), place("matcher/0/2", "gateway/0/2")
    assert order(amended, reshaped, opened, registered) == ["gateway/0/1", "matcher/0/1", "gateway/0/2", "matcher/0/2"]


def test_where_no_cause_is_known_time_and_then_the_chain_of_services_decide() -> None:
    places = [place("ledger/0/1"), place("matcher/0/1"), place("notifier/0/1"), place("gateway/0/1", minutes=-1)]
    assert order(*places) == ["gateway/0/1", "matcher/0/1", "ledger/0/1", "notifier/0/1"]


@st.composite
def histories(draw: st.DrawFn) -> list[Place]:
    """Facts of four services, each caused by an earlier one or by nothing; times may stand still."""
    made: list[Place] = []
    ends = dict.fromkeys(("gateway", "matcher", "ledger", "notifier"), 0)
    for _ in range(draw(st.integers(0, 30))):
        service = draw(st.sampled_from(sorted(ends)))
        ends[service] += draw(st.integers(1, 3))
        cause = draw(st.sampled_from([None, *made]))
        minutes = draw(st.integers(0, 2)) + (int((cause.at - AT).total_seconds() // 60) if cause else 0)
        made.append(place(f"{service}/0/{ends[service]}", cause.position if cause else "command", minutes))
    return draw(st.permutations(made))


@given(histories())
def test_every_history_keeps_its_causes_and_its_numbers_and_loses_nothing(history: list[Place]) -> None:
    ordered = in_order(history)
    at = {one.position: number for number, one in enumerate(ordered)}
    assert sorted(at) == sorted(one.position for one in history)
    for one in history:
        assert at.get(one.cause, -1) < at[one.position]
        for other in history:
            if one.service == other.service and one.seq < other.seq:
                assert at[one.position] < at[other.position]
