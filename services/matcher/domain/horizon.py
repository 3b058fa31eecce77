"""What the passing of time does to a city: days turn months, months are fixed, and the horizon moves on.

The horizon is the first month in which everything may still change: after the last fixed month and after this one.
Promises that after a move each pledge and worker stands where the new horizon puts it. A move touches all of a city, so
it is made in steps of some milliseconds, after each of which the iterator yields. Only `evolve` may call this.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

from services.matcher.domain.city import City
from services.matcher.domain.model import Match, Pledge

#: A pledge's list of changes in use is rewritten when it has grown longer than this.
_LOAD_ENTRIES_MAX: Final = 8
#: how many workers are looked at in a step
_STEP_WORKERS: Final = 2_000

Each = TypeVar("Each")


def turn(city: City, now: int) -> Iterator[None]:
    """It is another month."""
    yield from _move(city, fixed=city.fixed, now=now)


def fix(city: City, month: int) -> Iterator[None]:
    """A month is fixed: what ends in it is history, and who was not covered in it has no spell to keep."""
    for pledge in city.pledges:
        for match in [match for match in pledge.ending_matches.values() if match.end_recorded and match.last <= month]:
            del pledge.ending_matches[match.id]
            match.worker.ending_matches = tuple(one for one in match.worker.ending_matches if one is not match)
            pledge.blocked -= match.last >= city.horizon
        if len(pledge.load) > _LOAD_ENTRIES_MAX:
            _tidy(pledge)
        yield
    yield from _move(city, fixed=month, now=city.now)
    for some in portions(city.workers.values()):
        for worker in some:
            if worker.queue == "returning" and worker.covered_until < month:
                worker.lost = ""
                city.place(worker)
        yield


def portions(all_: Iterable[Each]) -> Iterator[list[Each]]:
    """Workers or matches in steps of some milliseconds' work."""
    rest = iter(all_)
    while some := list(islice(rest, _STEP_WORKERS)):
        yield some


def _tidy(pledge: Pledge) -> None:
    pledge.load = {}
    for match in (*pledge.seats.values(), *pledge.ending_matches.values()):
        pledge.load[match.first] = pledge.load.get(match.first, 0) + 1
    for match in pledge.ending_matches.values():
        pledge.load[match.last + 1] = pledge.load.get(match.last + 1, 0) - 1


def _move(city: City, *, fixed: int, now: int) -> Iterator[None]:
    before = city.horizon
    city.at(fixed=fixed, now=now)
    horizon = city.horizon
    if horizon == before:
        return
    expired: list[Match] = []
    for pledge in city.pledges:
        ending = [match for match in pledge.seats.values() if _expires(match, horizon)]
        pledge.blocked = sum(match.last >= horizon for match in pledge.ending_matches.values())
        for match in ending:
            city.expire(match)
        expired += ending
        city.refresh(pledge)
        yield
    for matches in portions(expired):
        for match in matches:
            city.place(match.worker)
        yield
    for numbers in portions(sorted(city.dormant)):
        for number in numbers:
            city.place(city.dormant[number])
        yield
    for some in portions(city.workers.values()):
        for worker in some:
            if worker.queue is not None and worker.eligible_until < max(horizon, worker.covered_until + 1):
                city.place(worker)
        yield


def _expires(match: Match, horizon: int) -> bool:
    """Whether a worker must leave his seat; one too old for another sponsor keeps it to the last month."""
    if match.last < horizon or match.pledge.until <= horizon:
        return True
    return match.last == horizon and match.worker.eligible_until > horizon
