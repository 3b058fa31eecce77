"""Scopes and cells as index entries: which supplies may protect a cell, and which cells a supply may protect.

Promises both answers by a few mask operations, however many there are of either.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

_LEVELS: Final = 4


class Scope(NamedTuple):
    """The part of a pledge's scope that makes it a supply; equal scopes are one supply."""

    areas: tuple[str, ...]
    occupations: tuple[str, ...]
    near: str

    @classmethod
    def of(cls, areas: Sequence[str], occupations: Sequence[str], near: str) -> "Scope":
        """The scope in its one canonical form."""
        return cls(tuple(sorted(set(areas))), tuple(sorted(set(occupations))), near)

    @property
    def width(self) -> int:
        """A class of how much it may hold: the finer its coarsest area, the lower; all occupations count as wider."""
        coarsest = min(area.count(".") for area in self.areas) if self.areas else _LEVELS - 1
        return 2 * (_LEVELS - 1 - coarsest) + (0 if self.occupations else 1)


def around(area: str) -> Iterator[str]:
    """An area and all that contain it."""
    while area:
        yield area
        area = area.rpartition(".")[0]


@dataclass(slots=True)
class ScopeIndex:
    """Masks of cells and supplies by area and by occupation."""

    area_cells: dict[str, int] = field(default_factory=dict)
    occupation_cells: dict[str, int] = field(default_factory=dict)
    area_supplies: dict[str, int] = field(default_factory=dict)
    occupation_supplies: dict[str, int] = field(default_factory=dict)
    #: supplies for all occupations
    open_supplies: int = 0

    def supplies_for(self, area: str, occupation: str) -> int:
        """Mask of the supplies that may protect workers of an area and occupation."""
        supplies = 0
        for above in around(area):
            supplies |= self.area_supplies.get(above, 0)
        return supplies & (self.open_supplies | self.occupation_supplies.get(occupation, 0))

    def cells_for(self, scope: Scope) -> int:
        """Mask of the cells in a scope."""
        cells = 0
        for area in scope.areas:
            cells |= self.area_cells.get(area, 0)
        if not scope.occupations:
            return cells
        fit = 0
        for occupation in scope.occupations:
            fit |= self.occupation_cells.get(occupation, 0)
        return cells & fit

    def add_cell(self, cell: int, area: str, occupation: str) -> None:
        """Make a cell known."""
        bit = 1 << cell
        for above in around(area):
            self.area_cells[above] = self.area_cells.get(above, 0) | bit
        self.occupation_cells[occupation] = self.occupation_cells.get(occupation, 0) | bit

    def add_supply(self, supply: int, scope: Scope) -> None:
        """Make a supply known."""
        bit = 1 << supply
        for area in scope.areas:
            self.area_supplies[area] = self.area_supplies.get(area, 0) | bit
        for occupation in scope.occupations:
            self.occupation_supplies[occupation] = self.occupation_supplies.get(occupation, 0) | bit
        if not scope.occupations:
            self.open_supplies |= bit
