"""Arithmetic on contribution months, written `YYYY-MM`; as text they sort as they follow each other.

Pure; must not know any calendar but the Gregorian one, and no clock.
"""

from datetime import date


def number(month: str) -> int:
    """The month as a count of months since year 0, so that months can be subtracted."""
    return int(month[:4]) * 12 + int(month[5:]) - 1


def from_number(value: int) -> str:
    """The inverse of `number`."""
    return f"{value // 12:04d}-{value % 12 + 1:02d}"


def add(month: str, months: int) -> str:
    """The month that lies `months` after `month` (before it, when negative)."""
    return from_number(number(month) + months)


def quarter_end(month: str) -> str:
    """The last month of the quarter in which a month lies."""
    return from_number(number(month) // 3 * 3 + 2)


def of(day: date) -> str:
    """The month in which a day lies."""
    return f"{day.year:04d}-{day.month:02d}"


def first_day(month: str) -> date:
    """The first day of a month."""
    return date(int(month[:4]), int(month[5:]), 1)


def last_day(month: str) -> date:
    """The last day of a month."""
    return date.fromordinal(first_day(add(month, 1)).toordinal() - 1)


def span(first: str, last: str) -> list[str]:
    """All months from `first` to `last`, both included; empty when `last` lies before `first`."""
    return [from_number(n) for n in range(number(first), number(last) + 1)]


def count(first: str, last: str) -> int:
    """How many months `span` has."""
    return max(0, number(last) - number(first) + 1)
