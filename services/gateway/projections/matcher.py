"""Folds the matcher's facts into pledges' matching and into matches.

A batch is folded in memory first, so that each pledge and match is written once however often the batch speaks of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.facts.matcher import (
    EndedMatch,
    MatchesEnded,
    MatchesMade,
    MonthFixed,
    PledgeEnded,
    PledgeOpened,
    PledgeRefused,
    PledgeReshaped,
    PledgeResumed,
    PledgeSuspended,
)
from services.runtime.base.postgres import Connection, Queries
from services.runtime.contract import Received

_SQL = Queries(__package__, "matcher.sql")


@dataclass(slots=True)
class _Pledge:
    """What a batch says of one pledge; `None` where it says nothing."""

    pledge: str
    status: str | None = None
    slots: int | None = None
    until: str | None = None
    filled: int = 0
    ended_reason: str | None = None
    last_month: str | None = None
    refused_code: str | None = None
    refused_detail: str | None = None


class _Batch:
    """See the module."""

    def __init__(self) -> None:
        self.pledges: dict[str, _Pledge] = {}
        self.made: dict[str, list[str | None]] = {}
        self.ended: dict[str, tuple[str, str, str]] = {}
        self.fixed: dict[tuple[str, str], int] = {}

    def pledge(self, pledge: str) -> _Pledge:
        """The words on one pledge."""
        return self.pledges.setdefault(pledge, _Pledge(pledge))

    def take(self, one: Received) -> None:
        """Fold one fact."""
        match one.fact:
            case PledgeOpened() as fact:
                row = self.pledge(fact.pledge)
                row.status, row.slots, row.until = "open", fact.slots, fact.until
            case PledgeReshaped() as fact:
                row = self.pledge(fact.pledge)
                row.slots, row.until = fact.slots, fact.until
            case PledgeEnded() as fact:
                row = self.pledge(fact.pledge)
                row.status, row.ended_reason, row.last_month = "ended", fact.reason, fact.last_month
            case PledgeSuspended(pledge=pledge):
                self.pledge(pledge).status = "suspended"
            case PledgeResumed(pledge=pledge):
                self.pledge(pledge).status = "open"
            case PledgeRefused() as fact:
                row = self.pledge(fact.pledge)
                row.refused_code, row.refused_detail = fact.code, fact.detail
            case MatchesMade() as fact:
                self.pledge(fact.pledge).filled += len(fact.lines)
                for line in fact.lines:
                    span = line.from_month, line.until
                    self.made[line.match] = [line.match, line.worker, fact.pledge, *span, line.reason, None]
            case MatchesEnded() as fact:
                self.pledge(fact.pledge).filled -= len(fact.lines)
                for end in fact.lines:
                    self._end(end)
            case MonthFixed() as fact:
                self.fixed[fact.city, fact.month] = fact.workers
            case _:
                pass

    def _end(self, line: EndedMatch) -> None:
        made = self.made.get(line.match)
        if made is None:
            self.ended[line.match] = (line.match, line.last_month, line.reason)
        else:
            made[4], made[6] = line.last_month, line.reason


async def receive(tx: Connection, received: Sequence[Received]) -> None:
    """Fold the matcher's facts of one shard, in order."""
    batch = _Batch()
    for one in received:
        batch.take(one)
    if batch.pledges:
        rows = [
            (
                p.pledge,
                p.status,
                p.slots,
                p.until,
                p.filled,
                p.ended_reason,
                p.last_month,
                p.refused_code,
                p.refused_detail,
            )
            for p in batch.pledges.values()
        ]
        await tx.execute(_SQL["pledges"], *map(list, zip(*rows, strict=True)))
    if batch.made:
        await tx.execute(_SQL["matches_made"], *map(list, zip(*batch.made.values(), strict=True)))
    if batch.ended:
        await tx.execute(_SQL["matches_ended"], *map(list, zip(*batch.ended.values(), strict=True)))
    for (city, month), workers in batch.fixed.items():
        await tx.execute(_SQL["month_fixed"], city, month, workers)
