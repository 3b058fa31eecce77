"""The file by which a remittance is paid: one row for each worker and month, in columns that the reader chooses.

Pure, and fit for a thread: bytes come out, nothing is read. BPJS's own template is not public, so the columns are a map
from our fields to their titles. Cells are text where digits must survive (NIK, telephone, pay code).
"""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any, Final

import xlsxwriter

#: field -> title; the order is that of the columns
COLUMNS: Final[dict[str, str]] = {
    "nik": "NIK",
    "name": "NAMA",
    "born": "TGL_LAHIR",
    "sex": "JENIS_KELAMIN",
    "occupation": "PEKERJAAN",
    "month": "BULAN_IURAN",
    "idr": "IURAN",
    "pay_code": "KODE_IURAN",
    "worker": "ID_PEKERJA",
}
FIELDS: Final = (*COLUMNS, "phone", "pledge", "remittance", "state", "area")
_NUMBERS: Final = frozenset({"idr"})


class BadColumns(ValueError):
    """A map of columns that cannot be used; the text is the reason."""


def columns_of(text: str | None) -> dict[str, str]:
    """The map in `nik:NIK,name:NAMA LENGKAP`; a field without a title keeps its own name."""
    if text is None:
        return dict(COLUMNS)
    columns: dict[str, str] = {}
    for part in text.split(","):
        field, _, title = part.partition(":")
        if field not in FIELDS:
            raise BadColumns(f"{field!r} is none of {', '.join(FIELDS)}")
        if field in columns:
            raise BadColumns(f"{field} stands there twice")
        columns[field] = title or field
    return columns


def as_csv(rows: Iterable[Mapping[str, Any]], columns: Mapping[str, str], delimiter: str = ",") -> bytes:
    """CSV in UTF-8 with a byte order mark, which spreadsheets need to know the encoding."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(columns.values())
    writer.writerows([_text(row.get(field)) for field in columns] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_xlsx(rows: Iterable[Mapping[str, Any]], columns: Mapping[str, str]) -> bytes:
    """An XLSX workbook with one sheet; only amounts are numbers, so no spreadsheet spoils a NIK."""
    out = io.BytesIO()
    options = {"in_memory": True, "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet("Iuran")
        for column, title in enumerate(columns.values()):
            sheet.write_string(0, column, title)
        for number, row in enumerate(rows, start=1):
            for column, field in enumerate(columns):
                value = row.get(field)
                if field in _NUMBERS and value is not None:
                    sheet.write_number(number, column, value)
                elif value is not None:
                    sheet.write_string(number, column, _text(value))
    return out.getvalue()


def _text(value: Any) -> str:
    return "" if value is None else str(value)
