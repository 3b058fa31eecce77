"""Commands about pledges: from what is known to facts and an answer, or to a refusal."""

from collections.abc import Sequence
from typing import Any

from schemas.facts.gateway import PledgeAmended, PledgeCancelled, PledgeRegistered, Scope
from services.gateway.domain.command import Decided
from services.gateway.domain.pledges import AmendPledge, CancelPledge, RegisterPledge
from services.gateway.domain.terms import Terms, quote_of
from tests.support.gateway_decides import (
    COMMON,
    DON,
    DONOR,
    OTHER_DONOR,
    OTHER_WRK,
    PLG,
    WRK,
    context,
    donor,
    pledge,
    worker,
)


def register_pledge(workers: Sequence[str] = (), **changes: Any) -> RegisterPledge:
    scope = Scope(areas=("36.72",), workers=tuple(workers))
    terms = Terms(
        "36.72", 10, 12, "2026-12", scope, "direct", ("jkk", "jkm"), keep=False, amount_idr=None, reference=None
    )
    quoted = quote_of(10, (), ("jkk", "jkm"), starts="2026-12", count=12)
    return RegisterPledge(**(COMMON | changes), pledge=PLG, donor=DON, terms=terms, quote=quoted)


def test_a_pledge_of_a_known_donor_is_registered_with_the_donors_kind_and_language() -> None:
    facts = context(donor()).when(register_pledge()).first
    assert isinstance(facts, Decided)
    [fact] = facts.facts
    assert isinstance(fact, PledgeRegistered)
    assert (fact.donor_kind, fact.language, fact.slots) == ("company", "id", 10)


def test_a_pledge_of_nobody_is_refused_at_its_place() -> None:
    context().when(register_pledge()).refused("body.invalid", "/donor")


def test_a_pledge_of_an_erased_donor_is_refused() -> None:
    context(donor(erased=True)).when(register_pledge()).refused("body.invalid", "/donor")


def test_nobody_pledges_for_another_donor() -> None:
    context(donor()).when(register_pledge(actor=OTHER_DONOR)).refused("body.invalid", "/donor")


def test_named_workers_must_exist_be_on_the_list_and_live_in_the_city() -> None:
    rows = (donor(), worker(worker=OTHER_WRK, city="36.04"))
    given = context(*rows).when(register_pledge([WRK, OTHER_WRK]))
    given.refused("body.invalid", "/scope/workers/0", "/scope/workers/1")
    died = context(donor(), worker(ended_reason="died"))
    died.when(register_pledge([WRK])).refused("body.invalid", "/scope/workers/0")


def cancel(from_month: str = "2027-03", **changes: Any) -> CancelPledge:
    return CancelPledge(**(COMMON | changes), pledge=PLG, from_month=from_month)


def test_a_pledge_is_cancelled_once() -> None:
    fact = PledgeCancelled(pledge=PLG, from_month="2027-03")
    context(pledge()).when(cancel()).then(fact, status=200).and_again_nothing()


def test_a_cancellation_may_be_brought_forward_but_not_put_off() -> None:
    earlier = PledgeCancelled(pledge=PLG, from_month="2027-03")
    context(pledge(cancelled_from="2027-06")).when(cancel()).then(earlier, status=200)
    context(pledge(cancelled_from="2027-02")).when(cancel()).refused("pledge.ended")


def test_the_past_cannot_be_cancelled() -> None:
    context(pledge()).when(cancel("2026-10")).refused("body.invalid", "/from")


def test_an_ended_pledge_cannot_be_cancelled() -> None:
    context(pledge(status="ended")).when(cancel()).refused("pledge.ended")


def test_another_donors_pledge_does_not_exist() -> None:
    context(pledge()).when(cancel(actor=OTHER_DONOR)).refused("pledge.unknown")
    context(pledge()).when(cancel(actor=DONOR)).then(PledgeCancelled(pledge=PLG, from_month="2027-03"), status=200)


def amend(slots: int | None = None, months: int | None = None) -> AmendPledge:
    return AmendPledge(**COMMON, pledge=PLG, slots=slots, months=months)


def test_an_amendment_says_only_what_changes() -> None:
    fact = PledgeAmended(pledge=PLG, slots=12, months=None)
    context(pledge()).when(amend(slots=12)).then(fact, status=200).and_again_nothing()


def test_the_same_terms_again_are_no_amendment() -> None:
    context(pledge()).when(amend(slots=10, months=12)).then(status=200)


def test_a_pledge_cannot_be_shortened_into_the_past() -> None:
    context(pledge(starts="2026-01")).when(amend(months=6)).refused("body.invalid", "/months")


def test_a_cancelled_pledge_cannot_be_amended() -> None:
    context(pledge(cancelled_from="2027-03")).when(amend(slots=2)).refused("pledge.ended")
