"""Folds the matcher's own facts into its state, in replay; live, `decision.py` makes and ends matches one by one.

Must not decide anything: what a fact names has happened.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Final, assert_never, cast

from schemas import months
from schemas.base import Fact
from schemas.days import jakarta_day
from schemas.facts.common import DayBegan, DeadLetterRecorded, DeadLetterRedriven
from schemas.facts.matcher import (
    LapsesForeseen,
    MatcherFact,
    MatchesEnded,
    MatchesMade,
    MonthFixed,
    PledgeEnded,
    PledgeMatched,
    PledgeOpened,
    PledgeRefused,
    PledgeReshaped,
    PledgeResumed,
    PledgeSuspended,
    RosterFixed,
    WorkerListed,
    WorkerUnlisted,
)
from services.matcher.domain import horizon
from services.matcher.domain.model import Match, Pledge, Status, Worker
from services.matcher.domain.state import State
from services.runtime.base.errors import Defect

number: Final = lru_cache(maxsize=1024)(months.number)


def evolve(state: State, fact: Fact, at: datetime) -> None:
    """Fold one fact into the state, in place."""
    _date(state, at)
    match cast("MatcherFact", fact):
        case MatchesMade() as made:
            _made(state, made)
        case WorkerListed() as listed:
            _listed(state, listed)
        case MatchesEnded() as ended:
            _ended(state, ended)
        case PledgeOpened() as opened:
            _opened(state, opened)
        case WorkerUnlisted(worker=worker, reason=reason):
            gone = state.workers[worker]
            state.city_of(gone).unlist(gone, reason)
        case PledgeReshaped(pledge=pledge, slots=slots, until=until):
            reshaped = state.pledges[pledge]
            reshaped.slots, reshaped.until = slots, number(until)
            state.city_of(reshaped).refresh(reshaped)
        case PledgeEnded(pledge=pledge):
            _becomes(state, pledge, "ended")
        case PledgeSuspended(pledge=pledge):
            _becomes(state, pledge, "suspended")
        case PledgeResumed(pledge=pledge):
            _becomes(state, pledge, "open")
        case PledgeMatched(pledge=pledge, filled=filled):
            state.pledges[pledge].last_reported = filled
        case LapsesForeseen(lines=lines):
            for line in lines:
                warned = state.workers[line.worker]
                warned.foreseen = number(line.last_month)
                state.city_of(warned).at_risk.pop(warned.number, None)
        case MonthFixed() | DayBegan() as moving:
            for _ in pass_time(state, moving, at):
                pass
        case PledgeRefused() | RosterFixed() | DeadLetterRecorded() | DeadLetterRedriven():
            pass
        case other:
            assert_never(other)


def pass_time(state: State, fact: MonthFixed | DayBegan, at: datetime) -> Iterator[None]:
    """Fold a fact that may move a horizon; yields after each step."""
    _date(state, at)
    match fact:
        case MonthFixed(city=city, month=month):
            yield from horizon.fix(state.city(city), number(month))
        case DayBegan(day=day):
            state.today = day
            now = number(months.of(day))
            if now > state.now:
                state.now = now
                for each in state.cities.values():
                    yield from horizon.turn(each, now)


def _date(state: State, at: datetime) -> None:
    """The month of the first fact, before the first day that begins."""
    if not state.now:
        state.now = number(months.of(jakarta_day(at)))


def _listed(state: State, fact: WorkerListed) -> None:
    city = state.city(fact.city)
    cell = city.cell(fact.area, fact.occupation, fact.band)
    before = state.workers.get(fact.worker)
    if before is not None and before.city == fact.city:
        # somebody who comes back is the same person: what still covers him stays his
        worker = before
        del city.workers[worker.number]
        worker.number, worker.cell, worker.standing = city.listed, cell, None
        worker.eligible_until = number(fact.eligible_until)
    else:
        worker = Worker(fact.worker, city.code, city.listed, cell, number(fact.eligible_until))
        if before is not None:
            worker.covered_until = before.covered_until
        state.workers[fact.worker] = worker
    city.list_worker(worker)


def _opened(state: State, fact: PledgeOpened) -> None:
    city = state.city(fact.city)
    scope = fact.scope
    pledge = Pledge(
        index=len(city.pledges),
        id=fact.pledge,
        city=city.code,
        donor=fact.donor,
        language=fact.language,
        slots=fact.slots,
        starts=number(fact.starts),
        until=number(fact.until),
        areas=scope.areas,
        occupations=scope.occupations,
        workers=scope.workers,
        near=scope.near or "",
        keep=fact.keep,
    )
    state.pledges[fact.pledge] = pledge
    city.add_pledge(pledge)


def _becomes(state: State, name: str, status: Status) -> None:
    pledge = state.pledges[name]
    pledge.status = status
    state.city_of(pledge).refresh(pledge)


def _made(state: State, fact: MatchesMade) -> None:
    pledge = state.pledges[fact.pledge]
    city = state.city_of(pledge)
    for line in fact.lines:
        first, last = number(line.from_month), number(line.until)
        for worker, match in line.pairs():
            city.seat(Match(match, city.made, state.workers[worker], pledge, first, last, line.reason))


def _ended(state: State, fact: MatchesEnded) -> None:
    pledge = state.pledges[fact.pledge]
    city = state.city_of(pledge)
    for line in fact.lines:
        last = number(line.last_month)
        for name in line.matches:
            match = pledge.seats.get(name) or pledge.ending_matches.get(name)
            if match is None:
                raise Defect("matcher.log", f"{name} ends, but {pledge.id} has no such match")
            city.end(match, last, line.reason)
