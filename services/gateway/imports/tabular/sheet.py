"""One sheet of a workbook as a stream of rows, each cell as what the spreadsheet keeps, not as what it shows.

Own, since the fast readers give an error cell as an empty one and hold a sheet as one dense block, which a hostile
file can make larger than any memory. Promises to hold one row at a time.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from services.gateway.imports.tabular.cells import Cell, ErrorCell
from services.gateway.imports.tabular.markup import broken_is_poison, local_names, parser, unescaped
from services.gateway.imports.tabular.rows import Limits, Records
from services.gateway.imports.tabular.workbook import Workbook
from services.runtime.base.errors import Poison

_REFERENCE: Final = re.compile("([A-Z]{1,3})([0-9]{1,7})")
#: Day 61 is 1 March 1900; before it lies a 29 February that never was.
_FIRST_TRUE_DAY: Final = 61
_LAST_DAY: Final = 2_958_465
_LAST_ROW: Final = 1_048_576
_EPOCH: Final = date(1899, 12, 30)
_EPOCH_1904: Final = date(1904, 1, 1)


def records(book: Workbook, part: str, limits: Limits) -> Records:
    """The rows of a sheet, as it is unpacked."""
    sheet = _Sheet(book, limits)
    pieces = book.pieces(part)
    while True:
        with broken_is_poison():
            piece = next(pieces, b"")
            sheet.feed(piece)
        yield from sheet.take()
        if not piece:
            return


class _Sheet:
    """Folds the elements of a sheet into rows."""

    def __init__(self, book: Workbook, limits: Limits) -> None:
        self._book = book
        self._columns_max = limits.columns_max
        self._local = local_names()
        self._columns: dict[str, int] = {}
        self._ready: list[tuple[int, list[Cell]]] = []
        self._number = 0
        self._row: list[Cell] = []
        self._column = -1
        self._kind: str | None = None
        self._style = ""
        self._runs: list[str] = []
        self._reading = False
        self._phonetic = False
        self._parser = parser()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def feed(self, piece: bytes) -> None:
        """Take a piece of the part; the empty piece ends it."""
        self._parser.Parse(piece, not piece)

    def take(self) -> Iterator[tuple[int, list[Cell]]]:
        """The rows that are complete by now."""
        ready, self._ready = self._ready, []
        return iter(ready)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        match self._local(name):
            case "c":
                self._column = self._column_of(attributes.get("r"))
                self._kind = attributes.get("t")
                self._style = attributes.get("s", "0")
                self._runs = []
            case "v":
                self._reading = True
            case "t":
                self._reading = not self._phonetic
            case "row":
                self._number = int(attributes.get("r", self._number + 1))
                if not 0 < self._number <= _LAST_ROW:
                    raise Poison("file.broken", "the XLSX file names a row that no sheet has")
                self._row = []
                self._column = -1
            case "rPh":
                self._phonetic = True

    def _end(self, name: str) -> None:
        match self._local(name):
            case "v" | "t":
                self._reading = False
            case "c" if self._runs and self._column < self._columns_max:
                row = self._row
                if len(row) < self._column:
                    row.extend([""] * (self._column - len(row)))
                row[self._column :] = [self._cell("".join(self._runs))]
            case "row":
                self._ready.append((self._number, self._row))
            case "rPh":
                self._phonetic = False

    def _characters(self, data: str) -> None:
        if self._reading:
            self._runs.append(data)

    def _column_of(self, reference: str | None) -> int:
        """The column of a cell, counted from 0; a cell without a reference follows the last one."""
        if reference is None:
            return self._column + 1
        column_name = reference.rstrip("0123456789")
        column = self._columns.get(column_name)
        if column is None:
            if not _REFERENCE.fullmatch(reference):
                raise Poison("file.broken", "the XLSX file names a cell that no sheet has")
            column = 0
            for character in column_name:
                column = column * 26 + ord(character) - ord("A") + 1
            column -= 1
            self._columns[column_name] = column
        return column

    def _cell(self, content: str) -> Cell:
        match self._kind:
            case "s":
                return self._book.strings[int(content)]
            case None | "n":
                return self._number_or_day(float(content))
            case "e":
                return ErrorCell(content[:20])
            case "b":
                return "TRUE" if content == "1" else "FALSE"
            case "d":
                return date.fromisoformat(content[:10])
            case _:
                return unescaped(content)

    def _number_or_day(self, number: float) -> Cell:
        if self._style not in self._book.day_styles:
            return number
        if self._book.since_1904 and 0 <= number <= _LAST_DAY:
            return _EPOCH_1904 + timedelta(int(number))
        return _EPOCH + timedelta(int(number)) if _FIRST_TRUE_DAY <= number <= _LAST_DAY else number
