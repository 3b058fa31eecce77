"""The decision of one input: the facts that answer it, each folded into the state as soon as it is made.

Matches are made and ended one by one, as the rules find them, and packed per pledge into facts of at most `LINES_MAX`
lines before the next fact of another kind, ends first. Promises the net effect: a match that is made and then moved on
before any of its months came does not appear. Replaying the packed facts leads to the same state, because `pack`
numbers the new matches in the order in which they stand in the log.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import chain, islice
from typing import Final, Protocol, TypeVar

from schemas import months
from schemas.base import Fact
from schemas.facts.common import DayBegan
from schemas.facts.matcher import EndedLine, MadeLine, MatchEnd, MatchesEnded, MatchesMade, MatchReason, MonthFixed
from services.matcher.domain.city import City
from services.matcher.domain.evolve import evolve, pass_time
from services.matcher.domain.model import Match, Pledge, Worker
from services.matcher.domain.state import State

LINES_MAX: Final = 1_000
#: Months as text; a city names few.
text: Final = lru_cache(maxsize=1024)(months.from_number)

Line = TypeVar("Line")
#: occupation, first and last month, and reason
_Alike = tuple[str, int, int, MatchReason]


class Ids(Protocol):
    """Where ids come from: the same input leads to the same ids in the same order."""

    @property
    def at(self) -> datetime:
        """The instant of the input."""
        ...

    def new_id(self, prefix: str) -> str:
        """The next id."""
        ...


class Decision:
    """Collects the facts that answer one input; see the module's promise."""

    def __init__(self, state: State, ids: Ids) -> None:
        self.state = state
        self.at = ids.at
        self._new_id = ids.new_id
        self._facts: list[Fact] = []
        #: made since the last packing, by id, in the order of their making; all in one city
        self._made: dict[str, Match] = {}
        #: that city, and how many matches it had made before
        self._since: tuple[City, int] | None = None
        #: pledge -> matches of earlier facts that ended since the last packing
        self._ended: dict[str, list[tuple[Match, int, MatchEnd]]] = {}

    def record(self, fact: Fact) -> None:
        """Fold a fact that is no match."""
        self.pack()
        evolve(self.state, fact, self.at)
        self._facts.append(fact)

    def pass_time(self, fact: MonthFixed | DayBegan) -> Iterator[None]:
        """Fold a fact that may move a horizon; yields after each step."""
        yield from self.packing()
        yield from pass_time(self.state, fact, self.at)
        self._facts.append(fact)

    def make(self, city: City, worker: Worker, pledge: Pledge, reason: MatchReason) -> None:
        """A worker gets a slot of a pledge, as early as both are free."""
        if self._since is None:
            self._since = city, city.made
        first, last = city.first_month(worker, pledge), min(pledge.until, worker.eligible_until)
        match = Match(self._new_id("mat"), city.made, worker, pledge, first, last, reason)
        city.seat(match)
        self._made[match.id] = match

    def end(self, match: Match, last: int, reason: MatchEnd) -> None:
        """A match ends after `last`, or after its own last month if that comes first."""
        last = min(last, match.last)
        if match.id in self._made and last >= match.first:
            self.pack()
        self.state.city_of(match.pledge).end(match, last, reason)
        if self._made.pop(match.id, None) is None:
            self._ended.setdefault(match.pledge.id, []).append((match, last, reason))

    def swap(self, city: City, match: Match, pledge: Pledge) -> None:
        """A worker moves to a slot of another pledge from the horizon month on; the old one is his until then."""
        unseen = match.id in self._made and match.first >= city.horizon
        self.end(match, city.horizon - 1, "swapped")
        self.make(city, match.worker, pledge, match.reason if unseen else "swap")

    def pack(self) -> None:
        """Turn the matches that were made and ended since the last packing into facts."""
        if self._ended or self._since is not None:
            for _ in self.packing():
                pass

    def packing(self) -> Iterator[None]:
        """The same in steps; yields after each."""
        if self._ended:
            ends, self._ended = self._ended, {}
            for pledge, ended in ends.items():
                for some in parts(ended):
                    lines = tuple(_ended_lines(some))
                    self._facts.append(MatchesEnded.trusted(pledge=pledge, lines=lines, workers=len(some)))
                yield
        if self._since is None:
            return
        city, before = self._since
        made = self._made
        self._made, self._since = {}, None
        if len(made) == 1:
            (match,) = made.values()
            self._made_part(match.pledge.id, (match,))
            yield from city.number((match,), before)
            return
        by_pledge: dict[str, list[Match]] = {}
        for match in made.values():
            by_pledge.setdefault(match.pledge.id, []).append(match)
        in_order: list[Match] = []
        for pledge, matches in by_pledge.items():
            for part in parts(matches):
                in_order += self._made_part(pledge, part)
            yield
        yield from city.number(in_order, before)

    def _made_part(self, pledge: str, made: Sequence[Match]) -> Iterable[Match]:
        """Record that matches are made; returns them in the order in which the fact names them."""
        alike: dict[_Alike, list[Match]] = {}
        for match in made:
            key = match.worker.cell.occupation, match.first, match.last, match.reason
            alike.setdefault(key, []).append(match)
        lines = tuple([_made_line(key, some) for key, some in alike.items()])
        self._facts.append(MatchesMade.trusted(pledge=pledge, lines=lines, workers=len(made)))
        return chain.from_iterable(alike.values())

    def facts(self) -> Sequence[Fact]:
        """All facts of the answer, in their order."""
        self.pack()
        return self._facts

    def portions(self, steps: Iterable[None]) -> Iterator[Sequence[Fact]]:
        """The facts of the answer as the steps of a rule lead to them."""
        for _ in chain(steps, self.packing()):
            portion, self._facts = self._facts, []
            yield portion
        yield self._facts


def _made_line(key: _Alike, made: Sequence[Match]) -> MadeLine:
    occupation, first, last, reason = key
    return MadeLine.trusted(
        workers=tuple([match.worker.id for match in made]),
        matches=tuple([match.id for match in made]),
        occupation=occupation,
        from_month=text(first),
        until=text(last),
        reason=reason,
    )


def _ended_lines(ended: Iterable[tuple[Match, int, MatchEnd]]) -> Iterator[EndedLine]:
    alike: dict[tuple[int, MatchEnd], list[Match]] = {}
    for match, last, reason in ended:
        alike.setdefault((last, reason), []).append(match)
    for (last, reason), some in alike.items():
        yield EndedLine.trusted(
            workers=tuple([match.worker.id for match in some]),
            matches=tuple([match.id for match in some]),
            last_month=text(last),
            reason=reason,
        )


def parts(lines: Iterable[Line]) -> Iterable[tuple[Line, ...]]:
    """Returns lines in portions that a fact may carry."""
    rest = iter(lines)
    while part := tuple(islice(rest, LINES_MAX)):
        yield part
