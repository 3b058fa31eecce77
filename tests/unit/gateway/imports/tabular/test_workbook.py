"""XLSX: what other programs wrote is read as other programs read it, and hostile packages are refused by name."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
import python_calamine
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from services.gateway.imports.tabular import ErrorCell, Limits, Row
from tests.unit.gateway.imports.tabular.tables import HEADER, attempt, contents, read, refusal

Table = list[list[Any]]

#: Characters that readers drop on purpose, and those that XML cannot carry.
ZERO_WIDTH = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
characters = st.characters(exclude_categories=["Cc", "Cs", "Z"], exclude_characters=f"{ZERO_WIDTH}\ufffe\uffff")
#: `_x0041_` is an escape that not every writer escapes in turn.
text = st.text(characters, max_size=10).filter(lambda inner: "_x" not in inner)
cells = (
    st.builds(lambda inner: f"a{inner}z", text)
    | st.floats(-1e15, 1e15, allow_nan=False).map(lambda number: float(f"{number:.15g}"))
    | st.dates(date(1904, 1, 1), date(2100, 1, 1))
)
tables = st.lists(st.lists(cells, min_size=4, max_size=4), min_size=1, max_size=6)


def by_xlsxwriter(rows: Table, **options: Any) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, **options}) as book:
        sheet = book.add_worksheet()
        days = book.add_format({"num_format": "dd/mm/yyyy"})
        for number, row in enumerate([HEADER, *rows]):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(number, column, cell, days)
                elif isinstance(cell, float):
                    sheet.write_number(number, column, cell)
                else:
                    sheet.write_string(number, column, cell)
    return out.getvalue()


def with_inline_strings(rows: Table) -> bytes:
    return by_xlsxwriter(rows, constant_memory=True)


def counting_from_1904(rows: Table) -> bytes:
    return by_xlsxwriter(rows, date_1904=True)


def by_openpyxl(rows: Table) -> bytes:
    book = openpyxl.Workbook()
    for row in [HEADER, *rows]:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_prefixed_names(rows: Table) -> bytes:
    """As .NET programs write them: every element has a prefix."""
    return changed(by_xlsxwriter(rows), "xl/worksheets/sheet1.xml", _prefixed)


def _prefixed(part: bytes) -> bytes:
    return (
        part.replace(b"</", b"</x:")
        .replace(b"<", b"<x:")
        .replace(b"<x:/x:", b"</x:")
        .replace(b"<x:?", b"<?")
        .replace(b" xmlns=", b" xmlns:x=")
    )


def changed(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The package with one part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return out.getvalue()


WRITERS = [by_xlsxwriter, with_inline_strings, counting_from_1904, by_openpyxl, with_prefixed_names]
SAMPLE: Table = [["3672014101900001", "Siti", date(1990, 8, 17), 3.0]]
SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("character", ZERO_WIDTH)
def test_zero_width_characters_are_dropped(writer: Callable[[Table], bytes], character: str) -> None:
    assert contents(writer([["1", f"Si{character}ti", "", ""]])) == [["1", "Siti", "", ""]]


@pytest.mark.parametrize("writer", WRITERS)
@settings(max_examples=25)
@given(rows=tables)
def test_any_table_comes_back_from_any_writer(writer: Callable[[Table], bytes], rows: Table) -> None:
    assert contents(writer(rows)) == rows


@given(tables)
@settings(max_examples=25)
def test_we_read_what_calamine_reads(rows: Table) -> None:
    data = by_openpyxl(rows)
    theirs = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert contents(data) == theirs[1:]


def test_a_number_cell_stays_a_number() -> None:
    assert contents(by_openpyxl([[3672014101900000, "Siti", "", ""]])) == [[3672014101900000.0, "Siti", "", ""]]


def test_a_text_cell_with_digits_stays_text() -> None:
    assert contents(by_xlsxwriter(SAMPLE))[0][0] == "3672014101900001"


@pytest.mark.parametrize("shown", ["#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?"])
def test_an_error_cell_stays_an_error(shown: str) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_formula(1, 0, "=VLOOKUP(1,A1:B2,2)", None, shown)
        sheet.write_string(1, 1, "Siti")
    assert read(out.getvalue()) == [Row(2, {"nik": ErrorCell(shown), "name": "Siti"})]


def test_the_value_of_a_formula_is_read() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_formula(1, 0, '="1"&"2"', None, "12")
        sheet.write_rich_string(1, 1, "Si", book.add_format({"bold": True}), "ti")
        sheet.write_boolean(1, 3, boolean=True)
    assert read(out.getvalue()) == [Row(2, {"nik": "12", "name": "Siti", "note": "TRUE"})]


def test_escaped_control_characters_are_read_and_halves_of_characters_left_out() -> None:
    data = changed(
        by_xlsxwriter(SAMPLE), "xl/sharedStrings.xml", lambda old: old.replace(b"Siti", b"Si_x000A_t_xD800_i")
    )
    assert contents(data)[0][1] == "Si\nti"


def test_the_time_of_day_is_dropped_from_a_day() -> None:
    assert contents(by_openpyxl([["1", "Siti", datetime(1990, 8, 17, 9, 30), ""]]))[0][2] == date(1990, 8, 17)  # noqa: DTZ001  as Excel has it


def test_the_first_sheet_whose_header_fits_is_read() -> None:
    book = openpyxl.Workbook()
    book.active.append(["Petunjuk pengisian"])
    book.create_sheet("Data").append(list(HEADER))
    book["Data"].append(["1", "Siti"])
    out = io.BytesIO()
    book.save(out)
    assert read(out.getvalue()) == [Row(2, {"nik": "1", "name": "Siti"})]


def test_rows_bear_the_numbers_of_the_sheet_though_empty_ones_are_absent() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(4, 2, HEADER)
        sheet.write_row(9, 2, ["1", "Siti"])
    assert read(out.getvalue()) == [Row(10, {"nik": "1", "name": "Siti"})]


def test_an_unknown_header_names_what_stands_in_the_first_sheet() -> None:
    book = openpyxl.Workbook()
    book.active.append(["Nomor", "Alamat"])
    out = io.BytesIO()
    book.save(out)
    assert "Found: Nomor; Alamat" in refusal(out.getvalue()).detail


def test_a_package_that_would_unpack_beyond_the_limit_is_refused_unopened() -> None:
    bomb = changed(by_xlsxwriter(SAMPLE), SHEET, lambda part: part + b" " * 40_000_000)
    assert len(bomb) < 100_000
    assert refusal(bomb, Limits(unzipped_bytes_max=32 << 20)).code == "file.too_large"


def test_a_size_that_is_a_lie_does_not_unpack_more() -> None:
    data = bytearray(changed(by_xlsxwriter(SAMPLE), SHEET, lambda part: part + b" " * 1_000_000))
    size = zipfile.ZipFile(io.BytesIO(data)).getinfo(SHEET).file_size
    lie = data.replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little"))
    assert refusal(bytes(lie)).code == "file.broken"


def test_entities_of_ones_own_are_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    data = changed(by_xlsxwriter(SAMPLE), SHEET, lambda part: part.replace(b"?>", b"?>" + bomb, 1))
    assert refusal(data).code == "file.broken"


def test_a_cell_at_the_far_corner_takes_no_memory() -> None:
    far = b'<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>9</t></is></c><c r="XFD1048576"><v>1</v></c></row>'
    data = changed(by_xlsxwriter(SAMPLE), SHEET, lambda part: part.replace(b"</sheetData>", far + b"</sheetData>"))
    assert read(data)[1:] == [Row(1048576, {"nik": "9"})]


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        (SHEET, b'r="A2"', b'r="a2"'),
        (SHEET, b'r="A2"', b'r="ABCDEFGHIJKL2"'),
        (SHEET, b'<row r="2"', b'<row r="1048577"'),
        (SHEET, b'<row r="2"', b'<row r="-2"'),
        (SHEET, b"<v>4</v>", b"<v>99</v>"),
        (SHEET, b"<v>33102</v>", b"<v>x</v>"),
        (SHEET, b"</sheetData>", b""),
        ("xl/workbook.xml", b"<workbook", b"<workbook <"),
    ],
)
def test_a_part_that_makes_no_sense_is_refused(part: str, old: bytes, new: bytes) -> None:
    data = by_xlsxwriter(SAMPLE)
    assert old in zipfile.ZipFile(io.BytesIO(data)).read(part)
    assert refusal(changed(data, part, lambda content: content.replace(old, new))).code == "file.broken"


def test_another_package_is_no_spreadsheet() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("word/document.xml", "<x/>")
    assert refusal(out.getvalue()).code == "file.not_a_spreadsheet"


#: Places (as shares of the whole) and what is written there.
damages = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=12)


def damaged(data: bytes, damage: list[tuple[float, int]]) -> bytes:
    """The bytes with some of them changed."""
    out = bytearray(data)
    for place, byte in damage:
        out[int(place * len(out))] = byte
    return bytes(out)


@given(damages, st.floats(0.01, 1))
@settings(max_examples=300)
def test_a_damaged_package_yields_rows_or_a_refusal(damage: list[tuple[float, int]], kept: float) -> None:
    data = damaged(by_xlsxwriter(SAMPLE), damage)
    result = attempt(data[: int(len(data) * kept)])
    assert len(result) <= 1 if isinstance(result, list) else result.code.startswith("file.")


@given(
    damages,
    st.sampled_from([SHEET, "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml", "_rels/.rels"]),
    st.sampled_from(b'<>/"=&;0123456789AZacrtsve '),
)
@settings(max_examples=300)
def test_a_damaged_part_yields_rows_or_a_refusal(damage: list[tuple[float, int]], part: str, byte: int) -> None:
    data = by_xlsxwriter(SAMPLE)
    result = attempt(changed(data, part, lambda old: damaged(old, [(place, byte) for place, _ in damage[:4]])))
    assert len(result) <= 1 if isinstance(result, list) else result.code.startswith("file.")
