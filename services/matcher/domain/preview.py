"""What a pledge would change, played on a copy of the waiting list and graph: nothing of the state is touched.

Promises exactly the placements that the pledge would lead to if it came now, as if it began within the horizon.
`Rehearsal` takes its copy when it is made; after that it needs the state no longer, so it may run in a thread.
"""

from dataclasses import dataclass

from schemas.facts.gateway import PledgeRegistered
from services.matcher.domain.city import City
from services.matcher.domain.graph import Path
from services.matcher.domain.scopes import Scope
from services.matcher.domain.state import State


@dataclass(frozen=True)
class Coverage:
    """A kecamatan's matched workers before and after."""

    area: str
    workers: int
    before: int
    after: int


@dataclass(frozen=True)
class Preview:
    """`fills`: slots that would be filled at once."""

    fills: int
    coverage: tuple[Coverage, ...]


class Rehearsal:
    """A copy of a city's waiting list and graph on which slots can be added and workers placed."""

    def __init__(self, city: City) -> None:
        self.waiting_list = city.waiting_list.copy()
        self._index = city.index
        self._known = {scope: supply.index for scope, supply in city.supply_of.items()}
        self._before = [tally.matched for tally in self.waiting_list.tallies]

    def add(self, scope: Scope, slots: int) -> None:
        """Slots for a scope."""
        supply = self._known.get(scope)
        if supply is None:
            cells = self._index.cells_for(scope)
            supply = self._known[scope] = self.waiting_list.add_supply(cells, scope.width, scope.near)
        self.waiting_list.grow(supply, slots)

    def place(self) -> tuple[int, int] | None:
        """Place the most urgent worker who can be placed: his cell and number; `None` when nobody can be."""
        path = self.waiting_list.next_placement()
        if path is None:
            return None
        cell = path[0][0]
        number = self.waiting_list.first(cell)
        self._walk(path)
        self.seat(cell, number)
        return cell, number

    def _walk(self, path: Path) -> None:
        graph = self.waiting_list.graph
        for step in range(len(path) - 1, 0, -1):
            graph.release(path[step - 1][1], path[step][0])
        for cell, supply in path:
            # that a pledge pins its workers makes no difference here: where a slot is free nobody is moved away
            graph.hold(supply, cell)
        self.waiting_list.grow(path[-1][1], -1)

    def seat(self, cell: int, number: int) -> None:
        """A worker waits no longer."""
        self.waiting_list.take(cell, number, self.waiting_list.tier_of(cell, number))
        self.waiting_list.tallies[self.waiting_list.tally_of[cell]].matched += 1

    def coverage(self) -> tuple[Coverage, ...]:
        """All kecamatan, in the order of their codes."""
        rows = [
            Coverage(tally.code, tally.registered, before, tally.matched)
            for tally, before in zip(self.waiting_list.tallies, self._before, strict=True)
        ]
        return tuple(sorted(rows, key=lambda row: row.area))


class PledgeRehearsal:
    """A pledge that has not happened, in its city as it is now."""

    def __init__(self, state: State, fact: PledgeRegistered) -> None:
        city = state.cities.get(fact.city)
        self._fact = fact
        self._rehearsal = None if city is None else Rehearsal(city)
        self._waiting: list[tuple[int, int]] = []
        self._movable: list[tuple[int, int]] = []
        for name in fact.scope.workers:
            worker = state.workers.get(name)
            if worker is None or worker.city != fact.city:
                continue
            if worker.queue is not None:
                self._waiting.append((worker.cell.index, worker.number))
            elif worker.seat is not None and not worker.seat.pledge.pins and worker.seat.pledge.supply is not None:
                self._movable.append((worker.seat.pledge.supply.index, worker.cell.index))

    def run(self) -> Preview:
        """What the pledge would lead to."""
        if self._rehearsal is None:
            return Preview(0, ())
        scope = self._fact.scope
        if scope.workers:
            fills = self._fill_named(self._rehearsal)
            while self._rehearsal.place() is not None:
                pass
        else:
            self._rehearsal.add(Scope.of(scope.areas, scope.occupations, scope.near or ""), self._fact.slots)
            fills = 0
            while self._rehearsal.place() is not None:
                fills += 1
        return Preview(fills, self._rehearsal.coverage())

    def _fill_named(self, rehearsal: Rehearsal) -> int:
        waiting = self._waiting[: self._fact.slots]
        for cell, number in waiting:
            rehearsal.seat(cell, number)
        moving = self._movable[: self._fact.slots - len(waiting)]
        for supply, cell in moving:
            rehearsal.waiting_list.graph.release(supply, cell)
            rehearsal.waiting_list.grow(supply, 1)
        return len(waiting) + len(moving)
