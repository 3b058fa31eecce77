"""Who waits in a city and who is next: queues per cell, tallies per kecamatan, and the order of urgency.

Promises the order of the design: continuity first, then the vulnerable band, then the kecamatan furthest below its
target, then the nearest to the donor's plant (where a pledge names one), then the longest waiting. Knows numbers of
workers, not workers, so that a copy costs little and a preview can use one.
"""

from bisect import bisect_left, insort
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from services.matcher.domain.graph import Graph, Path, bits
from services.matcher.domain.model import Tier

#: Metres between two areas, where known.
Distance = Callable[[str, str], int | None]
#: An area of which no distance is known is farther than all others.
FAR: Final = 1 << 40


@dataclass(slots=True)
class Tally:
    """A kecamatan's progress toward its target, which is the same share for all. `cells` is a mask."""

    code: str
    registered: int = 0
    matched: int = 0
    cells: int = 0
    #: the first of each cell's queue as (number, cell), lowest first: returning of band 1 and 2, plain of band 1 and 2
    firsts: tuple[list[tuple[int, int]], ...] = field(default_factory=lambda: ([], [], [], []))

    def rank(self) -> tuple[int, str, "Tally"]:
        """The lower, the further below the target; codes differ, so they settle it."""
        return self.matched * 10**9 // (self.registered or 1), self.code, self

    def copy(self) -> "Tally":
        """A tally of its own with the same content."""
        return replace(self, firsts=tuple(firsts[:] for firsts in self.firsts))


@dataclass(slots=True)
class WaitingList:
    """The countable side of a city; `City` keeps it in step with the people."""

    distance: Distance
    graph: Graph = field(default_factory=Graph)
    #: cell -> numbers of those who wait, lowest first
    returning: list[list[int]] = field(default_factory=list)
    plain: list[list[int]] = field(default_factory=list)
    #: masks of the cells where such workers wait
    returning_cells: int = 0
    plain_cells: int = 0
    #: mask of the cells of band 1
    vulnerable_cells: int = 0
    areas: list[str] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    tally_of: list[int] = field(default_factory=list)
    #: supply -> area near which it wants its workers
    near: dict[int, str] = field(default_factory=dict)
    near_supplies: int = 0
    #: cells where a worker began to wait, and supplies that got slots, since nobody could be placed any more; those who
    #: waited then can only be placed by such a slot. A cache like the graph's levels: without it nothing is different
    changed_cells: int = 0
    opened: int = 0

    def copy(self) -> "WaitingList":
        """A waiting list of its own with the same content."""
        return replace(
            self,
            graph=self.graph.copy(),
            returning=[queue[:] for queue in self.returning],
            plain=[queue[:] for queue in self.plain],
            areas=self.areas[:],
            tallies=[tally.copy() for tally in self.tallies],
            tally_of=self.tally_of[:],
            near=self.near.copy(),
        )

    def add_cell(self, adjacent: int, area: str, kecamatan: str, *, vulnerable: bool) -> int:
        """A new cell; returns its number."""
        cell = self.graph.add_cell(adjacent)
        bit = 1 << cell
        self.returning.append([])
        self.plain.append([])
        self.areas.append(area)
        if vulnerable:
            self.vulnerable_cells |= bit
        place = next((n for n, tally in enumerate(self.tallies) if tally.code == kecamatan), len(self.tallies))
        if place == len(self.tallies):
            self.tallies.append(Tally(kecamatan))
        self.tallies[place].cells |= bit
        self.tally_of.append(place)
        return cell

    def add_supply(self, borders: int, width: int, near: str) -> int:
        """A new supply without slots; returns its number."""
        supply = self.graph.add_supply(borders, width)
        if near:
            self.near[supply] = near
            self.near_supplies |= 1 << supply
        return supply

    def grow(self, supply: int, slots: int) -> None:
        """A supply has so many free slots more (or fewer, when negative)."""
        self.graph.grow(supply, slots)
        if slots > 0:
            self.opened |= 1 << supply

    def put(self, cell: int, number: int, tier: Tier) -> None:
        """A worker waits."""
        if not (self.returning[cell] or self.plain[cell]):
            self.changed_cells |= 1 << cell
        queue = self.returning[cell] if tier == "returning" else self.plain[cell]
        if not queue:
            if tier == "returning":
                self.returning_cells |= 1 << cell
            else:
                self.plain_cells |= 1 << cell
        if queue and number > queue[0]:
            insort(queue, number)
            return
        firsts = self._firsts(cell, tier)
        if queue:
            del firsts[bisect_left(firsts, (queue[0], cell))]
        insort(firsts, (number, cell))
        queue.insert(0, number)

    def take(self, cell: int, number: int, tier: Tier) -> None:
        """A worker waits no longer."""
        queue = self.returning[cell] if tier == "returning" else self.plain[cell]
        if number != queue[0]:
            del queue[bisect_left(queue, number)]
            return
        del queue[0]
        firsts = self._firsts(cell, tier)
        del firsts[bisect_left(firsts, (number, cell))]
        if queue:
            insort(firsts, (queue[0], cell))
        elif tier == "returning":
            self.returning_cells &= ~(1 << cell)
        else:
            self.plain_cells &= ~(1 << cell)

    def _firsts(self, cell: int, tier: Tier) -> list[tuple[int, int]]:
        tally = self.tallies[self.tally_of[cell]]
        return tally.firsts[(2 if tier == "plain" else 0) + (not self.vulnerable_cells >> cell & 1)]

    def tier_of(self, cell: int, number: int) -> Tier:
        """In which queue a worker waits, who waits."""
        return "returning" if number in self.returning[cell] else "plain"

    def waits(self, cell: int) -> int:
        """How many wait in a cell."""
        return len(self.returning[cell]) + len(self.plain[cell])

    def first(self, cell: int) -> int:
        """The number of the worker of a cell who is next; one must wait there."""
        return (self.returning[cell] or self.plain[cell])[0]

    def next_placement(self) -> Path | None:
        """The way by which the most urgent worker who can be placed is placed; `None` when nobody can be."""
        waiting = self.returning_cells | self.plain_cells
        if not self.changed_cells & waiting and not self.opened & self.graph.free_supplies:
            return None
        while waiting and (reach := waiting & self.graph.reach()):
            pool, firsts = self._most_urgent(reach)
            near = self._nearest(pool)
            if near is not None:
                return [near]
            path = self.graph.path(next(cell for _, cell in firsts if pool >> cell & 1))
            if path is not None:
                return path
            # old levels promised too much; a worker in reach by new ones can be placed
            self.graph.forget()
        self.changed_cells = self.opened = 0
        return None

    def placement_of(self, cell: int) -> Path | None:
        """The way by which the only worker who waits in a cell is placed, when nobody else can be."""
        path = self.graph.path(cell)
        if path is None:
            self.changed_cells &= ~(1 << cell)
        return path

    def _most_urgent(self, cells: int) -> tuple[int, list[tuple[int, int]]]:
        """Of cells where somebody waits, those whose first are the most urgent, and these in the order of waiting."""
        group = 0
        pool = cells & self.returning_cells
        if not pool:
            pool, group = cells, 2
        vulnerable = pool & self.vulnerable_cells
        if vulnerable:
            pool = vulnerable
        else:
            group += 1
        behind = min([tally.rank() for tally in self.tallies if tally.cells & pool])[2]
        return pool & behind.cells, behind.firsts[group]

    def _nearest(self, pool: int) -> tuple[int, int] | None:
        for supply in bits(self.near_supplies & self.graph.free_supplies):
            cells = pool & self.graph.borders[supply]
            if cells:
                near = self.near[supply]
                return min(bits(cells), key=lambda cell: (self._far(near, cell), self.first(cell))), supply
        return None

    def _far(self, near: str, cell: int) -> int:
        metres = self.distance(near, self.areas[cell])
        return FAR if metres is None else metres
