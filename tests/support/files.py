"""Lists of people as RT and BPJS would write them, with valid NIKs of invented people."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import xlsxwriter

from schemas.reference import regions

KELURAHAN = regions.kelurahan_in("36.72")
_OCCUPATIONS = ("ojek", "Pedagang", "nelayan", "tukang bangunan", "art")


def person(number: int, **changed: str) -> dict[str, str]:
    """Worker `number` of a list; the same number is the same person."""
    born = date(1966, 1, 1) + timedelta(days=number * 37 % 14_000)
    woman = number % 3 == 0
    day = born.day + 40 if woman else born.day
    row = {
        "NIK": f"367201{day:02d}{born:%m%y}{number // 14_000 + 1:04d}",
        "Nama": f"Orang Contoh {number}",
        "Tgl Lahir": f"{born:%d/%m/%Y}",
        "L/P": "P" if woman else "L",
        "No HP": f"0812{number % 100_000_000:08d}",
        "Kode Wilayah": KELURAHAN[number % len(KELURAHAN)],
        "Pekerjaan": _OCCUPATIONS[number % len(_OCCUPATIONS)],
        "Desil": str(number % 10 + 1),
    }
    return row | changed


def as_csv(rows: Iterable[Mapping[str, str]], delimiter: str = ";", encoding: str = "utf-8-sig") -> bytes:
    """A CSV file; the first row's keys are the header."""
    listed = list(rows)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, listed[0].keys(), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(listed)
    return out.getvalue().encode(encoding)


def as_xlsx(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """An XLSX file; numbers become number cells, texts beginning with `=` formulas that failed."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, header)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, str) and cell.startswith("="):
                    sheet.write_formula(number, column, cell, None, "#N/A")
                elif isinstance(cell, str):
                    sheet.write_string(number, column, cell)
                else:
                    sheet.write(number, column, cell)
    return out.getvalue()
