"""Which columns are wanted, by which names people call them, and how the header row is found among the first rows.

Names are compared without case, blanks, punctuation and what stands in brackets. Pure.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from services.gateway.imports.tabular.cells import folded
from services.runtime.base.errors import Poison

_IN_BRACKETS: Final = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_LONG_NUMBER: Final = re.compile(r"\d{5,}")
_SHOWN_MAX: Final = 12


def normal(name: str) -> str:
    """A column's name as it is compared: `No. HP (WA)` is `nohp`."""
    return folded(_IN_BRACKETS.sub("", name))


@dataclass(frozen=True, slots=True)
class Match:
    """A row read as a header: the column of each field that it names, in the order of the layout."""

    columns: dict[str, int]
    twice: tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """The fields of a kind of file. `names` has the names of each field's column, the recommended one first.

    `required` lists groups of fields: of each group one at least must be there.
    """

    names: Mapping[str, Sequence[str]]
    required: Sequence[Sequence[str]]

    @cached_property
    def _fields(self) -> dict[str, str]:
        return {normal(name): field for field, names in self.names.items() for name in (field, *names)}

    def match(self, cells: Sequence[object]) -> Match:
        """Which fields a row names, were it the header."""
        columns: dict[str, int] = {}
        twice = []
        for column, cell in enumerate(cells):
            field = self._fields.get(normal(cell)) if isinstance(cell, str) else None
            if field is not None and columns.setdefault(field, column) != column:
                twice.append(field)
        return Match(columns, tuple(twice))

    def missing(self, match: Match) -> list[Sequence[str]]:
        """The groups of required fields of which a header names none."""
        return [group for group in self.required if not any(field in match.columns for field in group)]

    def header(self, rows: Sequence[Sequence[object]]) -> tuple[int, Match]:
        """Which of the first rows is the header. Raises `Poison` that shows what was found and what is expected."""
        matches = [self.match(row) for row in rows]
        best = max(range(len(rows)), key=lambda number: len(matches[number].columns), default=None)
        if best is None:
            raise Poison("file.empty", "there is no row in the file")
        match = matches[best]
        if missing := self.missing(match):
            raise Poison("file.unknown_header", self._unknown(rows, best if match.columns else 0, missing))
        if match.twice:
            raise Poison(
                "file.column_twice", f"more than one column is named {self._advised(match.twice[0])}: leave one of them"
            )
        return best, match

    def _unknown(self, rows: Sequence[Sequence[object]], shown: int, missing: Sequence[Sequence[str]]) -> str:
        wanted = ", ".join(" or ".join(self._advised(field) for field in group) for group in missing)
        found = [_LONG_NUMBER.sub("...", str(cell))[:30] for cell in rows[shown] if cell != ""]
        more = f" and {len(found) - _SHOWN_MAX} more" if len(found) > _SHOWN_MAX else ""
        return (
            f"no column for: {wanted}. Found: {'; '.join(found[:_SHOWN_MAX])}{more}."
            f" Expected are columns named {', '.join(map(self._advised, self.names))} (others are left aside)"
        )

    def _advised(self, field: str) -> str:
        names = self.names[field]
        return names[0] if names else field
