"""Spells: which months of a worker are confirmed, and what follows from it.

A worker's cover is one integer, a bit per month since 2000-01, so months may be confirmed in any order and the answer
is the same. Must not know where the months come from.
"""

from functools import lru_cache

from schemas import months

_FIRST = months.number("2000-01")


def bit(month: str) -> int:
    """The bit of a month."""
    return 1 << (months.number(month) - _FIRST)


@lru_cache(maxsize=65536)
def confirm(cover: int, month: str) -> int:
    """The cover with one more month. Equal covers are one object, which keeps a million workers small."""
    return cover | bit(month)


@lru_cache(maxsize=65536)
def latest(cover: int) -> tuple[str, int]:
    """The last confirmed month, and how many months without a gap end with it."""
    top = cover.bit_length() - 1
    length = 0
    while top >= length and cover >> (top - length) & 1:
        length += 1
    return months.from_number(_FIRST + top), length


def lapsed(cover: int, month: str) -> bool:
    """Whether the month before was confirmed and this one is not."""
    here = bit(month)
    return bool(cover & here >> 1) and not cover & here
