"""Closing a month: three ways agree, exceptions keep it open, lapses and summaries follow."""

from datetime import date

import pytest

from schemas.base import Fact
from schemas.facts.ledger import CycleClosed, CycleCloseRefused, DonorSummarised, WorkerLapsed
from tests.support.ledger import an_id, kinds
from tests.support.ledger_story import Story, play

BILLED = """
    2026-11-25 pledge P1 by D1: 2 slots, 2026-12 to 2027-02
    2026-11-25 pledge P2 by D2: 1 slots, 2026-12 to 2027-02
    2026-11-26 match P1 with W1, pedagang, 2026-12 to 2027-02
    2026-11-26 match P1 with W2, art, 2026-12 to 2027-02
    2026-11-26 match P2 with W3, ojek, 2026-12 to 2027-02
    2026-12-01 bill 2026-12
"""


@pytest.fixture
def story() -> Story:
    """Three worker-months of two donors, billed."""
    return play(BILLED)


def refused(facts: list[Fact]) -> tuple[str, int]:
    """The code and the number of exceptions of the only answer, which is a refusal."""
    (fact,) = facts
    assert isinstance(fact, CycleCloseRefused)
    return fact.code, fact.exceptions


def lapsed(facts: list[Fact]) -> list[str]:
    """Who lapsed."""
    return [fact.worker for fact in facts if isinstance(fact, WorkerLapsed)]


def all_confirmed(story: Story, month: str) -> None:
    """Both donors pay, and BPJS confirms everybody."""
    for donor, workers in (("D1", ("W1", "W2")), ("D2", ("W3",))):
        story.pay(donor, month)
        story.receipt(donor, month, dict.fromkeys(workers, "confirmed"))


def test_a_month_that_nobody_billed_is_not_closed(story: Story) -> None:
    assert refused(story.close("2027-01")) == ("cycle.not_billed", 0)


def test_what_is_due_keeps_a_month_open_until_it_is_overdue(story: Story) -> None:
    assert refused(story.close("2026-12")) == ("cycle.exceptions_open", 3)
    story.day(date(2026, 12, 16))
    assert "cycle.closed" in kinds(story.close("2026-12"))


def test_what_bpjs_did_not_answer_keeps_a_month_open(story: Story) -> None:
    story.pay("D1", "2026-12")
    story.receipt("D1", "2026-12", {"W1": "confirmed", "W2": "9999"})
    story.day(date(2026, 12, 16))
    assert refused(story.close("2026-12")) == ("cycle.exceptions_open", 1)


def test_a_closed_month_counts_every_worker_month_in_one_state(story: Story) -> None:
    story.pay("D1", "2026-12")
    story.receipt("D1", "2026-12", {"W1": "confirmed", "W2": "rejected"})
    story.day(date(2026, 12, 16))
    closed = [fact for fact in story.close("2026-12") if isinstance(fact, CycleClosed)]
    assert [(fact.confirmed, fact.rejected, fact.unpaid, fact.confirmed_idr) for fact in closed] == [(1, 1, 1, 8_400)]


def test_each_donor_gets_one_summary(story: Story) -> None:
    story.pay("D1", "2026-12")
    story.receipt("D1", "2026-12", {"W1": "confirmed", "W2": "rejected"})
    story.day(date(2026, 12, 16))
    summaries = [fact for fact in story.close("2026-12") if isinstance(fact, DonorSummarised)]
    assert [(fact.donor, fact.workers, fact.confirmed_idr, fact.rejected) for fact in summaries] == [
        (an_id("don", "D1"), 1, 8_400, 1),
        (an_id("don", "D2"), 0, 0, 0),
    ]


def test_closing_again_says_nothing(story: Story) -> None:
    all_confirmed(story, "2026-12")
    assert kinds(story.close("2026-12"))[0] == "cycle.closed"
    assert story.close("2026-12") == []


def test_who_was_covered_and_is_not_any_more_has_lapsed(story: Story) -> None:
    all_confirmed(story, "2026-12")
    story.close("2026-12")
    story.day(date(2027, 1, 1))
    story.bill("2027-01")
    story.pay("D1", "2027-01")
    story.receipt("D1", "2027-01", {"W1": "confirmed", "W2": "rejected"})
    story.day(date(2027, 1, 16))
    assert lapsed(story.close("2027-01")) == [an_id("wrk", "W2"), an_id("wrk", "W3")]


def test_who_was_never_covered_has_not_lapsed(story: Story) -> None:
    story.day(date(2026, 12, 16))
    assert lapsed(story.close("2026-12")) == []


def test_who_left_for_good_has_not_lapsed(story: Story) -> None:
    all_confirmed(story, "2026-12")
    story.close("2026-12")
    story.leave("W3", date(2026, 12, 28))
    story.bill("2027-01")
    story.day(date(2027, 1, 16))
    assert lapsed(story.close("2027-01")) == [an_id("wrk", "W1"), an_id("wrk", "W2")]


def test_leaving_is_recorded_once_and_the_earliest_month_holds(story: Story) -> None:
    assert kinds(story.leave("W1", date(2027, 1, 5))) == ["worker.departed"]
    assert story.leave("W1", date(2027, 1, 9)) == []
    assert kinds(story.leave("W1", date(2026, 12, 9))) == ["worker.departed"]


def test_a_month_confirmed_after_a_death_makes_no_lapse_of_the_next(story: Story) -> None:
    story.leave("W3", date(2026, 11, 28))
    all_confirmed(story, "2026-12")
    story.close("2026-12")
    story.bill("2027-01")
    story.day(date(2027, 1, 16))
    assert an_id("wrk", "W3") not in lapsed(story.close("2027-01"))
