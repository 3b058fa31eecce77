"""What a month costs: the tariff as the ledger asks it.

Promises one price per month, occupation and programmes for as long as the tariff does not change; a month without a
tariff is `Poison`. Nothing else in the ledger looks into the tariff.
"""

from functools import lru_cache

from schemas import months
from schemas.facts.gateway import Programme
from schemas.reference import tariff
from schemas.reference.occupations import UnknownOccupation
from schemas.reference.tariff import Price, UnknownTariff
from services.runtime.base.errors import Poison


@lru_cache(maxsize=8192)
def price(month: str, occupation: str, programmes: tuple[Programme, ...]) -> Price:
    """The iuran of one worker for one month."""
    try:
        return tariff.price(month, occupation, programmes)
    except UnknownTariff as error:
        raise Poison("tariff.unknown", str(error)) from error
    except UnknownOccupation as error:
        raise Poison("occupation.unknown", str(error)) from error


@lru_cache(maxsize=8192)
def ceiling(month: str, programmes: tuple[Programme, ...], *, transport_only: bool) -> int:
    """The most that one worker in scope can cost for one month."""
    try:
        return tariff.highest(month, ("transport",) if transport_only else None, programmes).idr
    except UnknownTariff as error:
        raise Poison("tariff.unknown", str(error)) from error


@lru_cache(maxsize=8192)
def total(first: str, last: str, occupation: str, programmes: tuple[Programme, ...]) -> int:
    """The iuran of one worker from month `first` to `last`, both included."""
    return sum(price(month, occupation, programmes).idr for month in months.span(first, last))


@lru_cache(maxsize=8192)
def ceiling_total(first: str, last: str, programmes: tuple[Programme, ...], *, transport_only: bool) -> int:
    """The most that one worker in scope can cost from month `first` to `last`."""
    return sum(ceiling(month, programmes, transport_only=transport_only) for month in months.span(first, last))
