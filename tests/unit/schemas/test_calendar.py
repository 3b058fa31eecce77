"""Working days are those of the decrees, and months have their names in both languages."""

from datetime import date

import pytest

from schemas.reference import calendar


def test_the_decrees_of_2026_and_2027_are_known() -> None:
    assert calendar.known_years() == (2026, 2027)
    assert calendar.decree(2027).startswith("SKB Nomor 1205 Tahun 2026")


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 24), True),
        (date(2026, 11, 28), False),
        (date(2026, 11, 29), False),
        (date(2026, 12, 25), False),
        (date(2026, 12, 24), False),
        (date(2027, 1, 1), False),
        (date(2027, 1, 4), True),
        (date(2027, 3, 15), False),
        (date(2027, 3, 16), True),
    ],
)
def test_offices_work_on_weekdays_that_are_no_holiday(day: date, *, works: bool) -> None:
    assert calendar.is_working_day(day) is works


def test_companies_may_work_through_joint_leave_but_not_through_holidays() -> None:
    assert calendar.is_working_day(date(2026, 12, 24), joint_leave_off=False)
    assert not calendar.is_working_day(date(2026, 12, 25), joint_leave_off=False)


def test_a_day_off_moves_to_the_next_working_day() -> None:
    assert calendar.working_day_on_or_after(date(2027, 3, 7)) == date(2027, 3, 16)
    assert calendar.working_day_on_or_after(date(2026, 11, 24)) == date(2026, 11, 24)


def test_a_holiday_has_its_name() -> None:
    holiday = calendar.holiday_on(date(2026, 8, 17))
    assert holiday is not None
    assert holiday.name == "Proklamasi Kemerdekaan"


@pytest.mark.parametrize("year", [2025, 2028])
def test_a_year_without_a_decree_is_refused_and_not_taken_for_one_without_holidays(year: int) -> None:
    with pytest.raises(calendar.UnknownYear):
        calendar.is_working_day(date(year, 6, 2))
    with pytest.raises(calendar.UnknownYear):
        calendar.holidays(year)


def test_months_and_days_are_written_in_both_languages() -> None:
    assert calendar.month_name("2026-12") == "Desember 2026"
    assert calendar.month_name("2027-05", "en") == "May 2027"
    assert calendar.day_name(date(2026, 8, 1)) == "1 Agustus 2026"
    assert calendar.day_name(date(2026, 8, 1), "en") == "1 August 2026"
