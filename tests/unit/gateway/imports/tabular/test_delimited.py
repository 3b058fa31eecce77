"""CSV in every dialect that Indonesian desks produce."""

import csv
import io
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.gateway.imports.tabular import BrokenRow, Limits, Row
from tests.unit.gateway.imports.tabular.tables import HEADER, attempt, contents, lines, read, refusal

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "cp1252"]
DELIMITERS = [",", ";", "\t", "|"]

#: A character first and last, so that what `clean` takes from the ends is not at the ends.
inner = st.text(
    st.characters(codec="cp1252", exclude_categories=["Cc", "Zs"]) | st.sampled_from(" \n;,\"'|\t"), max_size=12
)
cells = st.builds(lambda text: f"a{text}z", inner)
tables = st.lists(st.lists(cells, min_size=4, max_size=4), min_size=1, max_size=8)


def written(rows: list[list[str]], *, delimiter: str, encoding: str, separator_line: str, quoting: Any) -> bytes:
    out = io.StringIO(newline="")
    if separator_line:
        out.write(f"{separator_line}{delimiter}\r\n")
    csv.writer(out, delimiter=delimiter, quoting=quoting).writerows([HEADER, *rows])
    return out.getvalue().encode(encoding)


@given(
    tables,
    st.sampled_from(DELIMITERS),
    st.sampled_from(ENCODINGS),
    st.sampled_from(["", "sep="]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_any_table_comes_back_in_any_dialect(
    rows: list[list[str]],
    delimiter: str,
    encoding: str,
    separator_line: str,
    quoting: Any,
) -> None:
    data = written(rows, delimiter=delimiter, encoding=encoding, separator_line=separator_line, quoting=quoting)
    if encoding == "cp1252" and not data.isascii():
        assume(not _is_utf8(data))
    assert contents(data) == rows


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


@given(st.binary(max_size=400))
def test_any_bytes_give_no_rows_or_a_refusal_with_a_code(data: bytes) -> None:
    result = attempt(data)
    assert result == [] if isinstance(result, list) else result.code.startswith("file.")


@given(st.binary(max_size=400))
def test_any_bytes_after_a_good_header_give_rows_or_a_refusal_with_a_code(data: bytes) -> None:
    result = attempt(lines() + data)
    assert all(row.number > 1 for row in result) if isinstance(result, list) else result.code.startswith("file.")


def test_rows_bear_the_numbers_that_a_spreadsheet_shows() -> None:
    data = b"Daftar pekerja RT 03;;;\r\n;;;\r\n" + lines(("1", "Siti", "", ""), ("", "", "", ""), ("2", "Budi", "", ""))
    assert [row.number for row in read(data)] == [4, 6]


def test_the_line_that_names_the_separator_is_no_row() -> None:
    assert [row.number for row in read(b"sep=;\r\n" + lines(("1", "Siti", "", "")))] == [2]


@pytest.mark.parametrize(
    "header", ["nik;NAMA", "No. KTP;Nama Lengkap (sesuai KTP)", " n_i_k ;nama  lengkap", "No KTP;nama"]
)
def test_columns_are_known_by_any_of_their_names(header: str) -> None:
    assert read(f"{header}\n1;Siti\n".encode()) == [Row(2, {"nik": "1", "name": "Siti"})]


def test_columns_that_nobody_asked_for_are_left_aside() -> None:
    assert read(b"No;NIK;Golongan Darah;Nama\n7;1;AB;Siti\n") == [Row(2, {"nik": "1", "name": "Siti"})]


def test_an_unknown_header_is_shown_with_what_was_expected() -> None:
    refused = refusal(b"Nomor;Nama\n1;Siti\n")
    assert refused.code == "file.unknown_header"
    assert "no column for: NIK. Found: Nomor; Nama. Expected are columns named NIK, Nama" in refused.detail


def test_long_numbers_in_a_row_taken_for_the_header_are_not_shown() -> None:
    assert "3672014101900001" not in refusal(b"3672014101900001;Siti;1990\n").detail


def test_two_columns_for_one_field_are_refused() -> None:
    assert refusal(b"NIK;Nama;Nama Lengkap\n1;Siti;Siti A\n").code == "file.column_twice"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file.empty"),
        (b"\r\n\r\n", "file.empty"),
        (b"\xef\xbb\xbf", "file.empty"),
        (b"%PDF-1.7", "file.not_a_spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file.not_a_spreadsheet"),
        (b"NIK;Nama\n\0\0\0", "file.not_a_spreadsheet"),
        (b"NIK;Nama\n1;Ren\x81\n", "file.encoding"),
        ("NIK;Nama\n1;Siti\n".encode("utf-16")[:-1], "file.encoding"),
        (b"NIK;Nama", None),
    ],
)
def test_what_is_no_table_is_refused_by_name(data: bytes, code: str | None) -> None:
    assert (refusal(data).code if code else read(data)) == (code or [])


def test_a_quotation_mark_without_its_partner_costs_one_row() -> None:
    data = lines(("1", '"Siti', "", ""), ("2", "Budi", "", ""), ("3", "Adi", "", ""))
    broken, second, third = read(data)
    assert (broken.number, getattr(broken, "code", "")) == (2, "row.quotes")
    assert (second, third) == (Row(3, {"nik": "2", "name": "Budi"}), Row(4, {"nik": "3", "name": "Adi"}))


def test_text_after_a_closing_quotation_mark_costs_one_row() -> None:
    broken, second = read(lines(("1", '"PT "Maju" Jaya"', "", ""), ("2", "Budi", "", "")))
    assert isinstance(broken, BrokenRow)
    assert second == Row(3, {"nik": "2", "name": "Budi"})


def test_ten_thousand_open_quotation_marks_are_ten_thousand_broken_rows() -> None:
    rows = read(lines(*[(str(n), '"Siti', "", "") for n in range(10_000)]))
    assert [row.number for row in rows if isinstance(row, BrokenRow)] == list(range(2, 10_002))


def test_a_line_break_within_quotation_marks_is_part_of_the_cell() -> None:
    assert contents(lines(("1", "Siti", "", '"Jl. Anggrek\r\nNo 5"'))) == [["1", "Siti", "", "Jl. Anggrek\r\nNo 5"]]


def test_a_cell_cut_in_two_by_its_delimiter_is_reported_not_shifted() -> None:
    (row,) = read(b"NIK,Nama,Keterangan\n1,Siti,Jl. Anggrek, No 5\n")
    assert isinstance(row, BrokenRow)
    assert row.code == "row.too_many_cells"


def test_empty_cells_beyond_the_header_are_nothing() -> None:
    assert read(b"NIK,Nama\n1,Siti,,,\n") == [Row(2, {"nik": "1", "name": "Siti"})]


def test_a_cell_longer_than_any_is_one_broken_row() -> None:
    broken, good = read(lines(("1", "x" * 200_000, "", ""), ("2", "Budi", "", "")))
    assert isinstance(broken, BrokenRow)
    assert good.number == 3


def test_more_rows_than_allowed_are_refused_after_those_that_are() -> None:
    assert refusal(lines(*[("1", "Siti", "", "")] * 4), Limits(rows_max=3)).code == "file.too_many_rows"
