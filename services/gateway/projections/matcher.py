"""Folds the matcher's facts into pledges' matching and into matches.

A batch is folded in memory first, so that each pledge and match is written once however often the batch speaks of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.facts.matcher import (
    EndedLine,
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
from services.runtime.base.postgres import Connection, Queries, columns
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


@dataclass(slots=True)
class _Match:
    """A row of `matches`; ended in the same batch, it is written as it ended."""

    match: str
    worker: str
    pledge: str
    from_month: str
    until: str
    reason: str
    ended_reason: str | None = None


@dataclass(frozen=True, slots=True)
class _End:
    """The end of a match that an earlier batch made."""

    match: str
    last_month: str
    reason: str


class _Batch:
    """See the module."""

    def __init__(self) -> None:
        self.pledges: dict[str, _Pledge] = {}
        self.made: dict[str, _Match] = {}
        self.ended: dict[str, _End] = {}
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
                self.pledge(fact.pledge).filled += fact.workers
                for line in fact.lines:
                    for worker, match in line.pairs():
                        self.made[match] = _Match(match, worker, fact.pledge, line.from_month, line.until, line.reason)
            case MatchesEnded() as fact:
                self.pledge(fact.pledge).filled -= fact.workers
                for end in fact.lines:
                    self._end(end)
            case MonthFixed() as fact:
                self.fixed[fact.city, fact.month] = fact.workers
            case _:
                pass

    def _end(self, line: EndedLine) -> None:
        for match in line.matches:
            made = self.made.get(match)
            if made is None:
                self.ended[match] = _End(match, line.last_month, line.reason)
            else:
                made.until, made.ended_reason = line.last_month, line.reason


async def receive(tx: Connection, received: Sequence[Received]) -> None:
    """Fold the matcher's facts of one shard, in order."""
    batch = _Batch()
    for one in received:
        batch.take(one)
    if batch.pledges:
        await tx.execute(_SQL["pledges"], *columns(list(batch.pledges.values())))
    if batch.made:
        await tx.execute(_SQL["matches_made"], *columns(list(batch.made.values())))
    if batch.ended:
        await tx.execute(_SQL["matches_ended"], *columns(list(batch.ended.values())))
    for (city, month), workers in batch.fixed.items():
        await tx.execute(_SQL["month_fixed"], city, month, workers)
