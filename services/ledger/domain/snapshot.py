"""A shard's state as bytes and back: JSON, so that a snapshot can be read by people and by later versions of Python.

Promises `load(dump(state)) == state`, with the order of all tables kept. Raise `FORMAT` whenever the form changes.
"""

from dataclasses import fields
from datetime import date
from typing import Any, Final, assert_never

import orjson

from services.ledger.domain.accounts import BOOKS
from services.ledger.domain.state import (
    Billed,
    City,
    Collecting,
    Confirmed,
    Cycle,
    Due,
    Hold,
    Overdue,
    Paid,
    Phase,
    Pledge,
    Rejected,
    Remittance,
    Share,
    State,
    Unpaid,
    WorkerMonth,
)
from services.runtime.base.errors import Defect

FORMAT: Final = 3
_PHASES: Final = {one.__name__: one for one in (Collecting, Overdue, Unpaid)}
_STATES: Final = {one.__name__: one for one in (Billed, Confirmed)}


def dump(state: State) -> bytes:
    """The state as bytes."""
    return orjson.dumps(
        {
            "day": state.day,
            "pledges": {name: _pledge_out(pledge) for name, pledge in state.pledges.items()},
            "remittances": {name: _remittance_out(one) for name, one in state.remittances.items()},
            "cities": {name: _city_out(city) for name, city in state.cities.items()},
            "departed": state.departed,
        }
    )


def load(data: bytes) -> State:
    """The state that was dumped."""
    raw = orjson.loads(data)
    return State(
        day=_day(raw["day"]),
        pledges={name: _pledge_in(one) for name, one in raw["pledges"].items()},
        remittances={name: _remittance_in(one) for name, one in raw["remittances"].items()},
        cities={name: _city_in(one) for name, one in raw["cities"].items()},
        departed=raw["departed"],
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _pledge_out(pledge: Pledge) -> list[Any]:
    return [
        pledge.donor,
        pledge.language,
        pledge.city,
        pledge.slots,
        pledge.starts,
        pledge.until,
        pledge.payment,
        pledge.programmes,
        pledge.transport_only,
        pledge.ended,
        [pledge.books[name] for name in BOOKS],
        {match: tuple(hold) for match, hold in pledge.holds.items()},
        list(pledge.overdue),
    ]


def _pledge_in(raw: list[Any]) -> Pledge:
    *terms, ended, books, holds, overdue = raw
    donor, language, city, slots, starts, until, payment, programmes, transport_only = terms
    return Pledge(
        donor,
        language,
        city,
        slots,
        starts,
        until,
        payment,
        tuple(programmes),
        transport_only,
        ended,
        dict(zip(BOOKS, books, strict=True)),
        {match: Hold(*hold) for match, hold in holds.items()},
        dict.fromkeys(overdue),
    )


def _remittance_out(one: Remittance) -> dict[str, Any]:
    names = [field.name for field in fields(one) if field.name != "phase"]
    return {name: getattr(one, name) for name in names} | {"phase": _phase_out(one.phase)}


def _remittance_in(raw: dict[str, Any]) -> Remittance:
    return Remittance(**raw | {"billed_on": date.fromisoformat(raw["billed_on"]), "phase": _phase_in(raw["phase"])})


def _phase_out(phase: Phase) -> list[Any]:
    match phase:
        case Due(day) | Paid(day):
            return [type(phase).__name__, day]
        case Collecting() | Overdue() | Unpaid():
            return [type(phase).__name__]
        case other:
            assert_never(other)


def _phase_in(raw: list[str]) -> Phase:
    match raw:
        case [("Due" | "Paid") as name, day]:
            return (Due if name == "Due" else Paid)(date.fromisoformat(day))
        case [name]:
            return _PHASES[name]()
        case _:
            raise Defect("snapshot.phase", f"{raw} is no phase of a remittance")


def _city_out(city: City) -> list[Any]:
    return [
        city.fixed,
        city.remittances,
        {month: _cycle_out(cycle) for month, cycle in city.cycles.items()},
        sorted(city.closed),
        # a cover has a bit per month since 2000, more than a JSON number of 64 bits can hold
        {worker: f"{cover:x}" for worker, cover in city.cover.items()},
    ]


def _city_in(raw: list[Any]) -> City:
    fixed, remittances, cycles, closed, cover = raw
    covers: dict[str, int] = {}
    return City(
        fixed,
        remittances,
        {month: _cycle_in(cycle) for month, cycle in cycles.items()},
        set(closed),
        {worker: covers.setdefault(bits, int(bits, 16)) for worker, bits in cover.items()},
    )


def _cycle_out(cycle: Cycle) -> list[Any]:
    """States are many workers' at once: each is written once, and the table refers to it by number."""
    states: dict[WorkerMonth, int] = {}
    workers = {worker: states.setdefault(state, len(states)) for worker, state in cycle.workers.items()}
    return [cycle.billed, cycle.remittances, [_state_out(state) for state in states], workers]


def _cycle_in(raw: list[Any]) -> Cycle:
    billed, remittances, plain, workers = raw
    states = [_state_in(*one) for one in plain]
    return Cycle(billed, {worker: states[number] for worker, number in workers.items()}, remittances)


def _state_out(state: WorkerMonth) -> list[Any]:
    receipt = [state.receipt] if isinstance(state, Rejected) else []
    return [type(state).__name__, tuple(state.share), *receipt]


def _state_in(name: str, share: list[Any], *receipt: str) -> WorkerMonth:
    return Rejected(Share(*share), *receipt) if receipt else _STATES[name](Share(*share))
