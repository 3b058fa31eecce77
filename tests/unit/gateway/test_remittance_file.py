"""The file by which a remittance is paid."""

import io
from typing import Any

import openpyxl
import pytest

from services.gateway.domain.remittance_file import BadColumns, as_csv, as_xlsx, columns_of

ROWS: list[dict[str, Any]] = [
    {"nik": "3672010101900001", "name": 'Budi; "Si" Santoso', "idr": 16_800, "month": "2027-01"},
    {"nik": None, "name": None, "idr": 8_400, "month": "2027-01"},
]
COLUMNS = {"nik": "NIK", "name": "NAMA", "idr": "IURAN"}


def test_csv_has_a_mark_for_spreadsheets_and_keeps_every_digit() -> None:
    assert as_csv(ROWS, COLUMNS).decode() == (
        '\ufeffNIK,NAMA,IURAN\r\n3672010101900001,"Budi; ""Si"" Santoso",16800\r\n,,8400\r\n'
    )


def test_csv_can_have_semicolons() -> None:
    assert as_csv(ROWS[1:], COLUMNS, ";").decode() == "\ufeffNIK;NAMA;IURAN\r\n;;8400\r\n"


def test_xlsx_has_text_where_digits_must_survive_and_numbers_where_one_adds() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx(ROWS, COLUMNS))).active
    assert sheet is not None
    assert list(sheet.iter_rows(values_only=True)) == [
        ("NIK", "NAMA", "IURAN"),
        ("3672010101900001", 'Budi; "Si" Santoso', 16_800),
        (None, None, 8_400),
    ]


def test_no_cell_becomes_a_formula() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx([{"name": "=1+1"}], {"name": "NAMA"}))).active
    assert sheet is not None
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=1+1", "s")


def test_columns_are_a_map_in_the_order_that_is_wished() -> None:
    assert columns_of("idr:Iuran (Rp),nik,name:Nama") == {"idr": "Iuran (Rp)", "nik": "nik", "name": "Nama"}
    assert next(iter(columns_of(None))) == "nik"


@pytest.mark.parametrize("text", ["", "nik,nik", "nik,mother"])
def test_a_map_that_cannot_be_taken_is_refused(text: str) -> None:
    with pytest.raises(BadColumns):
        columns_of(text)
