"""Numbers, rupiah and times as people in Cilegon read them, in Bahasa Indonesia and English.

Pure; must not look anything up and must not know any page. `static/words.js` says the same in the browser,
and a test holds the two against each other.
"""

from datetime import datetime
from typing import Final

from schemas import money
from schemas.languages import Language
from schemas.reference import calendar
from services.runtime.base.clock import JAKARTA

LANGUAGES: Final[tuple[Language, ...]] = ("id", "en")
#: the city's goal: a Kampung Sadar Jamsostek in every kecamatan
TARGET_PERCENT: Final = 80

_MINUS: Final = "\N{MINUS SIGN}"


def number(value: int, language: Language) -> str:
    """A whole number with its thousands apart: 2.014 in Indonesian, 2,014 in English."""
    digits = f"{abs(value):,}"
    return (_MINUS if value < 0 else "") + (digits.replace(",", ".") if language == "id" else digits)


def rupiah(idr: int, language: Language) -> str:
    """Whole rupiah: Rp16.800 in Indonesian, Rp16,800 in English."""
    return (_MINUS if idr < 0 else "") + money.format_rupiah(abs(idr), language)


def percent(part: int, whole: int) -> int:
    """The share in whole per cent, rounded down: 79.9% has not reached 80%."""
    return part * 100 // whole if whole else 0


def clock_time(at: datetime, language: Language) -> str:
    """The time of day in Jakarta: 09.14.05 WIB (with colons in English)."""
    separator = "." if language == "id" else ":"
    return at.astimezone(JAKARTA).strftime(f"%H{separator}%M{separator}%S WIB")


def moment(at: datetime, language: Language) -> str:
    """Day and time of day in Jakarta."""
    return f"{calendar.day_name(at.astimezone(JAKARTA).date(), language)}, {clock_time(at, language)}"


def short_id(value: str) -> str:
    """An id that an eye can compare: its prefix and its last six characters."""
    prefix, mark, rest = value.partition("_")
    return f"{prefix}_…{rest[-6:]}" if mark and len(rest) > 8 else value
