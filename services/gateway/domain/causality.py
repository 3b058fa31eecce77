"""Puts facts of several logs in an order in which every cause stands before its effects.

Pure. Within one log and shard the numbers decide; between logs the position of the cause that each fact carries. Where
neither decides, the time does; and of facts with one time, as under a virtual clock, the effects of a fact come before
later facts of the same log.
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
    ranks = {position: (place.at, _path(place, known)) for position, place in known.items()}
    before = {position: _before(place, known) for position, place in known.items()}
    for earlier, later in _neighbours(known.values()):
        before[later.position].append(earlier.position)
    after: dict[str, list[str]] = {}
    for position, causes in before.items():
        for cause in causes:
            after.setdefault(cause, []).append(position)
    missing = {position: len(causes) for position, causes in before.items()}
    ready = [(ranks[position], position) for position, count in missing.items() if count == 0]
    heapq.heapify(ready)
    ordered = []
    while ready:
        _, position = heapq.heappop(ready)
        ordered.append(known[position])
        for effect in after.get(position, ()):
            missing[effect] -= 1
            if missing[effect] == 0:
                heapq.heappush(ready, (ranks[effect], effect))
    return ordered


def _path(place: Place, known: dict[str, Place]) -> list[tuple[int, int, int]]:
    """The chain of causes down to a place: of two facts of a log, the effects of the first sort before the second."""
    path = [(CHAIN[place.service], place.shard, place.seq)]
    while place.cause in known and len(path) < len(known):
        place = known[place.cause]
        path.append((CHAIN[place.service], place.shard, place.seq))
    return path[::-1]


def _before(place: Place, known: dict[str, Place]) -> list[str]:
    return [place.cause] if place.cause in known and place.cause != place.position else []


def _neighbours(places: Iterable[Place]) -> Iterator[tuple[Place, Place]]:
    logs: dict[tuple[str, int], list[Place]] = {}
    for place in places:
        logs.setdefault((place.service, place.shard), []).append(place)
    for log in logs.values():
        log.sort(key=lambda place: place.seq)
        yield from pairwise(log)
