"""Indonesia's holidays and working days, and how months and days are written for people.

Promises what the yearly joint decree (SKB 3 Menteri) says, and refuses years whose decree is not known instead of
taking every weekday for a working day. Pure: the day is an argument.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Final, Literal

from lokal import holidays as decrees

Language = Literal["id", "en"]
_SATURDAY: Final = 5

MONTHS: Final[dict[Language, tuple[str, ...]]] = {
    "id": (
        "Januari",
        "Februari",
        "Maret",
        "April",
        "Mei",
        "Juni",
        "Juli",
        "Agustus",
        "September",
        "Oktober",
        "November",
        "Desember",
    ),
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
}


class UnknownYear(LookupError):
    """A year whose holidays have not been decreed, as far as this release knows."""


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day off. `joint_leave` is cuti bersama, which private companies may work through."""

    day: date
    name: str
    joint_leave: bool


def known_years() -> tuple[int, ...]:
    """The years whose decree is known."""
    return decrees.HOLIDAY_YEARS


def decree(year: int) -> str:
    """The decree that sets a year's holidays."""
    _need(year)
    return decrees.get_holidays(year).decree


@cache
def holidays(year: int) -> tuple[Holiday, ...]:
    """All days off of a year besides weekends, in order."""
    _need(year)
    return tuple(
        Holiday(date.fromisoformat(day.date), day.name, day.type == "cuti_bersama")
        for day in decrees.get_holidays(year).holidays
    )


def _need(year: int) -> None:
    if year not in decrees.HOLIDAY_YEARS:
        raise UnknownYear(f"holidays of {year} are not known; known are {known_years()}")


def holiday_on(day: date) -> Holiday | None:
    """The holiday that falls on a day."""
    return next((holiday for holiday in holidays(day.year) if holiday.day == day), None)


def is_working_day(day: date, *, joint_leave_off: bool = True) -> bool:
    """Whether offices work on a day, Monday to Friday."""
    if day.weekday() >= _SATURDAY:
        return False
    holiday = holiday_on(day)
    return holiday is None or (holiday.joint_leave and not joint_leave_off)


def working_day_on_or_after(day: date) -> date:
    """The day itself if offices work on it, else the next on which they do."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def month_name(month: str, language: Language = "id") -> str:
    """`2026-12` as `Desember 2026` or `December 2026`."""
    return f"{MONTHS[language][int(month[5:]) - 1]} {month[:4]}"


def day_name(day: date, language: Language = "id") -> str:
    """A day as `15 Desember 2026` or `15 December 2026`."""
    return f"{day.day} {MONTHS[language][day.month - 1]} {day.year}"
