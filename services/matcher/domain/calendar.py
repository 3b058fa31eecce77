"""What a city owes its workers and donors when time has passed: ends of terms, warnings, counts and rosters."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import chain
from typing import Final

from schemas import months
from schemas.facts.matcher import (
    ForeseenLapse,
    LapsesForeseen,
    MatchEnd,
    MonthFixed,
    PledgeEnded,
    PledgeMatched,
    RosterFixed,
    RosterLine,
)
from services.matcher.domain.city import City
from services.matcher.domain.decision import Decision, parts, text
from services.matcher.domain.horizon import portions
from services.matcher.domain.model import Match, Pledge

#: A lapse is foreseen so many days before the last covered day, or later.
LAPSE_DAYS: Final = 30


def end_terms(decision: Decision, city: City) -> Iterator[None]:
    """End the matches and pledges whose last month lies behind the horizon; a step a pledge."""
    for pledge in city.pledges:
        over = [
            match for match in pledge.ending_matches.values() if not match.end_recorded and match.last < city.horizon
        ]
        for match in sorted(over, key=lambda match: match.order):
            decision.end(match, match.last, _end_of(match, pledge))
        if pledge.status != "ended" and pledge.until < city.horizon:
            decision.record(PledgeEnded(pledge=pledge.id, reason="term_over", last_month=text(pledge.until)))
        yield


def _end_of(match: Match, pledge: Pledge) -> MatchEnd:
    return "age" if match.worker.eligible_until == match.last < pledge.until else "term_over"


def foresee_lapses(decision: Decision, city: City, day: date) -> Iterator[None]:
    """Name the workers whose cover ends soon, or has ended, without another sponsor: each once."""
    # a month ends at most so many days ahead when the day after those lies in another one
    by = months.number(months.of(day + timedelta(days=LAPSE_DAYS + 1))) - 1
    by_pledge: dict[str, list[ForeseenLapse]] = {}
    for numbers in portions(sorted(city.at_risk)):
        for worker in map(city.at_risk.__getitem__, numbers):
            if worker.covered_until <= by and worker.sponsor is not None:
                line = ForeseenLapse.trusted(worker=worker.id, last_month=text(worker.covered_until))
                by_pledge.setdefault(worker.sponsor.id, []).append(line)
        yield
    # each list is freed after its step: to free all of them at the end would be one long step
    for pledge in list(by_pledge):
        for lines in parts(by_pledge.pop(pledge)):
            decision.record(LapsesForeseen(pledge=pledge, day=day, lines=lines))
            yield


def report_filled(decision: Decision, city: City) -> Iterator[None]:
    """Name the pledges with another number of filled slots than was last reported."""
    for pledge in city.pledges:
        if pledge.active and pledge.filled != pledge.last_reported:
            fact = PledgeMatched(
                pledge=pledge.id,
                donor=pledge.donor,
                language=pledge.language,
                filled=pledge.filled,
                slots=pledge.slots,
            )
            decision.record(fact)
            yield


def fix_rosters(decision: Decision, city: City, month: str) -> Iterator[None]:
    """Name the workers whom each pledge protects in a month, and fix it; a step a part of a roster."""
    at = months.number(month)
    pledges = workers = 0
    for pledge in city.pledges:
        matches = chain(pledge.seats.values(), pledge.ending_matches.values())
        present = sorted((match.worker.id, match) for match in matches if match.first <= at <= match.last)
        if present:
            pledges += 1
            workers += len(present)
            for part, some in enumerate(parts(present), start=1):
                lines = _roster_lines(some)
                decision.record(
                    RosterFixed(
                        city=city.code, month=month, pledge=pledge.id, part=part, lines=lines, workers=len(some)
                    )
                )
                yield
    yield from decision.pass_time(MonthFixed(city=city.code, month=month, pledges=pledges, workers=workers))


def _roster_lines(present: Sequence[tuple[str, Match]]) -> tuple[RosterLine, ...]:
    """Workers, in their order, by occupation."""
    by_occupation: defaultdict[str, list[tuple[str, Match]]] = defaultdict(list)
    for name, match in present:
        by_occupation[match.worker.cell.occupation].append((name, match))
    return tuple(
        RosterLine.trusted(
            workers=tuple(name for name, _ in found),
            matches=tuple(match.id for _, match in found),
            occupation=occupation,
        )
        for occupation, found in by_occupation.items()
    )
