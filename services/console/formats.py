"""Numbers, rupiah and times as people in Cilegon read them, in Bahasa Indonesia and English.

Pure; must not look anything up and must not know any page. `static/words.js` does the same in the browser,
and a test compares the two.
"""

from datetime import datetime
from typing import Final

from schemas import money
from schemas.days import JAKARTA
from schemas.languages import Language
from schemas.reference import calendar

_MINUS: Final = "\N{MINUS SIGN}"


def number(value: int, language: Language) -> str:
    """A whole number with grouped thousands: 2.014 in Indonesian, 2,014 in English."""
    digits = f"{abs(value):,}"
    return (_MINUS if value < 0 else "") + (digits.replace(",", ".") if language == "id" else digits)


def rupiah(idr: int, language: Language) -> str:
    """Whole rupiah: Rp16.800 in Indonesian, Rp16,800 in English."""
    return (_MINUS if idr < 0 else "") + money.format_rupiah(abs(idr), language)


def clock_time(instant: str, language: Language) -> str:
    """The time of day in Jakarta of an RFC 3339 instant: 09.14.05 WIB (with colons in English)."""
    separator = "." if language == "id" else ":"
    return _in_jakarta(instant).strftime(f"%H{separator}%M{separator}%S WIB")


def moment(instant: str, language: Language) -> str:
    """Day and time of day in Jakarta."""
    return f"{calendar.day_name(_in_jakarta(instant).date(), language)}, {clock_time(instant, language)}"


def short_id(value: str) -> str:
    """An id short enough to compare by eye: its prefix and its last six characters."""
    prefix, mark, rest = value.partition("_")
    return f"{prefix}_…{rest[-6:]}" if mark and len(rest) > 8 else value


def _in_jakarta(instant: str) -> datetime:
    return datetime.fromisoformat(instant).astimezone(JAKARTA)
