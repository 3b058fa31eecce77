"""Bills: one a month for each worker, priced by the tariff of that month, on one remittance per payer."""

from datetime import date

import pytest

from schemas.facts.ledger import BillIssued, CycleBilled, EntryPosted, RemittancePrepared
from schemas.facts.matcher import MonthFixed, RosterFixed
from services.ledger.domain import accounts
from services.ledger.domain.billing import due_on, pay_code
from services.ledger.domain.state import Remittance
from services.runtime.base.errors import Poison
from tests.support.ledger import CITY, an_id, kinds
from tests.support.ledger import roster as roster_of
from tests.support.ledger_story import Story, play

MATCHED = """
    2026-11-25 pledge P1 by D1: 3 slots, 2026-12 to 2027-05
    2026-11-25 pledge P2 by D2: 1 slots, 2026-12 to 2027-05
    2026-11-26 match P1 with W1, ojek, 2026-12 to 2027-05
    2026-11-26 match P1 with W2, nelayan, 2026-12 to 2027-05
    2026-11-26 match P2 with W3, art, 2026-12 to 2027-05
"""


@pytest.fixture
def story() -> Story:
    """Two pledges with three workers in three occupations."""
    return play(MATCHED)


def roster(pledge: str, month: str, *workers: str) -> RosterFixed:
    """A roster of workers whose matches nobody knows."""
    rows = [(an_id("wrk", w), an_id("mat", f"x-{w}"), "pedagang") for w in workers]
    return roster_of(an_id("plg", pledge), month, rows)


@pytest.mark.parametrize(
    ("month", "ojek", "nelayan"),
    [
        ("2026-12", 8_400, 8_400),
        ("2027-01", 8_400, 16_800),
        ("2027-03", 8_400, 16_800),
        ("2027-04", 16_800, 16_800),
        ("2027-05", 16_800, 16_800),
    ],
)
def test_a_month_costs_what_its_tariff_says_whenever_it_is_billed(
    story: Story, month: str, ojek: int, nelayan: int
) -> None:
    bill = next(fact for fact in story.bill(month) if isinstance(fact, BillIssued) and fact.workers == 2)
    prices = {worker: line.idr for line in bill.lines for worker in line.workers}
    assert prices == {an_id("wrk", "W1"): ojek, an_id("wrk", "W2"): nelayan}
    assert bill.total_idr == ojek + nelayan


def test_each_payer_gets_one_remittance_and_the_city_one_total(story: Story) -> None:
    answers = story.bill("2026-12")
    prepared = [fact for fact in answers if isinstance(fact, RemittancePrepared)]
    assert [(fact.donor, fact.workers, fact.total_idr) for fact in prepared] == [
        (an_id("don", "D1"), 2, 16_800),
        (an_id("don", "D2"), 1, 8_400),
    ]
    assert isinstance(answers[-1], CycleBilled)
    assert (answers[-1].worker_months, answers[-1].idr) == (3, 25_200)


def test_bills_name_the_remittance_that_is_prepared_after_them(story: Story) -> None:
    answers = story.bill("2026-12")
    named = {fact.remittance for fact in answers if isinstance(fact, BillIssued)}
    assert named == {fact.remittance for fact in answers if isinstance(fact, RemittancePrepared)}


def test_a_month_without_workers_is_billed_with_nothing() -> None:
    assert kinds(play("2026-12-01 day").bill("2026-12")) == ["cycle.billed"]


def test_billing_a_month_again_says_nothing(story: Story) -> None:
    story.bill("2026-12")
    assert story.bill("2026-12") == []


def test_a_worker_on_two_pledges_in_one_month_is_poison_and_moves_no_money(story: Story) -> None:
    story.bill("2026-12")
    before = dict(story.balances)
    with pytest.raises(Poison, match=r"bill\.worker_twice"):
        story.tell(roster("P2", "2026-12", "W1"))
    assert dict(story.balances) == before


def test_a_worker_twice_on_one_roster_is_poison(story: Story) -> None:
    with pytest.raises(Poison, match=r"bill\.worker_twice"):
        story.tell(roster("P1", "2026-12", "W9", "W9"))


def test_a_roster_of_a_pledge_that_was_never_opened_is_poison(story: Story) -> None:
    with pytest.raises(Poison, match=r"pledge\.unknown"):
        story.tell(roster("P7", "2026-12", "W9"))


def test_a_roster_that_comes_after_its_month_was_billed_gets_a_remittance_of_its_own(story: Story) -> None:
    first = story.bill("2026-12")
    late = story.tell(roster("P2", "2026-12", "W9"))
    assert kinds(late) == ["pledge.raised", "bill.issued", "iuran.billed", "remittance.prepared"]
    prepared = late[-1]
    assert isinstance(prepared, RemittancePrepared)
    assert (prepared.workers, prepared.total_idr) == (1, 8_400)
    assert prepared.remittance not in {fact.remittance for fact in first if isinstance(fact, RemittancePrepared)}


def test_a_roster_of_a_closed_month_is_poison(story: Story) -> None:
    story.bill("2026-12")
    story.day(date(2026, 12, 20))
    story.close("2026-12")
    with pytest.raises(Poison, match=r"bill\.cycle_closed"):
        story.tell(roster("P2", "2026-12", "W9"))


def test_what_was_not_held_is_billed_from_the_promise(story: Story) -> None:
    billed = story.tell(roster("P1", "2026-12", "W9"))[-1]
    assert isinstance(billed, EntryPosted)
    moved = {book: billed.postings.get(accounts.book(an_id("plg", "P1"), book)) for book in ("held", "promised", "due")}
    assert moved == {"held": None, "promised": -8_400, "due": 8_400}


def test_a_promise_that_is_too_small_is_raised_in_sight_of_everybody() -> None:
    story = play("2026-11-25 pledge P1 by D1: 1 slots, 2026-12 to 2026-12")
    answers = story.tell(roster("P1", "2026-12", "W1", "W2", "W3"))
    assert kinds(answers) == ["pledge.raised", "bill.issued", "iuran.billed"]
    assert story.balances[f"donor:{an_id('don', 'D1')}:promises"] == -25_200


def test_a_skipped_month_returns_its_money_at_the_end(story: Story) -> None:
    story.bill("2027-01")
    story.end("P2", "2027-01")
    assert story.books(an_id("plg", "P2")) == {
        "promised": 0,
        "held": 0,
        "due": 16_800,
        "remitted": 0,
        "confirmed": 0,
        "released": 8_400 + 4 * 16_800,
    }


@pytest.mark.parametrize(
    ("month", "billed_on", "due"),
    [
        ("2026-12", date(2026, 11, 28), date(2026, 12, 15)),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 15)),
        ("2026-12", date(2026, 12, 2), date(2026, 12, 16)),
        ("2026-12", date(2027, 1, 20), date(2027, 2, 3)),
    ],
)
def test_iuran_is_due_on_the_15th_or_two_weeks_after_the_bill(month: str, billed_on: date, due: date) -> None:
    assert due_on(Remittance("D", "id", CITY, month, "direct", billed_on)) == due


def test_a_pay_code_has_twelve_digits_that_begin_with_the_city_and_pass_luhn() -> None:
    codes = [pay_code("36.72", number) for number in range(1, 2_000)]
    assert len(set(codes)) == len(codes)
    for code in codes:
        assert len(code) == 12
        assert code.startswith("3672")
        digits = [int(digit) for digit in reversed(code)]
        assert sum(sum(divmod(d * (1 + place % 2), 10)) for place, d in enumerate(digits)) % 10 == 0


def test_a_mistyped_digit_or_two_swapped_ones_is_no_pay_code() -> None:
    assert pay_code("36.72", 12) != pay_code("36.72", 21)
    assert pay_code("36.72", 12)[-1] != pay_code("36.72", 13)[-1]


def test_a_fixed_month_of_an_unknown_city_is_billed_empty() -> None:
    story = Story()
    assert kinds(story.tell(MonthFixed(city="32.01", month="2026-12", pledges=0, workers=0))) == ["cycle.billed"]
