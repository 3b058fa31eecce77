"""The moves by which workers get slots: swaps along a path, named workers, and filling as far as it goes.

Promises that nobody loses cover by a swap: a worker who moves leaves the old slot with the month before the horizon and
has the new one from the horizon on.
"""

from collections.abc import Iterator

from schemas.facts.matcher import MatchReason
from services.matcher.domain.city import City
from services.matcher.domain.decision import Decision
from services.matcher.domain.graph import Path
from services.matcher.domain.model import Pledge, Worker


def follow(decision: Decision, city: City, path: Path, reason: MatchReason) -> None:
    """Place the first worker of the path's first cell; the workers in the way move on, the last one first."""
    pledge = city.pledges[city.supplies[path[-1][1]].open[0]]
    for step in range(len(path) - 1, 0, -1):
        moving = city.movable(path[step - 1][1], path[step][0])
        decision.swap(city, moving, pledge)
        pledge = moving.pledge
    worker = city.workers[city.waiting_list.first(path[0][0])]
    decision.make(city, worker, pledge, worker.lost or reason)


def settle(decision: Decision, city: City, reason: MatchReason = "new") -> None:
    """Place the most urgent worker who can be placed, again and again, until nobody can be."""
    for _ in settling(decision, city, reason):
        pass


def settling(decision: Decision, city: City, reason: MatchReason = "new") -> Iterator[None]:
    """The same in steps; yields after each."""
    while (path := city.waiting_list.next_placement()) is not None:
        follow(decision, city, path, reason)
        yield


def arrive(decision: Decision, city: City, worker: Worker) -> None:
    """Place a worker who has just come on the list."""
    if worker.queue is None:
        return
    for pledge in city.named.get(worker.id, ()):
        if pledge.offered:
            decision.make(city, worker, pledge, "named")
            return
    # where others of his cell wait already, no path leads to a free slot: they would have taken it
    if city.waiting_list.waits(worker.cell.index) == 1:
        path = city.waiting_list.placement_of(worker.cell.index)
        if path is not None:
            follow(decision, city, path, "new")


def fill_named(decision: Decision, city: City, pledge: Pledge) -> None:
    """Fill the slots of a pledge that names workers: first with those who wait, then with those of other sponsors."""
    workers = decision.state.workers
    while pledge.offered:
        known = [workers[name] for name in pledge.workers if name in workers]
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
            decision.end(moving, city.horizon - 1, "swapped")
        decision.make(city, worker, pledge, "named")


def filling(decision: Decision, city: City) -> Iterator[None]:
    """Fill the free slots of a city, those of pledges that name workers first; yields after each step."""
    for index in sorted(city.named_open):
        fill_named(decision, city, city.pledges[index])
        yield
    yield from settling(decision, city)


def _urgency(worker: Worker) -> tuple[bool, int, int]:
    return worker.queue != "returning", worker.cell.band, worker.number
