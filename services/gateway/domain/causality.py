"""Puts facts of several logs in an order in which every cause stands before its effects.

Pure. Within one log and shard the numbers decide; between logs the position of the cause that each fact carries; and
where neither says anything, the time, and then the order in which the services stand in the chain.
"""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from schemas.logs import CATALOGUE

CHAIN: Final[dict[str, int]] = {service: number for number, service in enumerate(CATALOGUE)}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fact stands, when it happened, and the position of what it answers (`command`: nothing in a log)."""

    service: str
    shard: int
    seq: int
    at: datetime
    cause: str

    @property
    def position(self) -> str:
        """`<service>/<shard>/<seq>`."""
        return f"{self.service}/{self.shard}/{self.seq}"


def in_order(places: Iterable[Place]) -> list[Place]:
    """The places, causes first."""
    known = {place.position: place for place in places}
    before = {position: _before(place, known) for position, place in known.items()}
    for earlier, later in _neighbours(known.values()):
        before[later.position].append(earlier.position)
    after: dict[str, list[str]] = {}
    for position, causes in before.items():
        for cause in causes:
            after.setdefault(cause, []).append(position)
    missing = {position: len(causes) for position, causes in before.items()}
    ready = [(_rank(known[position]), position) for position, count in missing.items() if count == 0]
    heapq.heapify(ready)
    ordered = []
    while ready:
        _, position = heapq.heappop(ready)
        ordered.append(known[position])
        for effect in after.get(position, ()):
            missing[effect] -= 1
            if missing[effect] == 0:
                heapq.heappush(ready, (_rank(known[effect]), effect))
    return ordered


def _before(place: Place, known: dict[str, Place]) -> list[str]:
    return [place.cause] if place.cause in known and place.cause != place.position else []


def _neighbours(places: Iterable[Place]) -> Iterator[tuple[Place, Place]]:
    logs: dict[tuple[str, int], list[Place]] = {}
    for place in places:
        logs.setdefault((place.service, place.shard), []).append(place)
    for log in logs.values():
        log.sort(key=lambda place: place.seq)
        yield from pairwise(log)


def _rank(place: Place) -> tuple[datetime, int, int, int]:
    return place.at, CHAIN[place.service], place.shard, place.seq
