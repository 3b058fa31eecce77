"""A shard's state as bytes and back, for snapshots.

Promises that the state that comes back decides exactly as the one that was dumped. Holds what the log says, in columns;
all that can be worked out from it (graph, queues, tallies, indices) is made again. A change of the form raises
`FORMAT`.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import orjson

from services.matcher.domain.city import City
from services.matcher.domain.model import Left, Match, Pledge, Worker
from services.matcher.domain.state import State
from services.matcher.domain.waiting_list import Distance

FORMAT: Final = 1

_WORKER: Final = ("id", "number", "eligible_until", "covered_until", "foreseen", "lost", "left")
_PLEDGE: Final = (
    *("index", "id", "city", "donor", "language", "slots", "starts", "until"),
    *("areas", "occupations", "workers", "near", "keep", "status", "last_reported"),
)
_MATCH: Final = ("id", "order", "first", "last", "reason", "end_recorded")


def dump(state: State) -> bytes:
    """A state as bytes."""
    today = None if state.today is None else state.today.toordinal()
    cities = [_dump_city(city) for city in state.cities.values()]
    return orjson.dumps({"now": state.now, "today": today, "cities": cities})


def load(data: bytes, distance: Distance) -> State:
    """The inverse of `dump`."""
    content = orjson.loads(data)
    today = None if content["today"] is None else date.fromordinal(content["today"])
    state = State(distance, content["now"], today)
    for packed in content["cities"]:
        city = state.cities[packed["code"]] = _load_city(packed, content["now"], distance)
        for pledge in city.pledges:
            state.pledges[pledge.id] = pledge
        for worker in city.workers.values():
            known = state.workers.get(worker.id)
            # who moved to another city of this shard stands on two lists; the one that he did not leave counts
            if known is None or (known.left and (not worker.left or worker.covered_until >= known.covered_until)):
                state.workers[worker.id] = worker
    return state


def _columns(names: Sequence[str], items: Sequence[Any]) -> dict[str, list[Any]]:
    return {name: [getattr(item, name) for item in items] for name in names}


def _rows(columns: dict[str, list[Any]], names: Sequence[str]) -> list[tuple[Any, ...]]:
    return list(zip(*(columns[name] for name in names), strict=True))


def _dump_city(city: City) -> dict[str, Any]:
    workers = list(city.workers.values())
    matches = sorted(
        (match for pledge in city.pledges for match in (*pledge.seats.values(), *pledge.ending_matches.values())),
        key=lambda match: match.order,
    )
    return {
        "code": city.code,
        "fixed": city.fixed,
        "listed": city.listed,
        "made": city.made,
        "cells": [(cell.area, cell.occupation, cell.band) for cell in city.cells],
        "pledges": _columns(_PLEDGE, city.pledges),
        "workers": _columns(_WORKER, workers)
        | {
            "cell": [worker.cell.index for worker in workers],
            "sponsor": [-1 if worker.sponsor is None else worker.sponsor.index for worker in workers],
        },
        "matches": _columns(_MATCH, matches)
        | {
            "worker": [match.worker.number for match in matches],
            "pledge": [match.pledge.index for match in matches],
            "seated": [match.worker.seat is match for match in matches],
        },
    }


def _load_city(packed: dict[str, Any], now: int, distance: Distance) -> City:
    city = City(packed["code"], now, distance)
    city.at(fixed=packed["fixed"], now=now)
    for area, occupation, band in packed["cells"]:
        city.cell(area, occupation, band)
    for row in _rows(packed["pledges"], _PLEDGE):
        city.add_pledge(_pledge(row))
    workers = packed["workers"]
    rows = zip(_rows(workers, _WORKER), workers["cell"], workers["sponsor"], strict=True)
    for row, cell, sponsor in rows:
        name, number, eligible_until, covered_until, foreseen, lost, left = row
        worker = Worker(name, city.code, number, city.cells[cell], eligible_until, covered_until, foreseen, lost)
        worker.standing = Left(left) if left else None
        worker.sponsor = None if sponsor < 0 else city.pledges[sponsor]
        city.workers[number] = worker
    _load_matches(city, packed["matches"])
    for worker in city.workers.values():
        if not worker.left:
            city.list_worker(worker)
    city.listed, city.made = packed["listed"], packed["made"]
    return city


def _pledge(row: tuple[Any, ...]) -> Pledge:
    content = dict(zip(_PLEDGE, row, strict=True))
    for name in ("areas", "occupations", "workers"):
        content[name] = tuple(content[name])
    return Pledge(**content)


def _load_matches(city: City, packed: dict[str, list[Any]]) -> None:
    rows = zip(_rows(packed, _MATCH), packed["worker"], packed["pledge"], packed["seated"], strict=True)
    for row, number, pledge, seated in rows:
        name, order, first, last, reason, end_recorded = row
        match = Match(name, order, city.workers[number], city.pledges[pledge], first, last, reason, end_recorded)
        if seated:
            city.seat(match)
        else:
            city.restore_ending(match)
