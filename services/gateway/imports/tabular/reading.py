"""The door to tables: finds out what a file is, finds its header row, and hands out typed rows one by one.

Promises that the header is known when `open_table` returns, so that a wrong file is refused before anything is kept of
it. Raises `Poison` with a code `file...`; its words may quote the header row, which in a file without a header is a
person's data: show them to the sender, store and log them nowhere.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO, Final

from services.gateway.imports.tabular import delimited, sheet
from services.gateway.imports.tabular.cells import Cell, clean
from services.gateway.imports.tabular.layout import Layout
from services.gateway.imports.tabular.rows import BrokenRow, Limits, Record, Records, Row
from services.gateway.imports.tabular.workbook import open_workbook
from services.runtime.base.errors import Poison

_ZIP: Final = b"PK"
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0"
_OTHERS: Final = {b"%PDF": "a PDF", b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture", b"<!DO": "a web page"}
_DEFAULT: Final = Limits()


@dataclass(frozen=True)
class Table:
    """An open table. `rows` can be walked once."""

    header_row: int
    columns: dict[str, int]
    rows: Iterator[Row | BrokenRow]


def open_table(source: BinaryIO, layout: Layout, limits: Limits = _DEFAULT) -> Table:
    """Open a CSV or XLSX file, whatever it calls itself, and find its header. `source` must be seekable."""
    head = source.read(4)
    source.seek(0)
    if not head:
        raise Poison("file.empty", "the file is empty")
    if head.startswith(_OLD_OFFICE):
        raise Poison("file.not_a_spreadsheet", "the file is an old .xls or has a password: save it as XLSX without one")
    if other := next((name for start, name in _OTHERS.items() if head.startswith(start)), None):
        raise Poison("file.not_a_spreadsheet", f"the file is {other}: send CSV or XLSX")
    if head.startswith(_ZIP):
        return _open_workbook(source, layout, limits)
    return _table(delimited.records(source, layout, limits), layout, limits)


def _open_workbook(source: BinaryIO, layout: Layout, limits: Limits) -> Table:
    """The first sheet whose header fits; if none does, what is wrong with the first."""
    book = open_workbook(source, limits)
    refusals: list[Poison] = []
    for part in book.sheets:
        try:
            return _table(sheet.records(book, part, limits), layout, limits)
        except Poison as refusal:
            refusals.append(refusal)
    raise refusals[0] if refusals else Poison("file.empty", "there is no sheet in the file")


def _table(records: Records, layout: Layout, limits: Limits) -> Table:
    first = list(islice(records, limits.header_within_rows))
    rows = [record for record in first if not isinstance(record, BrokenRow) and any(cell != "" for cell in record[1])]
    best, match = layout.header([[clean(cell) if isinstance(cell, str) else cell for cell in row[1]] for row in rows])
    number, cells = rows[best]
    later = (record for record in first if _number(record) > number)
    columns = tuple(match.columns.items())
    return Table(number, match.columns, _rows(chain(later, records), columns, len(cells), limits.rows_max))


def _number(record: Record) -> int:
    return record.number if isinstance(record, BrokenRow) else record[0]


def _rows(
    records: Iterator[Record], columns: Sequence[tuple[str, int]], width: int, rows_max: int
) -> Iterator[Row | BrokenRow]:
    count = 0
    for record in records:
        row = record if isinstance(record, BrokenRow) else _row(*record, columns, width)
        if row is None:
            continue
        count += 1
        if count > rows_max:
            raise Poison("file.too_many_rows", f"only the first {rows_max:,} rows were read: send the rest by itself")
        yield row


def _row(number: int, cells: Sequence[Cell], columns: Sequence[tuple[str, int]], width: int) -> Row | BrokenRow | None:
    """The row; None for one that is empty. Text beyond the header means that a cell was cut in two by its delimiter."""
    values: dict[str, Cell] = {}
    filled = len(cells)
    for field, column in columns:
        if column < filled:
            cell = cells[column]
            if isinstance(cell, str):
                cell = clean(cell)
                if not cell:
                    continue
            values[field] = cell
    if filled > width and any(cell not in {"", " "} for cell in cells[width:]):
        return BrokenRow(number, "row.too_many_cells", "the row has more cells than the header: is a cell cut in two?")
    return Row(number, values) if values else None
