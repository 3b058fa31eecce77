"""Which facts are told, to whom, in which language and under which key."""

import pytest

from schemas.facts.matcher import MatchReason, PledgeSuspended
from services.notifier.domain.catalogue import CATALOGUE
from tests.support.notices import (
    Shard,
    an_id,
    confirmed,
    lapse_foreseen,
    lapsed,
    match_made,
    pledge_matched,
    pledge_opened,
    pledge_overdue,
    pledge_refused,
    remittance_paid,
    remittance_prepared,
    summarised,
)

TOLD = [
    (match_made(), "matched", an_id("wrk"), f"matched/{an_id('mat')}"),
    (confirmed(1), "covered", an_id("wrk"), f"covered/{an_id('wrk')}/2027-01"),
    (lapse_foreseen(), "lapse", an_id("wrk"), f"lapse/{an_id('wrk')}/2026-12/2026-12-01"),
    (lapsed(), "lapsed", an_id("wrk"), f"lapsed/{an_id('wrk')}/2027-01"),
    (pledge_opened(), "pledge_accepted", an_id("don"), f"pledge_accepted/{an_id('plg')}"),
    (pledge_refused(), "pledge_refused", an_id("don"), f"pledge_refused/{an_id('plg')}/pledge.unknown/2026-12-01"),
    (pledge_matched(7), "pledge_matched", an_id("don"), f"pledge_matched/{an_id('plg')}/7/2026-12-01"),
    (pledge_overdue(), "overdue", an_id("don"), f"overdue/{an_id('plg')}/{an_id('rem')}"),
    (remittance_prepared(), "bill_due", an_id("don"), f"bill_due/{an_id('rem')}"),
    (remittance_paid(), "paid", an_id("don"), f"paid/{an_id('rem')}"),
    (summarised(), "summary", an_id("don"), f"summary/{an_id('don')}/36.72/2027-01"),
]


@pytest.mark.parametrize(("fact", "template", "recipient", "key"), TOLD, ids=[row[1] for row in TOLD])
def test_a_fact_is_told_to_whom_it_concerns(fact: object, template: str, recipient: str, key: str) -> None:
    notice = Shard().when(fact).notice  # type: ignore[arg-type]
    assert (notice.template, notice.recipient, notice.key) == (template, recipient, key)


@pytest.mark.parametrize("fact", [row[0] for row in TOLD], ids=[row[1] for row in TOLD])
def test_a_notice_has_exactly_the_parameters_of_its_template(fact: object) -> None:
    notice = Shard().when(fact).notice  # type: ignore[arg-type]
    assert set(notice.params) == set(CATALOGUE[notice.template].params)


def test_every_template_is_used() -> None:
    told = {template for _, template, _, _ in TOLD}
    assert told | {"continued"} == set(CATALOGUE)


@pytest.mark.parametrize("reason", ["new", "named", "substitution"])
def test_who_finds_a_sponsor_is_told(reason: MatchReason) -> None:
    assert Shard().when(match_made(reason=reason)).notice.template == "matched"


@pytest.mark.parametrize("reason", ["renewal", "rematch"])
def test_who_keeps_cover_with_another_sponsor_is_told_that_it_goes_on(reason: MatchReason) -> None:
    assert Shard().when(match_made(reason=reason)).notice.template == "continued"


def test_a_swap_of_sponsors_is_silent() -> None:
    assert Shard().when(match_made(reason="swap")).last == []


def test_what_concerns_nobody_is_silent() -> None:
    assert Shard().when(PledgeSuspended(pledge=an_id("plg"))).last == []


def test_a_refusal_without_a_known_donor_is_silent() -> None:
    assert Shard().when(pledge_refused(donor=None)).last == []


def test_each_worker_on_a_receipt_gets_his_own() -> None:
    notices = Shard().when(confirmed(1, 2, 3)).notices
    assert [notice.recipient for notice in notices] == [an_id("wrk", 1), an_id("wrk", 2), an_id("wrk", 3)]


def test_a_receipt_tells_the_month_the_cover_and_the_spell() -> None:
    params = Shard().when(confirmed(1, month="2027-02")).notice.params
    assert (params["month"], params["covered_until"], params["spell_months"]) == ("2027-02", "2027-02", "3")


def test_donors_are_told_in_their_language() -> None:
    assert Shard().when(pledge_opened(language="en")).notice.language == "en"


def test_workers_are_told_in_indonesian() -> None:
    assert Shard().when(match_made()).notice.language == "id"


def test_one_bill_of_several_pledges_is_told_once_and_its_overdue_pledges_each() -> None:
    shard = Shard().given(remittance_prepared(), pledge_overdue(1), pledge_overdue(2))
    assert len(shard.keys()) == len(set(shard.keys())) == 3
