"""Cells of a row as values, and the line of the report about the row.

Promises that codes and sentences of a refusal quote nothing that the row contains. Pure.
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
class ReportLine:
    """The outcome of a row in the report. `code` is empty for accepted rows."""

    number: int
    outcome: Outcome
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class RowError:
    """One error in a row. `field` names the column."""

    field: str
    code: str
    detail: str


def refused(number: int, errors: Iterable[RowError]) -> ReportLine:
    """A refused row: the code of its first error, the details of all."""
    found = list(errors)
    return ReportLine(
        number, "refused", found[0].code, "; ".join(f"{error.field}: {error.detail}" for error in found)[:500]
    )


def broken(row: BrokenRow) -> ReportLine:
    """A row that could not be split into cells."""
    return ReportLine(row.number, "refused", row.code, row.detail)


class CellReader:
    """Reads the cells of one row, and collects their errors."""

    def __init__(self, row: Row) -> None:
        self.number = row.number
        self.errors: list[RowError] = []
        self._values = row.values

    def error(self, field: str, code: str, detail: str) -> None:
        """Add an error, unless it is there already."""
        error = RowError(field, code, detail)
        if error not in self.errors:
            self.errors.append(error)

    def has(self, field: str) -> bool:
        """Whether a cell is filled."""
        return field in self._values

    def cell(self, field: str, *, required: bool = False) -> Cell | None:
        """A filled cell; None otherwise, with an error if the cell is required or shows a formula error."""
        found = self._values.get(field)
        if found is None:
            if required:
                self.error(field, "field.missing", "the cell is empty")
            return None
        if isinstance(found, ErrorCell):
            self.error(field, "cell.error", "the cell shows an error of a formula, not a value")
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
            self.error(field, "field.range", f"at most {length_max} characters")
            return ""
        if required and not line:
            self.error(field, "field.missing", "the cell is empty")
        return line

    def read(self, field: str, convert: Callable[[Cell], T | None], code: str, detail: str) -> T | None:
        """A cell by a conversion of `tabular`; an error is added if it is filled and cannot be converted."""
        found = self.cell(field)
        if found is None:
            return None
        value = convert(found)
        if value is None:
            self.error(field, code, detail)
        return value

    def nik(self, *, required: bool = False) -> str:
        """The NIK as written; an error is added if a spreadsheet made it a number, which has lost the last digits."""
        found = self.cell("nik", required=required)
        if isinstance(found, float):
            detail = "a number cell has lost the last digits: format the column as text and type the NIK again"
            self.error("nik", "nik.number_cell", detail)
            return ""
        if found is not None and scientific(found):
            detail = "a spreadsheet has lost the last digits: format the column as text and type the NIK again"
            self.error("nik", "nik.damaged_by_spreadsheet", detail)
            return ""
        return "" if found is None else text(found)
