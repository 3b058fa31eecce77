"""Months and days have their names in both languages."""

from datetime import date

from schemas.reference import calendar


def test_months_and_days_are_written_in_both_languages() -> None:
    assert calendar.month_name("2026-12") == "Desember 2026"
    assert calendar.month_name("2027-05", "en") == "May 2027"
    assert calendar.day_name(date(2026, 8, 1)) == "1 Agustus 2026"
    assert calendar.day_name(date(2026, 8, 1), "en") == "1 August 2026"
