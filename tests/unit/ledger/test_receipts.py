"""Receipts: what fits is confirmed or rejected once; what does not fit is reported and moves no money."""

from datetime import date

import pytest

from schemas.base import Fact
from schemas.facts.gateway import ReceiptLine, ReceiptReceived
from schemas.facts.ledger import EntryPosted, IuranConfirmed, IuranRejected, ReceiptRefused, WorkerLapsed
from services.ledger.domain.receipts import is_misfit
from tests.support.ledger import an_id, kinds
from tests.support.ledger_story import Story, play

PAID = """
    2026-11-25 pledge P1 by D1: 3 slots, 2026-12 to 2027-02
    2026-11-25 pledge P2 by D2: 1 slots, 2026-12 to 2027-02
    2026-11-26 match P1 with W1, pedagang, 2026-12 to 2027-02
    2026-11-26 match P1 with W2, art, 2026-12 to 2027-02
    2026-11-26 match P2 with W3, ojek, 2026-12 to 2027-02
    2026-12-01 bill 2026-12
    2026-12-10 pay D1 2026-12
"""


@pytest.fixture
def story() -> Story:
    """W1 and W2 of D1 are paid, W3 of D2 is not."""
    return play(PAID)


def misfits(facts: list[Fact]) -> dict[str, str]:
    """What did not fit, by worker."""
    lines = [line for fact in facts if isinstance(fact, IuranRejected) for line in fact.lines if is_misfit(line.reason)]
    return {line.worker: line.reason for line in lines}


def refusal(facts: list[Fact]) -> str:
    """The code of the only answer, which is a refusal."""
    (fact,) = facts
    assert isinstance(fact, ReceiptRefused)
    return fact.code


def test_lines_that_fit_are_confirmed_and_tell_how_long_the_cover_lasts(story: Story) -> None:
    confirmed, entry = story.receipt("D1", "2026-12", {"W1": "confirmed", "W2": "confirmed"})
    assert isinstance(confirmed, IuranConfirmed)
    [line] = confirmed.lines
    assert (len(line.workers), line.idr, line.spell_months, line.covered_until) == (2, 8_400, 1, "2026-12")
    assert (confirmed.workers, confirmed.total_idr) == (2, 16_800)
    assert kinds([entry]) == ["iuran.confirmed"]
    assert story.books(an_id("plg", "P1"))["confirmed"] == 16_800


def test_the_same_receipt_again_says_nothing(story: Story) -> None:
    lines = {"W1": "confirmed", "W2": "rejected", "W3": "confirmed"}
    assert story.receipt("D1", "2026-12", lines) != []
    assert story.receipt("D1", "2026-12", lines) == []


def test_a_rejected_line_is_released_and_the_payer_may_have_it_back(story: Story) -> None:
    rejected, entry = story.receipt("D1", "2026-12", {"W2": "rejected"})
    assert isinstance(rejected, IuranRejected)
    assert isinstance(entry, EntryPosted)
    assert [(line.reason, line.idr) for line in rejected.lines] == [("nik.unknown", 8_400)]
    assert (entry.what, entry.about) == ("iuran.rejected", rejected.receipt)
    assert story.books(an_id("plg", "P1"))["released"] == 8_400
    assert story.balances[f"payer:{an_id('don', 'D1')}:refundable"] == 8_400
    assert story.balances["bpjs:refundable"] == -8_400


def test_a_line_confirmed_after_its_rejection_corrects_the_receipt_that_rejected_it(story: Story) -> None:
    _, rejection = story.receipt("D1", "2026-12", {"W2": "rejected"})
    confirmed, entry = story.receipt("D1", "2026-12", {"W1": "confirmed", "W2": "confirmed"})[-2:]
    assert isinstance(rejection, EntryPosted)
    assert isinstance(confirmed, IuranConfirmed)
    assert isinstance(entry, EntryPosted)
    assert confirmed.corrects
    assert (entry.what, entry.corrects) == ("iuran.confirmed_after_all", rejection.about)
    assert story.balances[f"payer:{an_id('don', 'D1')}:refundable"] == 0
    assert story.books(an_id("plg", "P1"))["confirmed"] == 16_800


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ({"W1": "8401"}, "receipt.amount_differs"),
        ({"W1": "0"}, "receipt.amount_differs"),
        ({"W3": "confirmed"}, "receipt.not_on_remittance"),
        ({"W9": "confirmed"}, "receipt.not_on_remittance"),
        ({"W9": "rejected"}, "receipt.not_on_remittance"),
    ],
)
def test_a_line_that_does_not_fit_is_reported_and_changes_nothing(
    story: Story, lines: dict[str, str], reason: str
) -> None:
    before = dict(story.balances)
    answers = story.receipt("D1", "2026-12", lines)
    assert misfits(answers) == {an_id("wrk", worker): reason for worker in lines}
    assert dict(story.balances) == before


@pytest.mark.parametrize("second", ["rejected", "16800"])
def test_a_confirmed_line_stays_confirmed_whatever_a_later_receipt_says(story: Story, second: str) -> None:
    story.receipt("D1", "2026-12", {"W1": "confirmed"})
    before = dict(story.balances)
    answers = story.receipt("D1", "2026-12", {"W1": second})
    assert misfits(answers) == {an_id("wrk", "W1"): "receipt.already_confirmed"}
    assert dict(story.balances) == before


def test_a_worker_twice_on_a_receipt_counts_once_and_a_contradiction_is_reported(story: Story) -> None:
    lines = tuple(
        ReceiptLine(worker=an_id("wrk", "W1"), amount_idr=idr, outcome="confirmed") for idr in (8_400, 8_400, 9_000)
    )
    answers = story.tell(
        ReceiptReceived(
            receipt=an_id("rcp", "x"),
            remittance=story.remittance("D1", "2026-12").remittance,
            month="2026-12",
            lines=lines,
        )
    )
    assert kinds(answers) == ["iuran.confirmed", "iuran.confirmed", "iuran.rejected"]
    assert misfits(answers) == {an_id("wrk", "W1"): "receipt.line_twice"}
    assert story.books(an_id("plg", "P1"))["confirmed"] == 8_400


def test_a_reason_of_bpjs_that_looks_like_ours_is_not_taken_for_ours(story: Story) -> None:
    line = ReceiptLine(worker=an_id("wrk", "W1"), amount_idr=8_400, outcome="rejected", reason="receipt.amount_differs")
    rejected, _ = story.tell(
        ReceiptReceived(
            receipt=an_id("rcp", "x"),
            remittance=story.remittance("D1", "2026-12").remittance,
            month="2026-12",
            lines=(line,),
        )
    )
    assert isinstance(rejected, IuranRejected)
    assert [line.reason for line in rejected.lines] == ["bpjs.rejected"]


def test_a_receipt_before_its_payment_is_refused(story: Story) -> None:
    assert refusal(story.receipt("D2", "2026-12", {"W3": "confirmed"})) == "receipt.before_payment"


def test_a_receipt_for_another_month_is_refused(story: Story) -> None:
    assert refusal(story.receipt("D1", "2026-12", {"W1": "confirmed"}, of="2027-01")) == "receipt.other_month"


def test_a_receipt_of_an_unknown_remittance_is_refused(story: Story) -> None:
    unknown = ReceiptReceived(receipt=an_id("rcp", "x"), remittance=an_id("rem", "none"), month="2026-12", lines=())
    assert refusal(story.tell(unknown)) == "receipt.unknown_remittance"


def test_a_receipt_of_a_closed_month_is_refused(story: Story) -> None:
    story.receipt("D1", "2026-12", {"W1": "confirmed", "W2": "confirmed"})
    story.day(date(2026, 12, 20))
    story.close("2026-12")
    assert refusal(story.receipt("D1", "2026-12", {"W1": "confirmed"})) == "receipt.cycle_closed"


def test_months_confirmed_in_any_order_make_the_same_spell(story: Story) -> None:
    for month in ("2027-01", "2027-02"):
        story.bill(month)
        story.pay("D1", month)
    answers = [story.receipt("D1", month, {"W1": "confirmed"})[0] for month in ("2027-02", "2026-12", "2027-01")]
    spells = [
        (line.spell_months, line.covered_until)
        for fact in answers
        if isinstance(fact, IuranConfirmed)
        for line in fact.lines
    ]
    assert spells == [(1, "2027-02"), (1, "2027-02"), (3, "2027-02")]


def test_workers_with_the_same_spell_are_one_line_of_a_confirmation(story: Story) -> None:
    story.receipt("D1", "2026-12", {"W1": "confirmed"})
    story.bill("2027-01")
    story.pay("D1", "2027-01")
    [confirmed] = [
        fact
        for fact in story.receipt("D1", "2027-01", {"W1": "confirmed", "W2": "confirmed"})
        if isinstance(fact, IuranConfirmed)
    ]
    assert [(line.workers, line.spell_months) for line in confirmed.lines] == [
        ((an_id("wrk", "W1"),), 2),
        ((an_id("wrk", "W2"),), 1),
    ]
    assert confirmed.total_idr == sum(line.idr * len(line.workers) for line in confirmed.lines)


def test_a_month_confirmed_after_the_next_one_closed_shows_the_lapse(story: Story) -> None:
    story.bill("2027-01")
    story.day(date(2027, 1, 20))
    story.close("2027-01")
    answers = story.receipt("D1", "2026-12", {"W1": "confirmed"})
    assert [fact for fact in answers if isinstance(fact, WorkerLapsed)] == [
        WorkerLapsed(worker=an_id("wrk", "W1"), month="2027-01", covered_until="2026-12")
    ]
