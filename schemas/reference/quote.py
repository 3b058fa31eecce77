"""What a pledge will cost, month by month, and what its donor must know before agreeing.

Promises that a quote is an upper bound, exact where all workers in scope pay the same, and that a change of the tariff
within the term is named with both amounts and its regulation. Pure: notes are codes with parameters, with words in both
languages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final

from schemas import months as calendar_months
from schemas.languages import Language
from schemas.money import format_rupiah
from schemas.reference.calendar import month_name
from schemas.reference.occupations import Sector
from schemas.reference.tariff import (
    BASIC,
    IN_FORCE,
    REGULATIONS,
    Funding,
    Price,
    Programme,
    Tariff,
    sectors_of,
)

_WORDS: Final[dict[str, dict[Language, str]]] = {
    "tariff.relief_ends": {
        "id": "Mulai {month} iuran menjadi {after_idr} per orang per bulan (sebelumnya {before_idr}), "
        "karena keringanan {regulation} berakhir.",
        "en": "From {month} on the iuran is {after_idr} per worker and month ({before_idr} before), "
        "because the relief of {regulation} ends.",
    },
    "tariff.changes": {
        "id": "Mulai {month} iuran menjadi {after_idr} per orang per bulan (sebelumnya {before_idr}) "
        "menurut {regulation}.",
        "en": "From {month} on the iuran is {after_idr} per worker and month ({before_idr} before) by {regulation}.",
    },
    "tariff.transport_differs": {
        "id": "Dari {month} sampai {until} iuran pekerja transportasi {transport_idr}, pekerja lain {other_idr} "
        "per bulan ({regulation}); total dihitung dengan iuran tertinggi.",
        "en": "From {month} to {until} the iuran of transport workers is {transport_idr}, of others {other_idr} "
        "a month ({regulation}); the total is reckoned with the higher one.",
    },
}


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the donor must know: a stable code and its parameters (months, amounts, a regulation's code)."""

    code: str
    params: dict[str, str | int]

    def text(self, language: Language = "id") -> str:
        """The note as a sentence."""
        shown: dict[str, str] = {}
        for key, value in self.params.items():
            if isinstance(value, int):
                shown[key] = format_rupiah(value, language)
            elif key == "regulation":
                shown[key] = REGULATIONS[value].name if value in REGULATIONS else value
            else:
                shown[key] = month_name(value, language)
        return _WORDS[self.code][language].format(**shown)


@dataclass(frozen=True, slots=True)
class QuotedMonth:
    """One month of the term: the most that one worker's iuran can be."""

    month: str
    iuran_idr_per_worker: int
    tariff: str


@dataclass(frozen=True, slots=True)
class Quote:
    """The price of a pledge: the most that it can cost."""

    slots: int
    months: tuple[QuotedMonth, ...]
    total_idr: int
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """What the price of a pledge depends on, besides its slots. No occupations means all of them."""

    starts: str
    months: int
    occupations: tuple[str, ...] = ()
    programmes: tuple[Programme, ...] = BASIC
    funding: Funding = "private"

    def span(self) -> list[str]:
        """The months of the term."""
        return calendar_months.span(self.starts, calendar_months.add(self.starts, self.months - 1))


def quote(slots: int, terms: Terms, tariff: Tariff = IN_FORCE) -> Quote:
    """The quote of a pledge with these slots and terms."""
    columns = [_Column.of(month, terms, tariff) for month in terms.span()]
    return Quote(
        slots=slots,
        months=tuple(QuotedMonth(c.month, c.highest.idr, c.highest.tariff) for c in columns),
        total_idr=slots * sum(c.highest.idr for c in columns),
        notes=(*_changes(columns), *_differences(columns)),
    )


@dataclass(frozen=True, slots=True)
class _Column:
    """One month of the term with the price of each sector in scope."""

    month: str
    prices: dict[Sector, Price]

    @classmethod
    def of(cls, month: str, terms: Terms, tariff: Tariff) -> "_Column":
        prices = {
            sector: tariff.price(month, sector, terms.programmes, terms.funding)
            for sector in sectors_of(terms.occupations)
        }
        return cls(month, prices)

    @property
    def highest(self) -> Price:
        return max(self.prices.values(), key=lambda price: price.idr)

    @property
    def lowest(self) -> Price:
        return min(self.prices.values(), key=lambda price: price.idr)

    @property
    def differs(self) -> tuple[int, int] | None:
        """What transport workers and others pay, when both are in scope and pay differently."""
        if self.highest.idr == self.lowest.idr:
            return None
        return self.prices["transport"].idr, self.prices["other"].idr


def _changes(columns: Sequence[_Column]) -> list[Note]:
    """A note for each month whose price is not that of the month before."""
    notes = []
    for before, after in pairwise(columns):
        if after.highest.idr == before.highest.idr:
            continue
        ended = [row for price in before.prices.values() for row in price.rows if row.until == before.month]
        law = ended[0].regulation.code if ended else _newest(after.highest)
        params: dict[str, str | int] = {
            "month": after.month,
            "before_idr": before.highest.idr,
            "after_idr": after.highest.idr,
            "regulation": law,
        }
        notes.append(Note("tariff.relief_ends" if ended else "tariff.changes", params))
    return notes


def _differences(columns: Sequence[_Column]) -> list[Note]:
    """One note for each run of months in which transport workers and others pay the same two different prices."""
    notes = []
    for differs, run in groupby(columns, key=lambda column: column.differs):
        if differs is None:
            continue
        inside = list(run)
        params: dict[str, str | int] = {
            "month": inside[0].month,
            "until": inside[-1].month,
            "transport_idr": differs[0],
            "other_idr": differs[1],
            "regulation": _newest(inside[0].lowest),
        }
        notes.append(Note("tariff.transport_differs", params))
    return notes


def _newest(price: Price) -> str:
    return price.tariff.rpartition(".")[2]
