"""What a worker's month costs: the tariff, row by row, each with the regulation that set it.

Promises exact whole rupiah for the contribution month (not the day of payment), the sector, the funding source and the
programmes, and the same answer for ever for a month whose rows do not change. A tariff is a value, so that a change can
be rehearsed with other rows. Months before 2022 had other reliefs and are refused.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

from schemas.reference import files, occupations
from schemas.reference.occupations import Sector

Programme = Literal["jkk", "jkm", "jht"]
Funding = Literal["private", "state"]

#: What every informal worker must have; old-age savings may be added.
BASIC: Final[tuple[Programme, ...]] = ("jkk", "jkm")
PROGRAMMES: Final[tuple[Programme, ...]] = ("jkk", "jkm", "jht")
SECTORS: Final[tuple[Sector, ...]] = ("transport", "other")


class UnknownTariff(LookupError):
    """No row holds for a month and a programme."""


@dataclass(frozen=True, slots=True)
class Regulation:
    """The law behind a row."""

    code: str
    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Row:
    """One programme's iuran from month `first` to `until`; `None` in a condition means all, in `until` no end."""

    programme: Programme
    sector: Sector | None
    funding: Funding | None
    first: str
    until: str | None
    idr: int
    regulation: Regulation

    def holds(self, month: str, sector: Sector, programme: Programme, funding: Funding) -> bool:
        """Whether this row prices such a month."""
        return (
            self.programme == programme
            and self.first <= month
            and (self.until is None or month <= self.until)
            and self.sector in {None, sector}
            and self.funding in {None, funding}
        )


@dataclass(frozen=True, slots=True)
class Price:
    """The iuran of one worker for one month. `tariff` is a code that names the programmes and the newest regulation."""

    idr: int
    tariff: str
    rows: tuple[Row, ...]


class Tariff:
    """A table of rows, of which a later one prevails over an earlier one."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows: Final = tuple(rows)
        self._cached = lru_cache(maxsize=4096)(self._price)

    def price(
        self,
        month: str,
        occupation: str,
        programmes: Sequence[Programme] = BASIC,
        funding: Funding = "private",
    ) -> Price:
        """The iuran of a worker in an occupation group (or in a sector, `transport` or `other`) for a month."""
        return self._cached(month, sector_of(occupation), tuple(programmes), funding)

    def highest(
        self,
        month: str,
        scope: Sequence[str] | None = None,
        programmes: Sequence[Programme] = BASIC,
        funding: Funding = "private",
    ) -> Price:
        """The highest price among a scope's occupation groups (or sectors): what a promise must set aside.

        No groups means all of them.
        """
        prices = [self._cached(month, sector, tuple(programmes), funding) for sector in sectors_of(scope)]
        return max(prices, key=lambda price: price.idr)

    def _price(self, month: str, sector: Sector, programmes: tuple[Programme, ...], funding: Funding) -> Price:
        if not programmes:
            raise UnknownTariff("no programme, no price")
        chosen = tuple(p for p in PROGRAMMES if p in programmes)
        rows = tuple(self._row(month, sector, programme, funding) for programme in chosen)
        newest = max(rows, key=self.rows.index).regulation
        return Price(sum(row.idr for row in rows), f"{'_'.join(chosen)}.{newest.code}", rows)

    def _row(self, month: str, sector: Sector, programme: Programme, funding: Funding) -> Row:
        fitting = [row for row in self.rows if row.holds(month, sector, programme, funding)]
        if not fitting:
            raise UnknownTariff(f"no tariff for {programme} in {month}")
        return fitting[-1]


def sector_of(occupation: str) -> Sector:
    """The sector of an occupation group; a sector stands for itself."""
    return occupation if occupation in SECTORS else occupations.sector_of(occupation)


def sectors_of(scope: Sequence[str] | None) -> tuple[Sector, ...]:
    """The sectors that a scope reaches, in the order of `SECTORS`."""
    reached = {sector_of(occupation) for occupation in scope} if scope else set(SECTORS)
    return tuple(sector for sector in SECTORS if sector in reached)


def _read() -> tuple[dict[str, Regulation], Tariff]:
    document: dict[str, Any] = files.document("tariff.json")
    laws = {code: Regulation(code, law["name"], law["source"]) for code, law in document["regulations"].items()}
    return laws, Tariff(Row(**{**row, "regulation": laws[row["regulation"]]}) for row in document["rows"])


_FILE: Final = _read()
REGULATIONS: Final[dict[str, Regulation]] = _FILE[0]
IN_FORCE: Final[Tariff] = _FILE[1]

price = IN_FORCE.price
highest = IN_FORCE.highest
