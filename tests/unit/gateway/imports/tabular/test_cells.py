"""From a cell to text, a number, a day or a month: what people write is understood, what is doubtful is not guessed."""

from datetime import date

import pytest

from services.gateway.imports.tabular import Cell, ErrorCell, day, month, text, whole
from services.gateway.imports.tabular.cells import clean, scientific


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("  Siti ", "Siti"),
        ("\xa0Siti\xa0Aminah\xa0", "Siti Aminah"),
        ("\u200bSiti\ufeff", "Siti"),
        ("'0812345", "0812345"),
        ('="3672014101900001"', "3672014101900001"),
        ('=""', ""),
        ('="say ""hi"""', 'say "hi"'),
        ("Ma'ruf", "Ma'ruf"),
        ("", ""),
    ],
)
def test_text_comes_without_what_programs_put_around_it(written: str, meant: str) -> None:
    assert clean(written) == meant


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (81234567890.0, "81234567890"),
        (2.5, "2.5"),
        (date(1990, 8, 17), "1990-08-17"),
        (ErrorCell("#N/A"), "#N/A"),
        ("x", "x"),
    ],
)
def test_any_cell_can_be_shown(cell: Cell, shown: str) -> None:
    assert text(cell) == shown


@pytest.mark.parametrize("damaged", ["3,67201E+15", "3.67201E+15", "3E+15", "8,12E10", "3.67201e+15"])
def test_a_long_number_that_a_spreadsheet_shortened_is_known(damaged: str) -> None:
    assert scientific(damaged)


@pytest.mark.parametrize("fine", ["3672014101900001", "E10", "12", "1E", ""])
def test_other_texts_are_not_taken_for_shortened_numbers(fine: str) -> None:
    assert not scientific(fine)


@pytest.mark.parametrize(
    ("cell", "number"), [("12", 12), (12.0, 12), ("12,00", 12), ("12.0", 12), (0.0, 0), ("007", 7)]
)
def test_whole_numbers_are_read(cell: Cell, number: int) -> None:
    assert whole(cell) == number


@pytest.mark.parametrize("cell", ["12.000", "1,5", -1.0, 2.5, "-3", "", "twelve", "1e3", 1e300, ErrorCell("#REF!")])
def test_what_may_mean_another_number_is_none(cell: Cell) -> None:
    assert whole(cell) is None


@pytest.mark.parametrize(
    "written",
    [
        "17/08/1990",
        "17-8-1990",
        "17.08.1990",
        "17 Agustus 1990",
        "17 agt 1990",
        "17-Aug-1990",
        "1990-08-17",
        "1990/8/17",
        "17/08/1990 00:00:00",
        "1990-08-17T00:00:00",
    ],
)
def test_a_day_is_read_in_all_its_forms(written: str) -> None:
    assert day(written) == date(1990, 8, 17)


@pytest.mark.parametrize(
    "written", ["08/17/1990", "17/08/90", "31/02/1990", "1990-17-08", "17 Foo 1990", "17081990", "", "0/1/1990"]
)
def test_a_day_in_american_order_or_with_a_short_year_is_none(written: str) -> None:
    assert day(written) is None


def test_day_comes_before_month_when_both_would_do() -> None:
    assert day("01/08/2026") == date(2026, 8, 1)


def test_a_number_is_no_day() -> None:
    assert day(33102.0) is None


@pytest.mark.parametrize(
    "cell", ["2026-12", "2026/12", "12/2026", "12-2026", "Des 2026", "Desember 2026", "Dec-2026", date(2026, 12, 1)]
)
def test_a_month_is_read_in_all_its_forms(cell: Cell) -> None:
    assert month(cell) == "2026-12"


@pytest.mark.parametrize("cell", ["13/2026", "2026-00", "12", "Foo 2026", 202612.0, ""])
def test_what_is_no_month_is_none(cell: Cell) -> None:
    assert month(cell) is None
