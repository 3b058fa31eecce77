"""How months and days are written for people, in both languages.

Pure: the day is an argument.
"""

from datetime import date
from typing import Final

from schemas.languages import Language

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


def month_name(month: str, language: Language = "id") -> str:
    """`2026-12` as `Desember 2026` or `December 2026`."""
    return f"{MONTHS[language][int(month[5:]) - 1]} {month[:4]}"


def day_name(day: date, language: Language = "id") -> str:
    """A day as `15 Desember 2026` or `15 December 2026`."""
    return f"{day.day} {MONTHS[language][day.month - 1]} {day.year}"
