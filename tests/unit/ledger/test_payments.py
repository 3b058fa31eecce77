"""Payments: the exact sum once, refusals with stable codes, and what happens when nobody pays."""

from datetime import date

import pytest

from schemas.base import Fact
from schemas.facts.gateway import PaymentReported
from schemas.facts.ledger import EntryPosted, PaymentRefused, PledgeOverdue, PledgeSettled, RemittancePaid
from tests.support.ledger import an_id, kinds
from tests.support.ledger_story import Story, play

BILLED = """
    2026-11-25 pledge P1 by D1: 2 slots, 2026-12 to 2027-01
    2026-11-25 pledge P2 by D1: 1 slots, 2026-12 to 2027-01
    2026-11-26 match P1 with W1, pedagang, 2026-12 to 2027-01
    2026-11-26 match P1 with W2, art, 2026-12 to 2027-01
    2026-11-26 match P2 with W3, ojek, 2026-12 to 2027-01
    2026-12-01 bill 2026-12
"""


@pytest.fixture
def story() -> Story:
    """Three worker-months of one donor, due on 15 December 2026."""
    return play(BILLED)


def refusal(facts: list[Fact]) -> str:
    """The code of the only answer, which is a refusal."""
    (fact,) = facts
    assert isinstance(fact, PaymentRefused)
    return fact.code


def test_the_exact_sum_pays_every_pledge_of_the_remittance(story: Story) -> None:
    story.day(date(2026, 12, 10))
    paid, *entries = story.pay("D1", "2026-12")
    assert isinstance(paid, RemittancePaid)
    assert (paid.total_idr, paid.workers, len(paid.pledges)) == (25_200, 3, 2)
    assert kinds(entries) == ["iuran.paid", "iuran.paid"]
    assert story.books(an_id("plg", "P1"))["remitted"] == 16_800
    assert story.books(an_id("plg", "P2"))["remitted"] == 8_400


@pytest.mark.parametrize(("idr", "words"), [(25_199, "Rp1 less"), (25_201, "Rp1 more"), (50_400, "Rp25,200 more")])
def test_another_sum_is_refused_and_moves_no_money(story: Story, idr: int, words: str) -> None:
    before = dict(story.balances)
    (fact,) = story.pay("D1", "2026-12", idr)
    assert isinstance(fact, PaymentRefused)
    assert (fact.code, fact.detail.startswith(words)) == ("payment.amount_differs", True)
    assert dict(story.balances) == before


def test_a_second_payment_is_refused_and_moves_no_money(story: Story) -> None:
    story.pay("D1", "2026-12")
    before = dict(story.balances)
    assert refusal(story.pay("D1", "2026-12")) == "payment.already_paid"
    assert dict(story.balances) == before


def test_a_payment_for_a_remittance_that_nobody_prepared_is_refused(story: Story) -> None:
    unknown = PaymentReported(
        remittance=an_id("rem", "none"), amount_idr=25_200, paid_on=date(2026, 12, 2), channel="bank"
    )
    assert refusal(story.tell(unknown)) == "payment.unknown_remittance"


def test_a_payment_counts_from_the_day_on_which_it_was_made(story: Story) -> None:
    story.day(date(2026, 12, 10))
    entries = [fact for fact in story.pay("D1", "2026-12", on=date(2026, 12, 4)) if isinstance(fact, EntryPosted)]
    assert {entry.effective for entry in entries} == {date(2026, 12, 4)}


@pytest.mark.parametrize(("reported", "counts"), [((2026, 11, 1), (2026, 12, 1)), ((2027, 5, 1), (2026, 12, 10))])
def test_a_payment_never_counts_before_its_bill_nor_after_its_report(
    story: Story, reported: tuple[int, int, int], counts: tuple[int, int, int]
) -> None:
    story.day(date(2026, 12, 10))
    entries = [fact for fact in story.pay("D1", "2026-12", on=date(*reported)) if isinstance(fact, EntryPosted)]
    assert {entry.effective for entry in entries} == {date(*counts)}


def test_each_pledge_is_overdue_once_after_the_due_date(story: Story) -> None:
    assert story.day(date(2026, 12, 15))[1:] == []
    overdue = story.day(date(2026, 12, 16))[1:]
    assert [(fact.pledge, fact.idr) for fact in overdue if isinstance(fact, PledgeOverdue)] == [
        (an_id("plg", "P1"), 16_800),
        (an_id("plg", "P2"), 8_400),
    ]
    assert story.day(date(2026, 12, 17))[1:] == []


def test_a_late_payment_settles_each_overdue_pledge(story: Story) -> None:
    story.day(date(2026, 12, 20))
    settled = [fact.pledge for fact in story.pay("D1", "2026-12") if isinstance(fact, PledgeSettled)]
    assert settled == [an_id("plg", "P1"), an_id("plg", "P2")]


def test_a_pledge_that_owes_another_month_is_not_settled_yet(story: Story) -> None:
    story.day(date(2026, 12, 20))
    story.bill("2027-01")
    story.day(date(2027, 1, 16))
    assert [fact for fact in story.pay("D1", "2026-12") if isinstance(fact, PledgeSettled)] == []
    assert len([fact for fact in story.pay("D1", "2027-01") if isinstance(fact, PledgeSettled)]) == 2


def test_a_payment_after_its_month_closed_unpaid_is_refused(story: Story) -> None:
    story.day(date(2026, 12, 16))
    story.close("2026-12")
    assert refusal(story.pay("D1", "2026-12")) == "payment.cycle_closed"


def test_a_pooled_donor_pays_the_pool_and_the_pool_pays_bpjs() -> None:
    story = play(
        """
        2026-11-25 pledge P1 by D1: 1 slots, 2026-12 to 2027-01, pooled
        2026-11-26 match P1 with W1, pedagang, 2026-12 to 2027-01
        2026-12-01 bill 2026-12
        """
    )
    assert kinds(story.pay("D1", "2026-12")) == ["remittance.paid", "pool.received", "iuran.paid"]
    donor = an_id("don", "D1")
    assert story.balances[f"pool:{donor}:cash"] == 0
    assert story.balances[f"payer:{donor}:settled"] == 8_400


def test_direct_and_pooled_pledges_of_one_donor_are_two_remittances() -> None:
    story = play(
        """
        2026-11-25 pledge P1 by D1: 1 slots, 2026-12 to 2027-01
        2026-11-25 pledge P2 by D1: 1 slots, 2026-12 to 2027-01, pooled
        2026-11-26 match P1 with W1, pedagang, 2026-12 to 2027-01
        2026-11-26 match P2 with W2, pedagang, 2026-12 to 2027-01
        """
    )
    story.day(date(2026, 12, 1))
    assert kinds(story.bill("2026-12")).count("remittance.prepared") == 2
