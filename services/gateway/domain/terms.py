"""The terms of a pledge: whether they can be taken, what they cost, and how many slots an amount of rupiah buys.

Pure; today is an argument. All problems are reported at once, each thing with its place in the body.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

from schemas import months
from schemas.facts.gateway import Payment, Programme, Scope
from schemas.http.pledges import NewPledge, NewScope
from schemas.languages import Language
from schemas.money import format_rupiah
from schemas.reference import occupations, regions, tariff
from schemas.reference import quote as pricing
from services.runtime.base.errors import Problem

SLOTS_MAX: Final = 1_000_000
#: how far ahead a pledge may start, in months
STARTS_AHEAD_MAX: Final = 24
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


def read(body: NewPledge, today: date) -> tuple[Terms, pricing.Quote] | list[Problem]:
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
    one = quote_of(1, scope.occupations, programmes, starts=body.starts, count=body.months)
    slots = body.slots or _slots_for(body.amount_idr or 0, one.total_idr, problems)
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
    return terms, quote_of(terms.slots, scope.occupations, programmes, starts=body.starts, count=body.months)


def quote_of(
    slots: int, scope: Sequence[str], programmes: Sequence[Programme], *, starts: str, count: int
) -> pricing.Quote:
    """What so many slots cost for a term, by the tariff in force."""
    return _quoted(slots, pricing.Terms(starts, count, tuple(scope), tuple(programmes)))


_quoted = lru_cache(maxsize=1_024)(pricing.quote)


def shown(quote: pricing.Quote, language: Language) -> dict[str, Any]:
    """A quote as JSON values, its notes in a language."""
    return {
        "total_idr": quote.total_idr,
        "months": [{"month": one.month, "iuran_idr_per_worker": one.iuran_idr_per_worker} for one in quote.months],
        "notes": [note.text(language) for note in quote.notes],
    }


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
        elif regions.depth(area) < regions.CITY:
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
    elif scope.near is not None and not any(regions.contains(regions.province_of(city), scope.near) for city in cities):
        detail = "the plant lies in another province than the pledge's city"
        problems.append(Problem("/scope/near", "pledge.near_elsewhere", detail))
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
