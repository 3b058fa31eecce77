"""What comes out of a table: rows, rows that could not be read, and the limits within which a file is read at all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.gateway.imports.tabular.cells import Cell


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `number` is what the spreadsheet shows in its margin; a field whose cell is empty is absent."""

    number: int
    values: dict[str, Cell]


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """One row that cannot be taken apart into cells without guessing."""

    number: int
    code: str
    detail: str


#: A row before the header is known: its number and all its cells.
Record = tuple[int, Sequence[Cell]] | BrokenRow
Records = Iterator[Record]


@dataclass(frozen=True)
class Limits:
    """How much of a file is read. What Excel can hold is the default for rows."""

    rows_max: int = 1_048_576
    columns_max: int = 256
    unzipped_bytes_max: int = 512 * 1024 * 1024
    strings_max: int = 4_000_000
    header_within_rows: int = 30
