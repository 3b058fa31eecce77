"""What a cell can be, and the careful ways from a cell to text, a whole number, a day or a month.

Promises that each way answers None where a guess would be needed. Pure.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from schemas import months


@dataclass(frozen=True, slots=True)
class ErrorCell:
    """A formula that failed, such as `#N/A`: the file shows no value here."""

    shown: str


#: Text (the empty text is an empty cell), a number as the spreadsheet keeps it, a day, or an error.
Cell = str | float | date | ErrorCell

#: A float holds every whole number up to here; beyond, digits are lost.
_EXACT_MAX: Final = 2**53
_SCIENTIFIC: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+")
#: Three zeros after a sign may be thousands, so they are no decimals.
_WHOLE: Final = re.compile(r"\d{1,15}(?:[.,]0{1,2})?")
_DAY_FIRST: Final = re.compile(
    r"(\d{1,2})[/.\- ](\d{1,2}|[a-z]+)[/.\- ](\d{4})(?: 00[:.]00(?:[:.]00)?)?", re.IGNORECASE
)
_YEAR_FIRST: Final = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]00:00(?::00)?)?")
_YEAR_MONTH: Final = re.compile(r"(\d{4})[-/.](\d{1,2})")
_MONTH_YEAR: Final = re.compile(r"(\d{1,2}|[a-z]+)[-/. ]+(\d{4})", re.IGNORECASE)
_PUNCTUATION: Final = re.compile(r"[^a-z0-9]+")
_ZERO_WIDTH: Final = re.compile("[\u200b-\u200f\u2060\ufeff]")
_NAMES: Final = (
    ("januari", "january", "jan"),
    ("februari", "pebruari", "february", "feb", "peb"),
    ("maret", "march", "mar", "mrt"),
    ("april", "apr"),
    ("mei", "may"),
    ("juni", "june", "jun"),
    ("juli", "july", "jul"),
    ("agustus", "august", "agu", "agt", "ags", "aug"),
    ("september", "sep", "sept"),
    ("oktober", "october", "okt", "oct"),
    ("november", "nopember", "nov", "nop"),
    ("desember", "december", "des", "dec"),
)
_MONTHS: Final = {name: number for number, names in enumerate(_NAMES, 1) for name in names}


def clean(content: str) -> str:
    """A text cell without what programs put around it: blanks of any kind, an apostrophe in front, `="..."`."""
    content = content.strip()
    if not content.isascii():
        content = _ZERO_WIDTH.sub("", content.replace("\xa0", " ")).strip()
    if content[:1] not in {"=", "'"}:
        return content
    if content.startswith('="') and content.endswith('"') and len(content) > len('="'):
        content = content[2:-1].replace('""', '"').strip()
    return content.removeprefix("'").strip()


def text(cell: Cell) -> str:
    """A cell as text. A whole number has no decimals, a day is written `YYYY-MM-DD`, an error is what it shows."""
    match cell:
        case str():
            return cell
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) <= _EXACT_MAX else str(cell)
        case date():
            return cell.isoformat()
        case ErrorCell(shown):
            return shown


def folded(cell: Cell) -> str:
    """A cell's text as words are compared: without case, blanks and punctuation."""
    return _PUNCTUATION.sub("", text(cell).casefold())


def scientific(cell: Cell) -> bool:
    """Whether a text is what spreadsheets make of long numbers: `3,67201E+15`. The last digits are lost."""
    return isinstance(cell, str) and _SCIENTIFIC.fullmatch(cell) is not None


def whole(cell: Cell) -> int | None:
    """A whole number that is not negative, from a number cell or from digits; no thousands, no fractions."""
    match cell:
        case float() if cell.is_integer() and 0 <= cell <= _EXACT_MAX:
            return int(cell)
        case str() if _WHOLE.fullmatch(cell):
            return int(re.split("[.,]", cell)[0])
        case _:
            return None


def day(cell: Cell) -> date | None:
    """A day: a date cell, `17/08/1990`, `17-08-1990`, `17 Agustus 1990` or `1990-08-17`. Never month first.

    A year of two digits is no answer: a birth date in it can be read in two ways.
    """
    if isinstance(cell, date):
        return cell
    if not isinstance(cell, str):
        return None
    if found := _DAY_FIRST.fullmatch(cell):
        return _date(int(found[3]), _month_number(found[2]), int(found[1]))
    if found := _YEAR_FIRST.fullmatch(cell):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    return None


def month(cell: Cell) -> str | None:
    """A month as `YYYY-MM`: a date cell, `2026-12`, `12/2026`, `Des 2026` or a whole date."""
    if isinstance(cell, str):
        if found := _YEAR_MONTH.fullmatch(cell):
            return _month(int(found[1]), int(found[2]))
        if found := _MONTH_YEAR.fullmatch(cell):
            return _month(int(found[2]), _month_number(found[1]))
    known = day(cell)
    return months.of(known) if known else None


def _month_number(written: str) -> int:
    return int(written) if written.isdigit() else _MONTHS.get(written.casefold(), 0)


def _month(year: int, number: int) -> str | None:
    known = _date(year, number, 1)
    return months.of(known) if known else None


def _date(year: int, number: int, number_of_day: int) -> date | None:
    try:
        return date(year, number, number_of_day)
    except ValueError:
        return None
