"""The terms of a pledge: whether they can be taken, what they cost, and how many slots an amount of rupiah buys.

Pure; today is an argument. All that is wrong is said at once, each thing with its place in the body.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

from schemas import months
from schemas.facts.gateway import Payment, Programme, Scope
from schemas.http.pledges import NewPledge, NewScope
from schemas.money import format_rupiah
from schemas.reference import occupations, regions, tariff
from services.runtime.errors import Problem

SLOTS_MAX: Final = 1_000_000
MONTHS_MIN: Final = 6
MONTHS_MAX: Final = 60
MONTHS_DEFAULT: Final = 12
#: how far ahead a pledge may start, in months
STARTS_AHEAD_MAX: Final = 24
#: the shortest area code that lies in one city
_CITY_LEVEL: Final = 5
#: What a reference must not hold: an e-mail address, the 16 digits of a NIK, an Indonesian telephone number.
_PERSONAL: Final = re.compile(
    r"[^\s@]+@[^\s@]+\.[^\s@]+"
    r"|(?<!\d)\d(?:[\s.\-]?\d){15}(?!\d)"
    r"|(?<!\d)(?:\+?62|0)(?:[\s.\-()]?\d){8,12}(?!\d)"
)


@dataclass(frozen=True, slots=True)
class Terms:
    """Sound terms of a pledge."""

    city: str
    slots: int
    months: int
    starts: str
    scope: Scope
    payment: Payment
    programmes: tuple[Programme, ...]
    keep: bool
    amount_idr: int | None
    reference: str | None

    @property
    def until(self) -> str:
        """The last month of the term."""
        return months.add(self.starts, self.months - 1)


@dataclass(frozen=True, slots=True)
class Quote:
    """What a pledge costs: the highest iuran within its scope, month by month, times its slots."""

    slots: int
    per_worker: tuple[tuple[str, int], ...]
    notes: tuple[str, ...]

    @property
    def total_idr(self) -> int:
        """All slots, all months."""
        return self.slots * sum(idr for _, idr in self.per_worker)

    def document(self) -> dict[str, Any]:
        """The quote as JSON values."""
        return {
            "total_idr": self.total_idr,
            "months": [{"month": month, "iuran_idr_per_worker": idr} for month, idr in self.per_worker],
            "notes": list(self.notes),
        }


def read(body: NewPledge, today: date) -> tuple[Terms, Quote] | list[Problem]:
    """The terms that a body states and their quote, or all that is wrong with it."""
    problems = [*_scope_problems(body.scope), *_start_problems(body.starts, today)]
    programmes = _programmes(body.programmes, problems)
    if body.reference is not None and looks_personal(body.reference):
        problems.append(
            Problem("/reference", "reference.personal_data", "a reference must hold no NIK, telephone number or e-mail")
        )
    if (body.slots is None) == (body.amount_idr is None):
        problems.append(Problem("/slots", "pledge.slots_or_amount", "give either slots or amount_idr, not both"))
    if problems:
        return problems
    scope = Scope(
        areas=tuple(dict.fromkeys(body.scope.areas)),
        occupations=tuple(dict.fromkeys(body.scope.occupations)),
        workers=tuple(dict.fromkeys(body.scope.workers)),
        near=body.scope.near,
    )
    per_worker = prices(scope.occupations, programmes, starts=body.starts, count=body.months)
    slots = body.slots or _slots_for(body.amount_idr or 0, sum(idr for _, idr in per_worker), problems)
    if scope.workers and slots > len(scope.workers) and body.slots is not None:
        problems.append(
            Problem("/slots", "pledge.more_slots_than_workers", f"the scope names {len(scope.workers)} worker(s) only")
        )
    if problems:
        return problems
    terms = Terms(
        city=regions.city_of(scope.areas[0]),
        slots=min(slots, len(scope.workers)) if scope.workers else slots,
        months=body.months,
        starts=body.starts,
        scope=scope,
        payment=body.payment,
        programmes=programmes,
        keep=body.keep,
        amount_idr=body.amount_idr,
        reference=body.reference,
    )
    return terms, Quote(terms.slots, per_worker, _notes(per_worker, scope.occupations, programmes))


def prices(
    scope: Sequence[str], programmes: Sequence[Programme], *, starts: str, count: int
) -> tuple[tuple[str, int], ...]:
    """The highest iuran of one worker within a scope, for each month of a term."""
    return _prices(tuple(scope), tuple(programmes), starts, count)


@lru_cache(maxsize=1_024)
def _prices(
    scope: tuple[str, ...], programmes: tuple[Programme, ...], starts: str, count: int
) -> tuple[tuple[str, int], ...]:
    term = months.span(starts, months.add(starts, count - 1))
    return tuple((month, tariff.highest(month, scope, programmes).idr) for month in term)


def looks_personal(text: str) -> bool:
    """Whether a text may hold a NIK, a telephone number or an e-mail address."""
    return _PERSONAL.search(text) is not None


def _scope_problems(scope: NewScope) -> list[Problem]:
    problems = []
    cities: dict[str, None] = {}
    for number, area in enumerate(scope.areas):
        pointer = f"/scope/areas/{number}"
        if not regions.exists(area):
            problems.append(Problem(pointer, "area.unknown", f"{area} is no area of Kemendagri's list"))
        elif len(area) < _CITY_LEVEL:
            problems.append(
                Problem(pointer, "pledge.area_too_wide", f"{area} is a province; a pledge lies in one city")
            )
        else:
            cities[regions.city_of(area)] = None
    if len(cities) > 1:
        detail = f"areas of {' and '.join(cities)}: make one pledge for each city, under one reference"
        problems.append(Problem("/scope/areas", "pledge.two_cities", detail))
    for number, code in enumerate(scope.occupations):
        if not occupations.exists(code):
            detail = f"{code} is none of {', '.join(occupations.OCCUPATIONS)}"
            problems.append(Problem(f"/scope/occupations/{number}", "occupation.unknown", detail))
    if scope.near is not None and not regions.exists(scope.near):
        problems.append(Problem("/scope/near", "area.unknown", f"{scope.near} is no area of Kemendagri's list"))
    return problems


def _start_problems(starts: str, today: date) -> list[Problem]:
    present = months.of(today)
    if starts < present:
        return [Problem("/starts", "month.past", f"{starts} is over; the earliest is {present}")]
    latest = months.add(present, STARTS_AHEAD_MAX)
    if starts > latest:
        return [Problem("/starts", "month.too_far", f"a pledge starts in {latest} at the latest")]
    return []


def _programmes(wanted: Sequence[Programme], problems: list[Problem]) -> tuple[Programme, ...]:
    if not set(tariff.BASIC) <= set(wanted):
        detail = "jkk and jkm go together for every informal worker; jht may be added"
        problems.append(Problem("/programmes", "pledge.programmes_incomplete", detail))
    return tuple(programme for programme in tariff.PROGRAMMES if programme in wanted)


def _slots_for(amount_idr: int, per_slot_idr: int, problems: list[Problem]) -> int:
    slots = amount_idr // per_slot_idr
    if slots < 1:
        detail = f"one worker costs {format_rupiah(per_slot_idr)} for the whole term"
        problems.append(Problem("/amount_idr", "pledge.amount_too_small", detail))
    if slots > SLOTS_MAX:
        problems.append(Problem("/amount_idr", "pledge.amount_too_large", f"more than {SLOTS_MAX} slots"))
    return slots


@lru_cache(maxsize=1_024)
def _notes(
    per_worker: tuple[tuple[str, int], ...], scope: tuple[str, ...], programmes: tuple[Programme, ...]
) -> tuple[str, ...]:
    """A sentence for each month from which the price differs from the month before, and for what may be less."""
    notes = []
    for (earlier, before), (month, now) in pairwise(per_worker):
        if now != before:
            word = "rises" if now > before else "falls"
            laws = {law.name for law in tariff.highest(month, scope, programmes).regulations}
            laws ^= {law.name for law in tariff.highest(earlier, scope, programmes).regulations}
            cause = f" ({', '.join(sorted(laws))})" if laws else ""
            change = f"{word} from {format_rupiah(before)} to {format_rupiah(now)}"
            notes.append(f"from {month} on the iuran {change}{cause}")
    cheaper = [month for month, idr in per_worker if tariff.lowest(month, scope, programmes).idr < idr]
    if cheaper:
        span = f"{cheaper[0]} to {cheaper[-1]}"
        notes.append(f"{span}: workers in transport cost less than quoted; what is left over is released")
    return tuple(notes)
