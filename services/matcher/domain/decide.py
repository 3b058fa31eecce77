"""Answers each input with facts: who is matched, who moves, who waits, what ends.

Promises after each input: maximum cover, the most urgent first, nobody uncovered by a swap. Every yielded fact is
folded by `evolve` before this goes on; nothing here changes the state, and nothing depends on anything but the state
and the input.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, Literal

from schemas import months
from schemas.base import Fact
from schemas.facts.common import DayBegan
from schemas.facts.gateway import (
    CycleBillingRequested,
    EndReason,
    PersonErased,
    PledgeAmended,
    PledgeCancelled,
    PledgeRegistered,
    WorkerEnded,
    WorkerRegistered,
)
from schemas.facts.ledger import PledgeOverdue, PledgeSettled
from schemas.facts.matcher import (
    MatchEnd,
    MonthFixed,
    PledgeResumed,
    WorkerListed,
    WorkerUnlisted,
)
from services.matcher.domain import calendar, terms
from services.matcher.domain.city import City
from services.matcher.domain.placing import arrive, ended, fill_all_named, fill_named, settle
from services.matcher.domain.state import State
from services.runtime.base.clock import jakarta_day

if TYPE_CHECKING:
    from services.runtime.contract import Received

#: what `decide` answers; nothing else concerns matching
HEEDS: Final[frozenset[type[Fact]]] = frozenset(
    {
        WorkerRegistered,
        PledgeRegistered,
        WorkerEnded,
        PersonErased,
        PledgeCancelled,
        PledgeAmended,
        PledgeOverdue,
        PledgeSettled,
        CycleBillingRequested,
        DayBegan,
    }
)

Facts = Iterator[Fact]
Left = EndReason | Literal["erased"]


def decide(state: State, received: "Received") -> Facts:
    """The facts that answer an input; none for kinds that are not in `HEEDS`."""
    match received.fact:
        case WorkerRegistered() as registered:
            return _list(state, received, registered)
        case PledgeRegistered() as registered:
            return _open(state, received, registered)
        case WorkerEnded(worker=worker, reason=reason, on=on):
            return _unlist(state, received, worker, reason, months.number(months.of(on)))
        case PersonErased(person=person):
            today = state.today or jakarta_day(received.at)
            return _unlist(state, received, person, "erased", months.number(months.of(today)))
        case PledgeCancelled() as cancelled:
            return _then_fill(state, received, cancelled.pledge, terms.cancel(state, cancelled))
        case PledgeAmended() as amended:
            return _then_fill(state, received, amended.pledge, terms.amend(state, amended))
        case PledgeOverdue(pledge=pledge):
            return _then_fill(state, received, pledge, terms.suspend(state, pledge))
        case PledgeSettled(pledge=pledge):
            return _then_fill(state, received, pledge, _resume(state, pledge))
        case CycleBillingRequested() as requested:
            return _fix(state, received, requested)
        case DayBegan() as began if received.source == "gateway":
            return _begin(state, received, began)
        case _:
            return iter(())


def _list(state: State, received: "Received", fact: WorkerRegistered) -> Facts:
    known = state.workers.get(fact.worker)
    if known is not None and not known.left:
        return
    yield WorkerListed(
        worker=fact.worker,
        city=fact.city,
        area=fact.area,
        occupation=fact.occupation,
        band=fact.band,
        eligible_until=fact.eligible_until,
    )
    yield from arrive(state.cities[fact.city], state.workers[fact.worker], received)


def _open(state: State, received: "Received", fact: PledgeRegistered) -> Facts:
    if fact.pledge in state.pledges:
        return
    now = state.now or months.number(months.of(jakarta_day(received.at)))
    city = state.cities.get(fact.city)
    refused = terms.refuse(fact, city.horizon if city is not None else now + 1)
    if refused is not None:
        yield refused
        return
    yield terms.opened(state, fact)
    yield from _refill(state, state.cities[fact.city], received, fact.pledge)


def _refill(state: State, city: City, received: "Received", pledge: str) -> Facts:
    yield from fill_named(state, city, state.pledges[pledge], received)
    yield from settle(city, received)


def _unlist(state: State, received: "Received", name: str, reason: Left, month: int) -> Facts:
    worker = state.workers.get(name)
    if worker is None or worker.left:
        return
    city = state.city_of(worker)
    last, seat = max(month, city.fixed), worker.seat
    why: MatchEnd = "withdrew" if reason == "erased" else reason
    if seat is not None:
        yield ended(seat, last, why)
    for tail in [tail for tail in worker.tails if tail.last > last]:
        yield ended(tail, last, why)
    yield WorkerUnlisted(worker=name, reason=reason)
    if seat is not None:
        yield from fill_named(state, city, seat.pledge, received)
        yield from settle(city, received, "substitution")


def _then_fill(state: State, received: "Received", pledge: str, facts: Facts) -> Facts:
    yield from facts
    if pledge in state.pledges:
        city = state.city_of(state.pledges[pledge])
        yield from fill_all_named(state, city, received)
        yield from settle(city, received)


def _resume(state: State, name: str) -> Facts:
    pledge = state.pledges.get(name)
    if pledge is not None and pledge.status == "suspended":
        yield PledgeResumed(pledge=name)


def _fix(state: State, received: "Received", fact: CycleBillingRequested) -> Facts:
    city = state.cities.get(fact.city)
    if city is None:
        yield MonthFixed(city=fact.city, month=fact.month, pledges=0, workers=0)
    elif months.number(fact.month) > city.fixed:
        yield from calendar.rosters(city, fact.month)
        yield from _move_on(state, city, received)


def _begin(state: State, received: "Received", fact: DayBegan) -> Facts:
    if state.today is not None and fact.day <= state.today:
        return
    yield DayBegan(day=fact.day)
    for city in state.cities.values():
        yield from _move_on(state, city, received)
        yield from calendar.lapses(city, fact.day)
        yield from calendar.filled(city)


def _move_on(state: State, city: City, received: "Received") -> Facts:
    yield from calendar.ends(city)
    yield from fill_all_named(state, city, received)
    yield from settle(city, received)
