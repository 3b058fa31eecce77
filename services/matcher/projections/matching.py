"""Keeps the matcher's tables: workers, pledges, matches, and the months that are fixed.

Promises that the tables depend on the log alone, whatever the size of the batches in which it is folded. Must not
decide anything, and nothing decides by them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from schemas import months
from schemas.facts.matcher import (
    EndedLine,
    MatchesEnded,
    MatchesMade,
    MonthFixed,
    PledgeEnded,
    PledgeOpened,
    PledgeReshaped,
    PledgeResumed,
    PledgeSuspended,
    WorkerListed,
    WorkerUnlisted,
)
from services.matcher.projections.packed import COLUMNS, MatchRow
from services.runtime.base import ids
from services.runtime.base.postgres import Connection, Queries, columns, copy_packed
from services.runtime.contract import Received, Recorded

_SQL: Final = Queries(__package__, "matching.sql")
#: how many matches are projected at once
_PORTION_LINES: Final = 5_000
_number: Final = lru_cache(maxsize=1024)(months.number)


@dataclass(slots=True)
class WorkerRow:
    """A worker who is listed, in texts; the fields of all rows here are arguments of their statements, in order."""

    worker: str
    city: str
    area: str
    occupation: str
    band: str
    eligible_until: str


@dataclass(slots=True)
class UnlistedRow:
    """A worker who left the list."""

    worker: UUID
    reason: str


@dataclass(slots=True)
class PledgeRow:
    """A pledge as it is opened; lists as one text each, blanks between."""

    pledge: str
    shard: int
    city: str
    donor: str
    slots: int
    starts: str
    until: str
    areas: str
    occupations: str
    workers: str
    keep: bool
    status: str = "open"


@dataclass(slots=True)
class ChangeRow:
    """What changes of a pledge; None: nothing."""

    pledge: str
    slots: int | None = None
    until: str | None = None
    status: str | None = None


@dataclass(slots=True)
class EndRow:
    """The end of a match of an earlier batch."""

    match: UUID
    until: int
    ended: str


@dataclass(slots=True)
class CityRow:
    """A city's last fixed month."""

    city: str
    shard: int
    fixed: str


class MatchingProjector:
    """The projector of the matcher; see the module's promise."""

    tables: tuple[str, ...] = ("workers", "pledges", "matches", "cities")

    async def project(self, tx: Connection, recorded: Sequence[Recorded]) -> None:
        """Fold facts of the own log."""
        for some in _portions(recorded):
            await self._project(tx, some)

    async def _project(self, tx: Connection, recorded: Sequence[Recorded]) -> None:
        batch = _Batch()
        for one in recorded:
            batch.add(one)
        if batch.listed:
            listed = columns(list(batch.listed.values()))
            listed[0] = [worker.hex() for worker in ids.decode(listed[0])]
            await tx.execute(_SQL["list_workers"], recorded[0].shard, *map(" ".join, listed))
        await copy_packed(tx, "matches", COLUMNS, [row.packed() for row in batch.made.values()])
        for statement, rows in batch.statements():
            if rows:
                await tx.execute(_SQL[statement], *columns(list(rows)))

    async def receive(self, tx: Connection, received: Sequence[Received]) -> None:
        """Other logs leave no trace here: what matters of them is in the own log."""


def _portions(recorded: Sequence[Recorded]) -> Iterator[Sequence[Recorded]]:
    """Facts in portions of some milliseconds' work each, between which the event loop gets its turn."""
    start = lines = 0
    for place, one in enumerate(recorded, start=1):
        if isinstance(one.fact, MatchesMade | MatchesEnded):
            lines += one.fact.workers
            if lines >= _PORTION_LINES:
                yield recorded[start:place]
                start, lines = place, 0
    yield recorded[start:]


@dataclass(slots=True)
class _Batch:
    """What a batch of facts comes to, one row per key."""

    listed: dict[str, WorkerRow] = field(default_factory=dict)
    unlisted: dict[str, UnlistedRow] = field(default_factory=dict)
    opened: dict[str, PledgeRow] = field(default_factory=dict)
    changed: dict[str, ChangeRow] = field(default_factory=dict)
    made: dict[bytes, MatchRow] = field(default_factory=dict)
    ended: dict[bytes, EndRow] = field(default_factory=dict)
    fixed: dict[str, CityRow] = field(default_factory=dict)

    def statements(self) -> Iterable[tuple[str, Iterable[Any]]]:
        """What changes rows, each statement with its own, in an order that fits."""
        return [
            ("unlist_workers", self.unlisted.values()),
            ("open_pledges", self.opened.values()),
            ("change_pledges", self.changed.values()),
            ("end_matches", self.ended.values()),
            ("fix_months", self.fixed.values()),
        ]

    def add(self, one: Recorded) -> None:
        """Take one fact in; those that change no row here pass by."""
        match one.fact:
            case WorkerListed() as fact:
                self.unlisted.pop(fact.worker, None)
                self.listed[fact.worker] = WorkerRow(
                    fact.worker, fact.city, fact.area, fact.occupation, str(fact.band), _count(fact.eligible_until)
                )
            case WorkerUnlisted(worker=worker, reason=reason):
                self.unlisted[worker] = UnlistedRow(_uuid(worker), reason)
            case PledgeOpened() as fact:
                self.opened[fact.pledge] = _opened(fact, one.shard)
            case PledgeReshaped(pledge=pledge, slots=slots, until=until):
                change = self._change(pledge)
                change.slots, change.until = slots, until
            case PledgeEnded(pledge=pledge):
                self._change(pledge).status = "ended"
            case PledgeSuspended(pledge=pledge):
                self._change(pledge).status = "suspended"
            case PledgeResumed(pledge=pledge):
                self._change(pledge).status = "open"
            case MatchesMade() as fact:
                self._make(fact, one.shard)
            case MatchesEnded(lines=ended):
                for end in ended:
                    self._end(end)
            case MonthFixed(city=city, month=month):
                self.fixed[city] = CityRow(city, one.shard, month)
            case _:
                pass

    def _change(self, pledge: str) -> ChangeRow:
        return self.changed.setdefault(pledge, ChangeRow(pledge))

    def _make(self, fact: MatchesMade, shard: int) -> None:
        [pledge] = ids.decode([fact.pledge])
        for line in fact.lines:
            first, last = _number(line.from_month), _number(line.until)
            for worker, match in zip(ids.decode(line.workers), ids.decode(line.matches), strict=True):
                self.made[match] = MatchRow(match, worker, pledge, shard, first, last, line.reason)

    def _end(self, line: EndedLine) -> None:
        last = _number(line.last_month)
        for match in ids.decode(line.matches):
            made = self.made.get(match)
            if made is None:
                self.ended[match] = EndRow(UUID(bytes=match), last, line.reason)
            else:
                made.until, made.ended = last, line.reason


def _uuid(worker: str) -> UUID:
    return UUID(bytes=ids.decode([worker])[0])


@lru_cache(maxsize=1024)
def _count(month: str) -> str:
    """A month's number as text."""
    return str(_number(month))


def _opened(fact: PledgeOpened, shard: int) -> PledgeRow:
    scope, blank = fact.scope, " "
    return PledgeRow(
        fact.pledge,
        shard,
        fact.city,
        fact.donor,
        fact.slots,
        fact.starts,
        fact.until,
        blank.join(scope.areas),
        blank.join(scope.occupations),
        blank.join(scope.workers),
        fact.keep,
    )
