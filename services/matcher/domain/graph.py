"""The graph of one city: cells (interchangeable workers) on one side, supplies (pledges of one scope) on the other.

Promises that `path` finds a shortest augmenting path whenever there is one, and always the same one for the same
graph, whatever was asked before. Knows counts alone: no person, no pledge, no month.

Sets of cells and supplies are integers used as bit masks. Distances to a free slot are kept as level masks: level 0 of
the supplies are those with a free slot; cells of level L border a supply of level L; a supply of level L + 1 holds a
movable worker of a cell of level L. Placing workers only ever makes distances longer, so old levels are lower bounds:
a walk down the levels mends what it finds to be stale, and every dead end is mended before a path is found, so the path
is the same as with exact levels. Only new capacity can make distances shorter; then all levels are computed again.
The levels are a cache: they are in no dump and change no outcome.
"""

from collections.abc import Iterator
from typing import Final

Path = list[tuple[int, int]]

#: After so many mends in one walk a breadth-first search is cheaper.
MENDS_MAX: Final = 32
#: Classes of supplies by how much they may protect; the narrowest is used first, so that wide ones stay flexible.
WIDTHS: Final = 8


def bits(mask: int) -> Iterator[int]:
    """The positions of the bits that are set, lowest first."""
    # finding digits in text is several times faster than arithmetic on numbers of thousands of bits
    digits = bin(mask)
    last = len(digits) - 1
    found = digits.rfind("1")
    while found > 0:
        yield last - found
        found = digits.rfind("1", 0, found)


def lowest(mask: int) -> int:
    """The position of the lowest bit; `mask` must not be 0."""
    return (mask & -mask).bit_length() - 1


class Graph:
    """Who borders whom, what is free, who may be moved; see the module's promise."""

    __slots__ = (
        "adjacent",
        "borders",
        "cell_levels",
        "free",
        "free_supplies",
        "fresh",
        "gained",
        "held",
        "holders",
        "movable",
        "supply_levels",
        "widths",
    )

    def __init__(self) -> None:
        #: cell -> mask of the supplies that may protect it
        self.adjacent: list[int] = []
        #: supply -> mask of the cells that it may protect
        self.borders: list[int] = []
        #: supply -> mask of the cells of which it holds a movable worker
        self.held: list[int] = []
        #: cell -> mask of the supplies that hold a movable worker of it
        self.holders: list[int] = []
        #: supply -> cell -> how many movable workers
        self.movable: list[dict[int, int]] = []
        #: supply -> free slots
        self.free: list[int] = []
        self.free_supplies = 0
        self.widths = [0] * WIDTHS
        self.supply_levels: list[int] = []
        self.cell_levels: list[int] = []
        #: supplies with a free slot that had none when the levels were made
        self.gained = 0
        self.fresh = False

    def copy(self) -> "Graph":
        """A graph of its own with the same content; costs about a millisecond for a city."""
        twin = Graph()
        twin.adjacent = self.adjacent[:]
        twin.borders = self.borders[:]
        twin.held = self.held[:]
        twin.holders = self.holders[:]
        twin.movable = [counts.copy() for counts in self.movable]
        twin.free = self.free[:]
        twin.free_supplies = self.free_supplies
        twin.widths = self.widths[:]
        return twin

    def add_cell(self, adjacent: int) -> int:
        """A new cell that borders these supplies; returns its number."""
        cell = len(self.adjacent)
        self.adjacent.append(adjacent)
        self.holders.append(0)
        for supply in bits(adjacent):
            self.borders[supply] |= 1 << cell
        for level, supplies in enumerate(self.supply_levels):
            if adjacent & supplies:
                self.cell_levels[level] |= 1 << cell
                break
        return cell

    def add_supply(self, borders: int, width: int) -> int:
        """A new supply, still without slots, that borders these cells; returns its number."""
        supply = len(self.borders)
        self.borders.append(borders)
        self.held.append(0)
        self.movable.append({})
        self.free.append(0)
        self.widths[width] |= 1 << supply
        for cell in bits(borders):
            self.adjacent[cell] |= 1 << supply
        return supply

    def grow(self, supply: int, slots: int) -> None:
        """A supply has so many free slots more (or fewer, when negative)."""
        free = self.free[supply] + slots
        self.free[supply] = free
        bit = 1 << supply
        if free <= 0:
            self.free_supplies &= ~bit
            self.gained &= ~bit
        elif not self.free_supplies & bit:
            self.free_supplies |= bit
            if self.fresh and not self.supply_levels[0] & bit:
                self.gained |= bit

    def hold(self, supply: int, cell: int) -> None:
        """A supply holds one movable worker more of a cell."""
        counts = self.movable[supply]
        if cell in counts:
            counts[cell] += 1
            return
        counts[cell] = 1
        self.held[supply] |= 1 << cell
        self.holders[cell] |= 1 << supply
        if self.fresh:
            self.fresh = self._stays_lower_bound(supply, cell)

    def release(self, supply: int, cell: int) -> None:
        """A supply holds one movable worker less of a cell."""
        counts = self.movable[supply]
        left = counts[cell] - 1
        if left:
            counts[cell] = left
        else:
            del counts[cell]
            self.held[supply] &= ~(1 << cell)
            self.holders[cell] &= ~(1 << supply)

    def path(self, cell: int) -> Path | None:
        """The way by which one more worker of a cell can be placed, or `None`.

        `[(cell, supply), (cell', supply'), ...]`: the worker goes to `supply`, in the place of one of `cell'` who goes
        to `supply'`, and so on; the last supply has a free slot.
        """
        free = self.adjacent[cell] & self.free_supplies
        if free:
            return [(cell, self._narrowest(free))]
        if not self.free_supplies:
            return None
        self._refresh()
        return self._walk(cell, MENDS_MAX)

    def forget(self) -> None:
        """Have the levels computed again before their next use."""
        self.fresh = False

    def reach(self) -> int:
        """Mask of the cells from which a free slot may be reached, all of them; after `forget`, these and no others."""
        if not self.free_supplies:
            return 0
        self._refresh()
        cells = 0
        for level in self.cell_levels:
            cells |= level
        return cells

    def reachable_from(self, cells: int) -> tuple[int, int]:
        """Masks of the cells and supplies that a search forward from these cells comes to."""
        supplies, fresh = 0, cells
        while fresh:
            found = 0
            for cell in bits(fresh):
                found |= self.adjacent[cell]
            found &= ~supplies
            supplies |= found
            fresh = 0
            for supply in bits(found):
                fresh |= self.held[supply]
            fresh &= ~cells
            cells |= fresh
        return cells, supplies

    def _narrowest(self, supplies: int) -> int:
        for width in self.widths:
            if supplies & width:
                return lowest(supplies & width)
        raise AssertionError("each supply has a width")

    def _refresh(self) -> None:
        if self.fresh and not self.gained:
            return
        self.fresh, self.gained = True, 0
        self.supply_levels, self.cell_levels = [], []
        supplies = self.free_supplies
        rest = ~supplies & (1 << len(self.borders)) - 1
        seen = 0
        while supplies:
            cells = 0
            for supply in bits(supplies):
                cells |= self.borders[supply]
            cells &= ~seen
            seen |= cells
            self.supply_levels.append(supplies)
            self.cell_levels.append(cells)
            supplies = self._holding(cells, rest)
            rest &= ~supplies

    def _holding(self, cells: int, among: int) -> int:
        """Mask of the supplies among these that hold a movable worker of one of these cells; asks the smaller side."""
        found = 0
        if cells.bit_count() < among.bit_count():
            for cell in bits(cells):
                found |= self.holders[cell]
            return found & among
        for supply in bits(among):
            if self.held[supply] & cells:
                found |= 1 << supply
        return found

    def _walk(self, start: int, mends: int) -> Path | None:
        adjacent, held, supply_levels, cell_levels = self.adjacent, self.held, self.supply_levels, self.cell_levels
        bit = 1 << start
        level = next((n for n, cells in enumerate(cell_levels) if cells & bit), None)
        cells, supplies = [start], []
        while level is not None:
            cell = cells[-1]
            near = adjacent[cell] & supply_levels[level]
            if level == 0 and near & self.free_supplies:
                supplies.append(self._narrowest(near & self.free_supplies))
                return list(zip(cells, supplies, strict=True))
            if near:
                supply = lowest(near)
                below = held[supply] & cell_levels[level - 1] if level else 0
                if below:
                    supplies.append(supply)
                    cells.append(lowest(below))
                    level -= 1
                    continue
                self._lift_supply(supply, level)
            else:
                lifted = self._lift_cell(cell, level)
                if len(cells) == 1:
                    level = lifted
                else:
                    cells.pop()
                    supplies.pop()
                    level += 1
            mends -= 1
            if mends == 0:
                self.fresh = False
                self._refresh()
                return self._walk(start, -1)
        return None

    def _stays_lower_bound(self, supply: int, cell: int) -> bool:
        """Whether a supply is at most one level above a cell that it holds now; not so after a slot came and went."""
        supply_bit, cell_bit = 1 << supply, 1 << cell
        above = False
        for supplies, cells in zip(self.supply_levels, self.cell_levels, strict=True):
            if supplies & supply_bit:
                return True
            if above:
                return False
            above = bool(cells & cell_bit)
        return not above

    def _lift_supply(self, supply: int, level: int) -> None:
        bit, held, levels = 1 << supply, self.held[supply], self.supply_levels
        levels[level] &= ~bit
        for above in range(level, len(levels)):
            if held & self.cell_levels[above]:
                if above + 1 == len(levels):
                    levels.append(0)
                    self.cell_levels.append(0)
                levels[above + 1] |= bit
                return

    def _lift_cell(self, cell: int, level: int) -> int | None:
        bit, adjacent, levels = 1 << cell, self.adjacent[cell], self.supply_levels
        self.cell_levels[level] &= ~bit
        for above in range(level + 1, len(levels)):
            if adjacent & levels[above]:
                self.cell_levels[above] |= bit
                return above
        return None
