"""The terms of a pledge, and what they cost."""

from datetime import date
from typing import Any

import pytest

from schemas.http.pledges import NewPledge
from schemas.reference.quote import Quote
from services.gateway.domain.terms import Terms, looks_personal, read, shown

TODAY = date(2026, 11, 24)
WORKER = "wrk_01m85mg280fvkbbkdtr1qqwcjb"
GOOD: dict[str, Any] = {
    "donor": "don_01m85mg280f58bwqstenh5dw9z",
    "slots": 10,
    "starts": "2026-12",
    "scope": {"areas": ["36.72.01"]},
}


def body(**changes: Any) -> NewPledge:
    """A good body with some fields changed; `None` takes a field away."""
    fields = {name: value for name, value in (GOOD | changes).items() if value is not None}
    return NewPledge.model_validate(fields, strict=False)


def taken(**changes: Any) -> tuple[Terms, Quote]:
    found = read(body(**changes), TODAY)
    assert not isinstance(found, list), found
    return found


def wrong(**changes: Any) -> list[tuple[str, str]]:
    found = read(body(**changes), TODAY)
    assert isinstance(found, list)
    return [(problem.pointer, problem.code) for problem in found]


def test_a_pledge_lasts_twelve_months_unless_it_says_otherwise() -> None:
    terms, _ = taken()
    assert (terms.months, terms.until, terms.city) == (12, "2027-11", "36.72")


def test_the_relief_ends_with_2026_and_the_quote_says_so() -> None:
    _, quote = taken(slots=2, months=6)
    assert [one.iuran_idr_per_worker for one in quote.months] == [8_400, *[16_800] * 5]
    assert (quote.months[0].month, quote.months[-1].month) == ("2026-12", "2027-05")
    assert quote.total_idr == 2 * (8_400 + 5 * 16_800)
    assert any("January 2027" in note and "Rp16,800" in note for note in shown(quote, "en")["notes"])
    assert any("Januari 2027" in note and "Rp16.800" in note for note in shown(quote, "id")["notes"])


def test_transport_keeps_its_relief_until_march_2027() -> None:
    _, quote = taken(scope={"areas": ["36.72"], "occupations": ["ojek", "kurir"]}, slots=1, months=6)
    assert [one.iuran_idr_per_worker for one in quote.months] == [8_400, 8_400, 8_400, 8_400, 16_800, 16_800]


def test_an_amount_buys_as_many_slots_as_it_can_pay_for_to_the_end() -> None:
    for_one = 8_400 + 5 * 16_800
    terms, quote = taken(slots=None, amount_idr=3 * for_one + 1, months=6)
    assert (terms.slots, quote.total_idr) == (3, 3 * for_one)


def test_an_amount_that_pays_for_nobody_is_refused() -> None:
    assert wrong(slots=None, amount_idr=92_399, months=6) == [("/amount_idr", "pledge.amount_too_small")]


def test_an_amount_that_pays_for_too_many_is_refused() -> None:
    assert wrong(slots=None, amount_idr=10**15) == [("/amount_idr", "pledge.amount_too_large")]


@pytest.mark.parametrize(
    ("changes", "place", "code"),
    [
        ({"amount_idr": 1_000_000}, "/slots", "pledge.slots_or_amount"),
        ({"slots": None}, "/slots", "pledge.slots_or_amount"),
        ({"starts": "2026-10"}, "/starts", "month.past"),
        ({"starts": "2028-12"}, "/starts", "month.too_far"),
        ({"scope": {"areas": ["36.72.99"]}}, "/scope/areas/0", "area.unknown"),
        ({"scope": {"areas": ["36"]}}, "/scope/areas/0", "pledge.area_too_wide"),
        ({"scope": {"areas": ["36.72", "36.04"]}}, "/scope/areas", "pledge.two_cities"),
        ({"scope": {"areas": ["36.72"], "near": "36.72.44"}}, "/scope/near", "area.unknown"),
        (
            {"scope": {"areas": ["36.72"], "occupations": ["ojek", "pilot"]}},
            "/scope/occupations/1",
            "occupation.unknown",
        ),
        ({"scope": {"areas": ["36.72"], "workers": [WORKER]}}, "/slots", "pledge.more_slots_than_workers"),
        ({"programmes": ["jkk"]}, "/programmes", "pledge.programmes_incomplete"),
        ({"reference": "CSR for 0812-3456-7890"}, "/reference", "reference.personal_data"),
    ],
)
def test_what_cannot_be_accepted_is_reported_with_its_place(changes: dict[str, Any], place: str, code: str) -> None:
    assert wrong(**changes) == [(place, code)]


def test_all_problems_are_reported_at_once() -> None:
    assert len(wrong(starts="2020-01", programmes=["jht"], scope={"areas": ["99"], "occupations": ["pilot"]})) == 4


def test_an_area_named_twice_counts_once() -> None:
    terms, _ = taken(scope={"areas": ["36.72.01", "36.72.01"]})
    assert terms.scope.areas == ("36.72.01",)


def test_named_workers_bound_the_slots_that_an_amount_buys() -> None:
    terms, quote = taken(slots=None, amount_idr=10_000_000, scope={"areas": ["36.72"], "workers": [WORKER]})
    assert (terms.slots, quote.slots) == (1, 1)


@pytest.mark.parametrize("text", ["a@b.id", "3672010101900001", "+62 812 3456 7890", "36.72.01.010190.0001"])
def test_personal_data_in_a_reference_is_recognised(text: str) -> None:
    assert looks_personal(text)


@pytest.mark.parametrize("text", ["CSR 2026/2027", "PO-2026-000123", "Program Kampung Sadar 12", "Rp 5.000.000"])
def test_a_plain_reference_is_none(text: str) -> None:
    assert not looks_personal(text)
