"""The table that these tests write and read: a list of people as an RT would keep it."""

import io
from collections.abc import Sequence

from services.gateway.imports.tabular import BrokenRow, Layout, Limits, Row, open_table
from services.runtime.base.errors import Poison

PEOPLE = Layout(
    names={
        "nik": ("NIK", "No KTP"),
        "name": ("Nama", "Nama Lengkap"),
        "born": ("Tgl Lahir", "Tanggal Lahir"),
        "note": ("Keterangan",),
    },
    required=[("nik",), ("name",)],
)
HEADER = ("NIK", "Nama", "Tgl Lahir", "Keterangan")
FIELDS = ("nik", "name", "born", "note")


def read(data: bytes, layout: Layout = PEOPLE, limits: Limits | None = None) -> list[Row | BrokenRow]:
    """All rows of a file."""
    return list(open_table(io.BytesIO(data), layout, limits or Limits()).rows)


def contents(data: bytes) -> list[list[object]]:
    """The cells of all rows, in the order of `FIELDS`, with empty text for an empty cell."""
    rows = read(data)
    assert not [row for row in rows if isinstance(row, BrokenRow)]
    return [[row.values.get(field, "") for field in FIELDS] for row in rows if isinstance(row, Row)]


def attempt(data: bytes, limits: Limits | None = None) -> list[Row | BrokenRow] | Poison:
    """All rows of a file, or why it is refused; whatever else is raised is a mistake of the reader."""
    try:
        return read(data, limits=limits)
    except Poison as refused:
        return refused


def refusal(data: bytes, limits: Limits | None = None) -> Poison:
    """Why a file is refused as a whole."""
    refused = attempt(data, limits)
    assert isinstance(refused, Poison)
    return refused


def lines(*rows: Sequence[str], delimiter: str = ";") -> bytes:
    """A plain CSV file with the usual header."""
    return "".join(delimiter.join(row) + "\r\n" for row in (HEADER, *rows)).encode()
