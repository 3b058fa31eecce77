"""One notice per key for ever, days that only go forward, quiet nights, and a state that is the fold of its log."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from schemas.base import Fact
from schemas.facts.common import DayBegan
from services.notifier.domain.decider import State
from tests.support.notices import (
    AT,
    Shard,
    confirmed,
    day_began,
    lapse_foreseen,
    match_made,
    pledge_matched,
    pledge_opened,
    pledge_refused,
    remittance_paid,
    remittance_prepared,
    summarised,
)

DAY = date(2026, 12, 1)


def test_the_gateways_day_becomes_the_notifiers() -> None:
    assert Shard().when(day_began(DAY), source="gateway").last == [DayBegan(day=DAY)]


def test_a_day_that_is_not_new_is_ignored() -> None:
    shard = Shard().when(day_began(DAY), source="gateway")
    assert shard.when(day_began(DAY), source="gateway").last == []
    assert shard.when(day_began(DAY - timedelta(days=1)), source="gateway").last == []


def test_the_days_of_other_services_are_ignored() -> None:
    assert Shard().when(day_began(DAY), source="matcher").last == []


def test_a_notice_of_the_day_may_go_out_at_once() -> None:
    assert Shard().when(match_made()).notice.not_before == AT


def test_a_notice_of_the_night_waits_for_the_morning() -> None:
    ten_at_night = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)
    assert Shard().when(match_made(), at=ten_at_night).notice.not_before == datetime(2026, 12, 2, 0, 0, tzinfo=UTC)


def test_the_same_words_again_on_one_day_are_another_notice_with_a_number() -> None:
    keys = Shard().given(pledge_matched(5), pledge_matched(4), pledge_matched(5), pledge_matched(5)).keys()
    plain = keys[0]
    assert keys == [plain, keys[1], f"{plain}/2", f"{plain}/3"]


def test_a_lapse_foreseen_again_after_a_sponsor_came_and_went_is_notified_again() -> None:
    shard = Shard().given(lapse_foreseen(), match_made(reason="renewal"))
    assert len(shard.when(lapse_foreseen(), at=AT + timedelta(days=3)).notices) == 1


def test_the_memory_of_keys_ends_with_the_day() -> None:
    shard = Shard().given(*(lapse_foreseen(worker) for worker in range(100)))
    shard.when(lapse_foreseen(1), at=AT + timedelta(days=1))
    assert len(shard.state.recurring) == 1


def test_a_million_covered_months_leave_no_trace_in_the_state() -> None:
    shard = Shard().given(confirmed(*range(300)), confirmed(*range(300), month="2027-02"))
    assert shard.state == State()


# What upstream promises: each match, remittance, pledge and worker-month comes once. What may repeat is drawn freely.
_UNIQUE = [
    *(match_made(n) for n in range(3)),
    *(confirmed(1, 2, month=month) for month in ("2027-01", "2027-02")),
    *(pledge_opened(n) for n in range(2)),
    *(remittance_prepared(n) for n in range(2)),
    *(remittance_paid(n) for n in range(2)),
    *(summarised(month) for month in ("2027-01", "2027-02")),
]
_REPEATING = st.one_of(
    st.builds(pledge_matched, st.integers(0, 2), number=st.integers(1, 2)),
    st.builds(pledge_refused, st.integers(1, 2)),
    st.builds(lapse_foreseen, st.integers(1, 2), last_month=st.sampled_from(["2026-12", "2027-01"])),
)


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[Fact, datetime]]:
    """Facts in some order of arrival: unique ones once each, others any number of times, time never going back."""
    facts: list[Fact] = [*draw(st.permutations(_UNIQUE)), *draw(st.lists(_REPEATING, max_size=12))]
    hours = sorted(draw(st.lists(st.integers(0, 72), min_size=len(facts), max_size=len(facts))))
    return [(fact, AT + timedelta(hours=hour)) for fact, hour in zip(draw(st.permutations(facts)), hours, strict=True)]


def shard_after(history: list[tuple[Fact, datetime]]) -> Shard:
    shard = Shard()
    for fact, at in history:
        shard.when(fact, at=at)
    return shard


@given(histories())
def test_no_key_is_used_twice(history: list[tuple[Fact, datetime]]) -> None:
    keys = shard_after(history).keys()
    assert len(keys) == len(set(keys))


@given(histories())
def test_a_replay_of_the_log_leads_to_the_live_state(history: list[tuple[Fact, datetime]]) -> None:
    shard = shard_after(history)
    replayed = State()
    for fact, at in shard.log:
        shard.decider.evolve(replayed, fact, at)
    assert replayed == shard.state


@given(histories())
def test_a_snapshot_restores_the_state(history: list[tuple[Fact, datetime]]) -> None:
    shard = shard_after(history)
    assert shard.decider.load(0, shard.decider.dump(shard.state)) == shard.state


@given(histories())
def test_nothing_goes_out_in_quiet_hours(history: list[tuple[Fact, datetime]]) -> None:
    hours = {(n.not_before + timedelta(hours=7)).hour for n, _ in shard_after(history).log if hasattr(n, "not_before")}
    assert hours <= set(range(7, 21))
