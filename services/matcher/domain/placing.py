"""The moves by which workers get slots: swap chains along a path, named workers, and filling as far as it goes.

Each function yields facts and relies on their being folded before it goes on. Promises that nobody loses cover by a
swap: who moves leaves his old slot with the month before the horizon and has the new one from the horizon on.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Protocol

from schemas import months
from schemas.base import Fact
from schemas.facts.matcher import MatchEnd, MatchEnded, MatchMade, MatchReason
from services.matcher.domain.city import City
from services.matcher.domain.graph import Path
from services.matcher.domain.model import Match, Pledge, Worker

if TYPE_CHECKING:
    from services.matcher.domain.state import State

Facts = Iterator[Fact]
#: Months as text; a city speaks of few.
text: Final = lru_cache(maxsize=1024)(months.from_number)


class Ids(Protocol):
    """Where ids come from: the same input gives the same ids in the same order."""

    def new_id(self, prefix: str) -> str:
        """The next id."""
        ...


def made(city: City, worker: Worker, pledge: Pledge, reason: MatchReason, ids: Ids) -> MatchMade:
    """A worker gets a slot of a pledge, as early as both are free."""
    return MatchMade(
        match=ids.new_id("mat"),
        pledge=pledge.id,
        worker=worker.id,
        occupation=worker.cell.occupation,
        from_month=text(city.first_month(worker, pledge)),
        until=text(min(pledge.until, worker.eligible_until)),
        reason=reason,
    )


def ended(match: Match, last: int, reason: MatchEnd) -> MatchEnded:
    """A match stops after `last`, or after its own last month if that comes first."""
    return MatchEnded(
        match=match.id,
        pledge=match.pledge.id,
        worker=match.worker.id,
        last_month=text(min(last, match.last)),
        reason=reason,
    )


def follow(city: City, path: Path, reason: MatchReason, ids: Ids) -> Facts:
    """Place the first worker of the path's first cell; whoever stands in the way moves on, the last one first."""
    pledge = city.pledges[city.supplies[path[-1][1]].open[0]]
    for step in range(len(path) - 1, 0, -1):
        moving = city.movable(path[step - 1][1], path[step][0])
        yield ended(moving, city.horizon - 1, "swapped")
        yield made(city, moving.worker, pledge, "swap", ids)
        pledge = moving.pledge
    worker = city.workers[city.board.first(path[0][0])]
    yield made(city, worker, pledge, worker.lost or reason, ids)


def settle(city: City, ids: Ids, reason: MatchReason = "new") -> Facts:
    """Place the most urgent worker who can be placed, again and again, until nobody can be."""
    while (path := city.board.next_placement()) is not None:
        yield from follow(city, path, reason, ids)


def arrive(city: City, worker: Worker, ids: Ids) -> Facts:
    """Place a worker who has just come on the list."""
    if worker.queue is None:
        return
    for pledge in city.named.get(worker.id, ()):
        if pledge.offered:
            yield made(city, worker, pledge, "named", ids)
            return
    # where others of his cell wait already, no path leads to a free slot: they would have taken it
    if city.board.waits(worker.cell.index) == 1:
        path = city.board.placement_of(worker.cell.index)
        if path is not None:
            yield from follow(city, path, "new", ids)


def fill_named(state: "State", city: City, pledge: Pledge, ids: Ids) -> Facts:
    """Give the slots of a pledge that names workers to them: first to who waits, then to who has another sponsor."""
    while pledge.offered:
        known = [state.workers[name] for name in pledge.workers if name in state.workers]
        here = [worker for worker in known if worker.city == city.code]
        waiting = [worker for worker in here if worker.queue is not None]
        if waiting:
            worker = min(waiting, key=_urgency)
        else:
            movable = [worker.seat for worker in here if worker.seat is not None and not worker.seat.pledge.pins]
            if not movable:
                return
            moving = min(movable, key=lambda match: _urgency(match.worker))
            worker = moving.worker
            yield ended(moving, city.horizon - 1, "swapped")
        yield made(city, worker, pledge, "named", ids)


def fill_all_named(state: "State", city: City, ids: Ids) -> Facts:
    """Fill all pledges that name workers and have a free slot."""
    for index in sorted(city.named_open):
        yield from fill_named(state, city, city.pledges[index], ids)


def _urgency(worker: Worker) -> tuple[bool, int, int]:
    return worker.queue != "returning", worker.cell.band, worker.number
