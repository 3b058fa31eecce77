"""The matcher's log: who is protected by which slot, from month to month, and why."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.base import (
    Area,
    City,
    Code,
    Count,
    DonorId,
    Fact,
    MatchGroup,
    Month,
    PledgeId,
    QuarterEnd,
    Record,
    Text,
    WorkerId,
)
from schemas.facts.common import DayBegan, DeadLetterRecorded, DeadLetterRedriven
from schemas.facts.gateway import DonorKind, EndReason, PledgeTerms, Scope
from schemas.languages import Language

MatchReason = Literal["new", "named", "substitution", "renewal", "swap", "rematch"]
MatchEnd = Literal[
    "swapped",
    "died",
    "moved",
    "formal_job",
    "age",
    "withdrew",
    "cancelled",
    "suspended",
    "amended",
    "term_over",
]


class WorkerListed(Fact):
    """A worker entered the matcher's list: from now on he waits for a sponsor, or has one."""

    STREAM: ClassVar[str] = "worker"
    kind: Literal["worker.listed"] = "worker.listed"
    worker: WorkerId
    city: City
    area: Area
    occupation: Code
    band: Annotated[int, Field(ge=1, le=2)]
    eligible_until: QuarterEnd


class WorkerUnlisted(Fact):
    """A worker left the matcher's list: he neither waits nor takes a slot any longer."""

    STREAM: ClassVar[str] = "worker"
    kind: Literal["worker.unlisted"] = "worker.unlisted"
    worker: WorkerId
    reason: EndReason | Literal["erased"]


class PledgeOpened(PledgeTerms, Fact):
    """The matcher took a pledge; its slots fill once `starts` is within the horizon."""

    STREAM: ClassVar[str] = "pledge"
    kind: Literal["pledge.opened"] = "pledge.opened"
    pledge: PledgeId
    donor_kind: DonorKind
    #: whether every worker in scope is in transport in the sense of PP 50/2025 (prices the promise)
    transport_only: bool
    scope: Scope = Scope(areas=())
    #: never swap its workers
    keep: bool = False


class PledgeRefused(Fact):
    """A pledge, or a change to it, that cannot be taken as it stands; nobody waits, so the refusal is on record."""

    STREAM: ClassVar[str] = "pledge"
    kind: Literal["pledge.refused"] = "pledge.refused"
    pledge: PledgeId
    donor: DonorId | None
    code: Code
    detail: Text


class PledgeReshaped(Fact):
    """A pledge has other terms now: slots or last month changed by amendment."""

    STREAM: ClassVar[str] = "pledge"
    kind: Literal["pledge.reshaped"] = "pledge.reshaped"
    pledge: PledgeId
    slots: Count
    until: Month


class PledgeEnded(Fact):
    """A pledge fills no slot any longer; `last_month` is the last that it pays for."""

    STREAM: ClassVar[str] = "pledge"
    kind: Literal["pledge.ended"] = "pledge.ended"
    pledge: PledgeId
    reason: Literal["cancelled", "term_over"]
    last_month: Month


class PledgeSuspended(Fact):
    """A pledge did not pay in time: its workers are matched again and its slots stay empty until it pays."""

    STREAM: ClassVar[str] = "pledge"
    kind: Literal["pledge.suspended"] = "pledge.suspended"
    pledge: PledgeId


class PledgeResumed(Fact):
    """A suspended pledge paid what it owed; its slots fill again."""

    STREAM: ClassVar[str] = "pledge"
    kind: Literal["pledge.resumed"] = "pledge.resumed"
    pledge: PledgeId


class PledgeMatched(Fact):
    """At the start of a day: how many slots of a pledge are filled, if that changed since it was last reported."""

    STREAM: ClassVar[str] = "pledge"
    kind: Literal["pledge.matched"] = "pledge.matched"
    pledge: PledgeId
    donor: DonorId
    language: Language
    filled: Count
    slots: Count


class MadeLine(MatchGroup):
    """Slots protect workers of one occupation from `from_month` to `until`, both included."""

    occupation: Code
    from_month: Month
    until: Month
    reason: MatchReason


class MatchesMade(Fact):
    """Workers get slots of a pledge: all that one input leads to, at most 1,000 workers a fact."""

    STREAM: ClassVar[str] = "pledge"
    kind: Literal["matches.made"] = "matches.made"
    pledge: PledgeId
    lines: tuple[MadeLine, ...]
    workers: Count


class EndedLine(MatchGroup):
    """Matches end after `last_month`; a match whose first month lies behind that never took effect."""

    last_month: Month
    reason: MatchEnd


class MatchesEnded(Fact):
    """Matches of a pledge end: all that one input leads to, at most 1,000 workers a fact."""

    STREAM: ClassVar[str] = "pledge"
    kind: Literal["matches.ended"] = "matches.ended"
    pledge: PledgeId
    lines: tuple[EndedLine, ...]
    workers: Count


class RosterLine(MatchGroup):
    """Workers of one occupation on a pledge's roster of a month."""

    occupation: Code


class RosterFixed(Fact):
    """The workers that a pledge pays for in a month, fixed for billing; at most 1,000 workers a fact."""

    STREAM: ClassVar[str] = "pledge"
    kind: Literal["roster.fixed"] = "roster.fixed"
    city: City
    month: Month
    pledge: PledgeId
    part: Count
    lines: tuple[RosterLine, ...]
    workers: Count


class MonthFixed(Fact):
    """All rosters of a city's month are fixed; swaps take effect in later months only."""

    STREAM: ClassVar[str] = "city"
    kind: Literal["month.fixed"] = "month.fixed"
    city: City
    month: Month
    pledges: Count
    workers: Count


class ForeseenLapse(Record):
    """A covered worker has no sponsor after `last_month`."""

    worker: WorkerId
    last_month: Month


class LapsesForeseen(Fact):
    """Workers whom a pledge covered last will lapse soon, at most 1,000 a fact."""

    STREAM: ClassVar[str] = "pledge"
    kind: Literal["lapses.foreseen"] = "lapses.foreseen"
    pledge: PledgeId
    day: date
    lines: tuple[ForeseenLapse, ...]


MatcherFact = Annotated[
    DayBegan
    | DeadLetterRecorded
    | DeadLetterRedriven
    | WorkerListed
    | WorkerUnlisted
    | PledgeOpened
    | PledgeRefused
    | PledgeReshaped
    | PledgeEnded
    | PledgeSuspended
    | PledgeResumed
    | PledgeMatched
    | MatchesMade
    | MatchesEnded
    | RosterFixed
    | MonthFixed
    | LapsesForeseen,
    Field(discriminator="kind"),
]
