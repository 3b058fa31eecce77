"""A shard's state as bytes and back: JSON, so that a snapshot can be read by people and by later versions of Python.

Promises `load(dump(state)) == state`, with the order of all tables kept. Raise `FORMAT` whenever the form changes.
"""

from datetime import date
from typing import Any, Final

import orjson

from services.ledger.domain.accounts import BOOKS
from services.ledger.domain.state import City, Cycle, Hold, Pledge, Rejection, Remittance, Share, State

FORMAT: Final = 2


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


def _remittance_out(one: Remittance) -> list[Any]:
    return [
        one.donor,
        one.language,
        one.city,
        one.month,
        one.payment,
        one.billed_on,
        one.pledges,
        one.workers,
        one.idr,
        one.due_on,
        one.paid_on,
        one.overdue,
        one.confirmed,
        one.confirmed_idr,
        one.rejected,
        one.misfits,
    ]


def _remittance_in(raw: list[Any]) -> Remittance:
    donor, language, city, month, payment, billed_on, pledges, workers, idr, due_on, paid_on, *rest = raw
    return Remittance(
        donor,
        language,
        city,
        month,
        payment,
        date.fromisoformat(billed_on),
        pledges,
        workers,
        idr,
        _day(due_on),
        _day(paid_on),
        *rest,
    )


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
    """Shares are many workers' at once: each is written once, and the tables say which by number."""
    shares: dict[Share, int] = {}

    def number(share: Share) -> int:
        return shares.setdefault(share, len(shares))

    tables = [
        {worker: number(share) for worker, share in cycle.waiting.items()},
        {worker: number(share) for worker, share in cycle.confirmed.items()},
        {worker: (number(one.share), one.receipt) for worker, one in cycle.rejected.items()},
    ]
    return [cycle.billed, cycle.remittances, [tuple(share) for share in shares], *tables]


def _cycle_in(raw: list[Any]) -> Cycle:
    billed, remittances, plain, waiting, confirmed, rejected = raw
    shares = [Share(*one) for one in plain]
    return Cycle(
        billed,
        {worker: shares[number] for worker, number in waiting.items()},
        {worker: shares[number] for worker, number in confirmed.items()},
        {worker: Rejection(shares[number], receipt) for worker, (number, receipt) in rejected.items()},
        remittances,
    )
