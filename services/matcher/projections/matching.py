"""Keeps the matcher's tables: workers, pledges, matches, and the months that are fixed.

Promises that the tables depend on the log alone, whatever the size of the batches in which it is folded. Must not
decide anything, and nothing decides by them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from schemas.facts.matcher import (
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
from services.runtime.base.postgres import Connection, Queries
from services.runtime.contract import Received, Recorded

_SQL: Final = Queries(__package__, "matching.sql")
_MATCHES: Final = ("match", "shard", "worker", "pledge", "from_month", "until", "reason", "ended")
_UNTIL, _ENDED = 5, 7

Row = list[Any]


class MatchingProjector:
    """The projector of the matcher; see the module's promise."""

    tables: tuple[str, ...] = ("workers", "pledges", "matches", "cities")

    async def project(self, tx: Connection, recorded: Sequence[Recorded]) -> None:
        """Fold facts of the own log."""
        batch = _Batch()
        for one in recorded:
            batch.add(one)
        if batch.listed:
            columns = zip(*batch.listed.values(), strict=True)
            await tx.execute(_SQL["list_workers"], recorded[0].shard, *map(" ".join, columns))
        if batch.made:
            await tx.copy_records_to_table("matches", records=batch.made.values(), columns=_MATCHES)
        for statement, rows in batch.statements():
            if rows:
                await tx.execute(_SQL[statement], *(list(column) for column in zip(*rows, strict=True)))

    async def receive(self, tx: Connection, received: Sequence[Received]) -> None:
        """Other logs leave no trace here: what matters of them is in the own log."""


@dataclass(slots=True)
class _Batch:
    """What a batch of facts comes to, one row per key."""

    listed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unlisted: dict[str, Row] = field(default_factory=dict)
    opened: dict[str, Row] = field(default_factory=dict)
    changed: dict[str, Row] = field(default_factory=dict)
    made: dict[str, Row] = field(default_factory=dict)
    ended: dict[str, Row] = field(default_factory=dict)
    fixed: dict[str, Row] = field(default_factory=dict)

    def statements(self) -> Iterable[tuple[str, list[Row]]]:
        """What changes rows, each statement with its own, in an order that fits."""
        return [
            ("unlist_workers", list(self.unlisted.values())),
            ("open_pledges", list(self.opened.values())),
            ("change_pledges", list(self.changed.values())),
            ("end_matches", list(self.ended.values())),
            ("fix_months", list(self.fixed.values())),
        ]

    def add(self, one: Recorded) -> None:
        """Take one fact in; those that say nothing about these tables pass by."""
        match one.fact:
            case WorkerListed() as fact:
                self.unlisted.pop(fact.worker, None)
                place = fact.worker, fact.city, fact.area, fact.occupation
                self.listed[fact.worker] = (*place, str(fact.band), fact.eligible_until)
            case WorkerUnlisted(worker=worker, reason=reason):
                self.unlisted[worker] = [worker, reason]
            case PledgeOpened() as fact:
                self.opened[fact.pledge] = _opened(fact, one.shard)
            case PledgeReshaped(pledge=pledge, slots=slots, until=until):
                self._change(pledge)[1:3] = slots, until
            case PledgeEnded(pledge=pledge):
                self._change(pledge)[3] = "ended"
            case PledgeSuspended(pledge=pledge):
                self._change(pledge)[3] = "suspended"
            case PledgeResumed(pledge=pledge):
                self._change(pledge)[3] = "open"
            case MatchesMade(pledge=pledge, lines=made):
                for line in made:
                    row = [line.match, one.shard, line.worker, pledge, line.from_month, line.until, line.reason]
                    self.made[line.match] = [*row, None]
            case MatchesEnded(lines=ended):
                for end in ended:
                    if end.match in self.made:
                        self.made[end.match][_UNTIL], self.made[end.match][_ENDED] = end.last_month, end.reason
                    else:
                        self.ended[end.match] = [end.match, end.last_month, end.reason]
            case MonthFixed(city=city, month=month):
                self.fixed[city] = [city, one.shard, month]
            case _:
                pass

    def _change(self, pledge: str) -> Row:
        return self.changed.setdefault(pledge, [pledge, None, None, None])


def _opened(fact: PledgeOpened, shard: int) -> Row:
    scope = fact.scope
    return [
        *(fact.pledge, shard, fact.city, fact.donor, fact.slots, fact.starts, fact.until),
        *(" ".join(scope.areas), " ".join(scope.occupations), " ".join(scope.workers), fact.keep, "open"),
    ]
