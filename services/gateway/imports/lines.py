"""What becomes of a row, and the careful reading of its cells.

Promises that what a row is refused for is told by codes and sentences that hold nothing of what the row holds. Pure.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

from services.gateway.imports.tabular import BrokenRow, Cell, ErrorCell, Row, text
from services.gateway.imports.tabular.cells import scientific

Outcome = Literal["accepted", "refused", "duplicate"]
T = TypeVar("T")

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Line:
    """The line of the report that tells what became of a row. `code` is empty when there is nothing to say."""

    number: int
    outcome: Outcome
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong with a row. `field` names the column."""

    field: str
    code: str
    detail: str


def refused(number: int, flaws: Iterable[Flaw]) -> Line:
    """A row that cannot be taken: the first flaw gives the code, all of them the detail."""
    found = list(flaws)
    return Line(number, "refused", found[0].code, "; ".join(f"{flaw.field}: {flaw.detail}" for flaw in found)[:500])


def broken(row: BrokenRow) -> Line:
    """A row that could not even be taken apart into cells."""
    return Line(row.number, "refused", row.code, row.detail)


class Reader:
    """Reads the cells of one row, and collects what is wrong with them."""

    def __init__(self, row: Row) -> None:
        self.number = row.number
        self.flaws: list[Flaw] = []
        self._values = row.values

    def flaw(self, field: str, code: str, detail: str) -> None:
        """Note that something is wrong; saying it again adds nothing."""
        flaw = Flaw(field, code, detail)
        if flaw not in self.flaws:
            self.flaws.append(flaw)

    def has(self, field: str) -> bool:
        """Whether a cell is filled."""
        return field in self._values

    def cell(self, field: str, *, required: bool = False) -> Cell | None:
        """A cell that is filled and no error; None otherwise, and a flaw if it is an error or must be there."""
        found = self._values.get(field)
        if found is None:
            if required:
                self.flaw(field, "field.missing", "the cell is empty")
            return None
        if isinstance(found, ErrorCell):
            self.flaw(field, "cell.error", "the cell shows an error of a formula, not a value")
            return None
        return found

    def text(self, field: str, *, required: bool = False, length_max: int = 200) -> str:
        """A cell as text on one line; empty when there is none."""
        found = self.cell(field, required=required)
        if found is None:
            return ""
        line = text(found)
        if not line.isprintable():
            line = _CONTROL.sub(" ", line).strip()
        if len(line) > length_max:
            self.flaw(field, "field.range", f"at most {length_max} characters")
            return ""
        if required and not line:
            self.flaw(field, "field.missing", "the cell is empty")
        return line

    def read(self, field: str, way: Callable[[Cell], T | None], code: str, detail: str) -> T | None:
        """A cell by one of the ways of `tabular`; a flaw when it is filled and that way gives nothing."""
        found = self.cell(field)
        if found is None:
            return None
        value = way(found)
        if value is None:
            self.flaw(field, code, detail)
        return value

    def nik(self, *, required: bool = False) -> str:
        """The NIK as it is written; a flaw when a spreadsheet made it a number, which has lost the last digits."""
        found = self.cell("nik", required=required)
        if isinstance(found, float):
            detail = "a number cell has lost the last digits: format the column as text and type the NIK again"
            self.flaw("nik", "nik.number_cell", detail)
            return ""
        if found is not None and scientific(found):
            detail = "a spreadsheet has lost the last digits: format the column as text and type the NIK again"
            self.flaw("nik", "nik.damaged_by_spreadsheet", detail)
            return ""
        return "" if found is None else text(found)
