"""The matcher as a decider: which input leads to which rule, and the rules that put the moves together.

Promises after each input: maximum cover, the most urgent first, nobody uncovered by a swap. Depends on nothing but the
state and the input; `decision.py` alone changes the state.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, Literal

from schemas import months
from schemas.base import Fact
from schemas.days import jakarta_day
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
from schemas.facts.matcher import MatchEnd, MonthFixed, WorkerListed, WorkerUnlisted
from schemas.reference.distances import distance_m
from services.matcher.domain import calendar, snapshot, terms
from services.matcher.domain.decision import Decision
from services.matcher.domain.evolve import evolve
from services.matcher.domain.placing import arrive, fill_named, filling, settle
from services.matcher.domain.state import State
from services.matcher.domain.waiting_list import Distance
from services.runtime.contract import Portions, Received

#: Returns the steps of an answer that takes long to decide.
Rule = Callable[[Decision, Any], Iterator[None] | None]


def register_worker(decision: Decision, fact: WorkerRegistered) -> None:
    """A worker comes on the list, and gets a slot if one can be had."""
    state = decision.state
    known = state.workers.get(fact.worker)
    if known is not None and not known.left:
        return
    listed = WorkerListed.trusted(
        worker=fact.worker,
        city=fact.city,
        area=fact.area,
        occupation=fact.occupation,
        band=fact.band,
        eligible_until=fact.eligible_until,
    )
    decision.record(listed)
    arrive(decision, state.cities[fact.city], state.workers[fact.worker])


def register_pledge(decision: Decision, fact: PledgeRegistered) -> None:
    """A pledge is opened or refused; its slots fill."""
    state = decision.state
    if fact.pledge in state.pledges:
        return
    city = state.cities.get(fact.city)
    now = state.now or months.number(months.of(jakarta_day(decision.at)))
    horizon = city.horizon if city is not None else now + 1
    refused = terms.refuse(fact, horizon)
    if refused is not None:
        decision.record(refused)
        return
    decision.record(terms.opened(state, fact))
    city = state.cities[fact.city]
    fill_named(decision, city, state.pledges[fact.pledge])
    settle(decision, city)


def end_worker(decision: Decision, fact: WorkerEnded) -> None:
    """A worker needs or may have no sponsor any longer."""
    _unlist(decision, fact.worker, fact.reason, months.number(months.of(fact.on)))


def erase_person(decision: Decision, fact: PersonErased) -> None:
    """A worker whose data are gone is protected no longer."""
    today = decision.state.today or jakarta_day(decision.at)
    _unlist(decision, fact.person, "erased", months.number(months.of(today)))


def _unlist(decision: Decision, name: str, reason: EndReason | Literal["erased"], month: int) -> None:
    state = decision.state
    worker = state.workers.get(name)
    if worker is None or worker.left:
        return
    city = state.city_of(worker)
    last, seat = max(month, city.fixed), worker.seat
    why: MatchEnd = "withdrew" if reason == "erased" else reason
    if seat is not None:
        decision.end(seat, last, why)
        decision.pack()
    # by pledge, as the facts will have them: the cover that is left depends on the order
    for match in sorted(worker.ending_matches, key=lambda match: match.pledge.index):
        if match.last > last:
            decision.end(match, last, why)
    decision.record(WorkerUnlisted(worker=name, reason=reason))
    if seat is not None:
        fill_named(decision, city, seat.pledge)
        settle(decision, city, "substitution")


def then_fill(change: Callable[[Decision, Any], None]) -> Rule:
    """A rule about one pledge, after which the slots of its city fill again."""

    def both(decision: Decision, fact: Any) -> Iterator[None]:
        change(decision, fact)
        pledge = decision.state.pledges.get(fact.pledge)
        if pledge is not None:
            yield from filling(decision, decision.state.city_of(pledge))

    return both


def bill_cycle(decision: Decision, fact: CycleBillingRequested) -> Iterator[None]:
    """A month's rosters are fixed, and the horizon moves on."""
    city = decision.state.cities.get(fact.city)
    if city is None:
        decision.record(MonthFixed(city=fact.city, month=fact.month, pledges=0, workers=0))
    elif months.number(fact.month) > city.fixed:
        yield from calendar.fix_rosters(decision, city, fact.month)
        yield from calendar.end_terms(decision, city)
        yield from filling(decision, city)


def begin_day(decision: Decision, fact: DayBegan) -> Iterator[None]:
    """A day begins: what is over ends, what became free fills, and what concerns people is reported."""
    state = decision.state
    if state.today is not None and fact.day <= state.today:
        return
    yield from decision.pass_time(DayBegan(day=fact.day))
    for city in state.cities.values():
        yield from calendar.end_terms(decision, city)
        yield from filling(decision, city)
        yield from decision.packing()
        yield from calendar.foresee_lapses(decision, city, fact.day)
        yield from calendar.report_filled(decision, city)


#: What the matcher answers; days from the gateway alone.
RULES: Final[dict[type[Fact], Rule]] = {
    WorkerRegistered: register_worker,
    WorkerEnded: end_worker,
    PersonErased: erase_person,
    PledgeRegistered: register_pledge,
    PledgeCancelled: then_fill(terms.cancel),
    PledgeAmended: then_fill(terms.amend),
    PledgeOverdue: then_fill(terms.suspend),
    PledgeSettled: then_fill(terms.resume),
    CycleBillingRequested: bill_cycle,
    DayBegan: begin_day,
}
HANDLES: Final = frozenset(RULES)


class MatcherDecider:
    """Assigns sponsors to workers; see the module's promise."""

    snapshot_format = snapshot.FORMAT

    def __init__(self, distance: Distance = distance_m) -> None:
        self._distance = distance

    def initial(self, shard: int) -> State:
        """A shard without cities."""
        return State(self._distance)

    def decide(self, state: State, received: Received) -> Sequence[Fact] | Portions:
        """The facts that answer an input; none for kinds that are not in `RULES`."""
        rule = RULES.get(type(received.fact))
        if rule is None or (rule is begin_day and received.source != "gateway"):
            return ()
        decision = Decision(state, received)
        steps = rule(decision, received.fact)
        return decision.facts() if steps is None else Portions(decision.portions(steps))

    def evolve(self, state: State, fact: Fact, at: datetime) -> None:
        """Fold one fact."""
        evolve(state, fact, at)

    def dump(self, state: State) -> bytes:
        """A state as bytes."""
        return snapshot.dump(state)

    def load(self, shard: int, data: bytes) -> State:
        """The inverse of `dump`."""
        return snapshot.load(data, self._distance)
