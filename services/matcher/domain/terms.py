"""What a pledge's terms lead to: opening and refusing it, and ending matches when it is cut, cancelled or suspended.

Promises that fixed months stay as they are, and that no month after them has more matches than slots.
"""

from collections.abc import Iterator

from schemas import months
from schemas.facts.gateway import PledgeAmended, PledgeCancelled, PledgeRegistered
from schemas.facts.ledger import PledgeOverdue, PledgeSettled
from schemas.facts.matcher import (
    PledgeEnded,
    PledgeOpened,
    PledgeRefused,
    PledgeReshaped,
    PledgeResumed,
    PledgeSuspended,
)
from schemas.reference import occupations, regions
from services.matcher.domain.city import City
from services.matcher.domain.decision import Decision, text
from services.matcher.domain.model import Match, Pledge
from services.matcher.domain.state import State


def refuse(fact: PledgeRegistered, horizon: int) -> PledgeRefused | None:
    """Why a pledge cannot be opened, if so."""
    if not all(regions.contains(fact.city, area) for area in fact.scope.areas):
        detail = f"its areas must lie in {fact.city}; make one pledge per city"
        return PledgeRefused(pledge=fact.pledge, donor=fact.donor, code="pledge.outside_city", detail=detail)
    if months.number(fact.until) <= horizon:
        detail = f"its term must go on after {text(horizon)}, the next month in which workers can change"
        return PledgeRefused(pledge=fact.pledge, donor=fact.donor, code="pledge.term_past", detail=detail)
    return None


def opened(state: State, fact: PledgeRegistered) -> PledgeOpened:
    """The pledge with all that later services need of its terms."""
    return PledgeOpened(
        pledge=fact.pledge,
        **fact.terms(),
        donor_kind=fact.donor_kind,
        transport_only=_transport_only(state, fact),
        scope=fact.scope,
        keep=fact.keep,
    )


def _transport_only(state: State, fact: PledgeRegistered) -> bool:
    if fact.scope.workers:
        named = [state.workers.get(name) for name in fact.scope.workers]
        codes = tuple(worker.cell.occupation if worker is not None else "" for worker in named)
    else:
        codes = fact.scope.occupations
    return all(map(occupations.exists, codes)) and occupations.transport_only(codes)


def cancel(decision: Decision, fact: PledgeCancelled) -> None:
    """A pledge pays no month from `from_month` on."""
    state = decision.state
    pledge = state.pledges.get(fact.pledge)
    if pledge is None or pledge.status == "ended":
        decision.record(_unfit(pledge, fact.pledge))
        return
    last = min(pledge.until, max(months.number(fact.from_month) - 1, state.city_of(pledge).fixed))
    for match in _matches(pledge):
        if match.last > last or match.worker.seat is match:
            decision.end(match, last, "cancelled")
    decision.record(PledgeEnded(pledge=pledge.id, reason="cancelled", last_month=text(last)))


def amend(decision: Decision, fact: PledgeAmended) -> None:
    """A pledge has other slots or another length; what goes beyond them ends, the newest first."""
    pledge = decision.state.pledges.get(fact.pledge)
    if pledge is None or pledge.status == "ended":
        decision.record(_unfit(pledge, fact.pledge))
        return
    city = decision.state.city_of(pledge)
    slots = pledge.slots if fact.slots is None else fact.slots
    until = pledge.until if fact.months is None else max(pledge.starts + fact.months - 1, city.fixed)
    if (slots, until) == (pledge.slots, pledge.until):
        return
    for match in _matches(pledge):
        # a pledge without a month after the horizon has no place in the graph, nor have its workers
        if match.last > until or (until <= city.horizon and match.worker.seat is match):
            decision.end(match, until, "amended")
    for match in _surplus(city, pledge, slots):
        decision.end(match, city.fixed or match.first - 1, "amended")
    decision.record(PledgeReshaped(pledge=pledge.id, slots=slots, until=text(until)))
    if until < city.horizon:
        decision.record(PledgeEnded(pledge=pledge.id, reason="term_over", last_month=text(until)))


def suspend(decision: Decision, fact: PledgeOverdue) -> None:
    """A pledge did not pay: its workers are free for others from the first month that is not fixed."""
    pledge = decision.state.pledges.get(fact.pledge)
    if pledge is None or pledge.status != "open":
        return
    city = decision.state.city_of(pledge)
    decision.record(PledgeSuspended(pledge=pledge.id))
    for match in _matches(pledge):
        # who has swapped away already is covered by this pledge until then or by nobody: that stays
        if not match.end_recorded:
            decision.end(match, city.fixed or match.first - 1, "suspended")


def resume(decision: Decision, fact: PledgeSettled) -> None:
    """A suspended pledge paid what it owed: its slots fill again."""
    pledge = decision.state.pledges.get(fact.pledge)
    if pledge is not None and pledge.status == "suspended":
        decision.record(PledgeResumed(pledge=pledge.id))


def _matches(pledge: Pledge) -> list[Match]:
    """All matches that cover a month which is not fixed, the newest first."""
    return sorted((*pledge.seats.values(), *pledge.ending_matches.values()), key=lambda match: -match.order)


def _surplus(city: City, pledge: Pledge, slots: int) -> Iterator[Match]:
    """The newest matches without which no month has more than `slots`."""
    matches = _matches(pledge)
    first = city.fixed + 1 if city.fixed else min((match.first for match in matches), default=city.horizon)
    used = dict.fromkeys(range(first, city.horizon + 1), 0)
    spans = [(match, _span(city, match, first)) for match in matches]
    for _, span in spans:
        for month in span:
            used[month] += 1
    for match, span in spans:
        if any(used[month] > slots for month in span):
            for month in span:
                used[month] -= 1
            yield match


def _span(city: City, match: Match, first: int) -> range:
    # a seat takes its slot at the horizon, even if its worker needs it from a later month only
    seated = match.worker.seat is match
    return range(
        min(max(match.first, first), city.horizon) if seated else max(match.first, first),
        (city.horizon if seated else min(match.last, city.horizon)) + 1,
    )


def _unfit(pledge: Pledge | None, name: str) -> PledgeRefused:
    if pledge is None:
        return PledgeRefused(pledge=name, donor=None, code="pledge.unknown", detail="no such pledge in this city")
    return PledgeRefused(pledge=name, donor=pledge.donor, code="pledge.ended", detail="it has ended already")
