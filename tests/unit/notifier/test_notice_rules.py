"""Which facts lead to which notices, to whom, in which language and under which key."""

import pytest

from schemas.facts.matcher import MatchReason, PledgeSuspended
from schemas.facts.notifier import NoticesRequested
from services.notifier.domain.notice_rules import CATALOGUE
from services.notifier.domain.templates import key_of
from tests.support.notice_samples import SAMPLES
from tests.support.notices import (
    Shard,
    an_id,
    confirmed,
    match_made,
    pledge_opened,
    pledge_overdue,
    pledge_refused,
    remittance_prepared,
)


@pytest.mark.parametrize("template", SAMPLES)
def test_a_fact_leads_to_its_notice(template: str) -> None:
    sample = SAMPLES[template]
    notice = Shard().when(sample.fact).notice
    key = key_of(template, sample.recipient, sample.subject)
    assert (notice.template, notice.recipient, notice.key) == (template, sample.recipient, key)


@pytest.mark.parametrize("template", SAMPLES)
def test_a_notice_is_owed_to_its_audience(template: str) -> None:
    prefix = {"worker": "wrk", "donor": "don"}[CATALOGUE[template].audience]
    assert Shard().when(SAMPLES[template].fact).notice.recipient.startswith(prefix)


def test_a_notice_without_the_parameters_of_its_template_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="covered_until"):
        CATALOGUE["lapsed"].owed(an_id("wrk"), "2027-01", month="2027-01")


@pytest.mark.parametrize("reason", ["new", "named", "substitution"])
def test_a_worker_with_a_new_sponsor_is_notified(reason: MatchReason) -> None:
    assert Shard().when(match_made(reason=reason)).notice.template == "matched"


@pytest.mark.parametrize("reason", ["renewal", "rematch"])
def test_a_worker_with_a_further_sponsor_is_notified_of_it(reason: MatchReason) -> None:
    assert Shard().when(match_made(reason=reason)).notice.template == "continued"


def test_a_swap_of_sponsors_is_silent() -> None:
    assert Shard().when(match_made(reason="swap")).last == []


def test_what_concerns_nobody_is_silent() -> None:
    assert Shard().when(PledgeSuspended(pledge=an_id("plg"))).last == []


def test_a_refusal_without_a_known_donor_is_silent() -> None:
    assert Shard().when(pledge_refused(donor=None)).last == []


def test_each_worker_on_a_receipt_gets_a_notice_of_the_one_fact() -> None:
    shard = Shard().when(confirmed(1, 2, 3))
    assert [notice.recipient for notice in shard.notices] == [an_id("wrk", 1), an_id("wrk", 2), an_id("wrk", 3)]
    assert len(shard.last) == 1


def test_what_all_notices_of_a_fact_share_is_written_once() -> None:
    (fact,) = Shard().when(confirmed(1, 2)).last
    assert isinstance(fact, NoticesRequested)
    assert fact.params["month"] == "2027-01"
    assert [line.params for line in fact.lines] == [{}, {}]


def test_a_fact_of_more_workers_than_one_fact_may_name_leads_to_several() -> None:
    shard = Shard().when(confirmed(*range(1_001)))
    assert [len(fact.lines) for fact in shard.last if isinstance(fact, NoticesRequested)] == [1_000, 1]
    assert len(set(shard.keys())) == 1_001


def test_a_confirmation_states_the_month_the_cover_and_the_spell() -> None:
    params = Shard().when(confirmed(1, month="2027-02")).notice.params
    assert (params["month"], params["covered_until"], params["spell_months"]) == ("2027-02", "2027-02", "3")


def test_donors_are_notified_in_their_language() -> None:
    assert Shard().when(pledge_opened(language="en")).notice.language == "en"


def test_workers_are_notified_in_indonesian() -> None:
    assert Shard().when(match_made()).notice.language == "id"


def test_a_bill_of_several_pledges_is_one_notice_and_each_overdue_pledge_another() -> None:
    keys = Shard().given(remittance_prepared(), pledge_overdue(1), pledge_overdue(2)).keys()
    assert len(keys) == len(set(keys)) == 3
