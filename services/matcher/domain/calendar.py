"""What a city owes its workers and donors when time has passed: ends of terms, warnings, counts and rosters.

Promises facts only; `horizon.py` does to the state what they say.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import chain
from typing import Final

from schemas import months
from schemas.base import Fact
from schemas.facts.matcher import (
    LapseForeseen,
    MatchEnd,
    MonthFixed,
    PledgeEnded,
    PledgeMatched,
    RosterFixed,
    RosterLine,
)
from services.matcher.domain.city import City
from services.matcher.domain.model import Match, Pledge
from services.matcher.domain.placing import ended

ROSTER_LINES_MAX: Final = 1_000
#: A lapse is foreseen so many days before the last covered day, or later.
LAPSE_DAYS: Final = 30


def ends(city: City) -> Iterator[Fact]:
    """Matches and pledges whose last month lies behind the horizon."""
    for pledge in city.pledges:
        if pledge.tails:
            for match in list(pledge.tails.values()):
                if not match.said and match.last < city.horizon:
                    yield ended(match, match.last, _end_of(match, pledge))
        if pledge.status != "ended" and pledge.until < city.horizon:
            yield PledgeEnded(pledge=pledge.id, reason="term_over", last_month=months.from_number(pledge.until))


def _end_of(match: Match, pledge: Pledge) -> MatchEnd:
    return "age" if match.worker.eligible_until == match.last < pledge.until else "term_over"


def lapses(city: City, day: date) -> Iterator[Fact]:
    """Workers whose cover ends soon, or has ended, without another sponsor: each said once."""
    # a month ends at most so many days ahead when the day after those lies in another one
    by = months.number(months.of(day + timedelta(days=LAPSE_DAYS + 1))) - 1
    for number in sorted(city.at_risk):
        worker = city.at_risk[number]
        if worker.covered_until <= by and worker.sponsor is not None:
            last_month = months.from_number(worker.covered_until)
            yield LapseForeseen(worker=worker.id, pledge=worker.sponsor.id, last_month=last_month, day=day)


def filled(city: City) -> Iterator[Fact]:
    """Pledges with another number of filled slots than was last said."""
    for pledge in city.pledges:
        if pledge.active and pledge.filled != pledge.said:
            yield PledgeMatched(
                pledge=pledge.id,
                donor=pledge.donor,
                language=pledge.language,
                filled=pledge.filled,
                slots=pledge.slots,
            )


def rosters(city: City, month: str) -> Iterator[Fact]:
    """Who is protected by which pledge in a month, and that this is fixed now."""
    at = months.number(month)
    pledges = workers = 0
    for pledge in city.pledges:
        matches = chain(pledge.seats.values(), pledge.tails.values())
        present = sorted((match.worker.id, match) for match in matches if match.first <= at <= match.last)
        lines = [
            RosterLine(worker=name, match=match.id, occupation=match.worker.cell.occupation) for name, match in present
        ]
        if lines:
            pledges += 1
            workers += len(lines)
            yield from _parts(city, month, pledge, lines)
    yield MonthFixed(city=city.code, month=month, pledges=pledges, workers=workers)


def _parts(city: City, month: str, pledge: Pledge, lines: Sequence[RosterLine]) -> Iterator[Fact]:
    for part, start in enumerate(range(0, len(lines), ROSTER_LINES_MAX), start=1):
        some = tuple(lines[start : start + ROSTER_LINES_MAX])
        yield RosterFixed(city=city.code, month=month, pledge=pledge.id, part=part, lines=some)
