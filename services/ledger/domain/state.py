"""What the ledger remembers of one shard: terms and books of pledges, open cycles, cover of workers.

Plain data; only `evolve` changes it. Worker-months stay here while their cycle is open; each lies in exactly one of its
cycle's three tables, so it is in exactly one state by construction.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from schemas.facts.gateway import Language, Payment, Programme
from services.ledger.domain.accounts import BOOKS


class Hold(NamedTuple):
    """Money held for the months of a match that are not billed yet."""

    idr: int
    occupation: str
    from_month: str
    until: str


@dataclass(slots=True)
class Pledge:
    """A pledge's terms and its six books."""

    donor: str
    language: Language
    city: str
    slots: int
    starts: str
    until: str
    payment: Payment
    programmes: tuple[Programme, ...]
    transport_only: bool
    ended: str | None = None
    books: dict[str, int] = field(default_factory=lambda: dict.fromkeys(BOOKS, 0))
    holds: dict[str, Hold] = field(default_factory=dict)
    #: remittances that were not paid by their due date
    overdue: dict[str, None] = field(default_factory=dict)


class Share(NamedTuple):
    """What a worker-month is part of; one object for all workers of a bill at the same price."""

    remittance: str
    pledge: str
    idr: int


class Rejection(NamedTuple):
    """A worker-month that BPJS rejected, and the receipt that rejects it."""

    share: Share
    receipt: str


@dataclass(slots=True)
class Remittance:
    """What one payer pays in one go. `due_on` is absent until all its bills are issued."""

    donor: str
    language: Language
    city: str
    month: str
    payment: Payment
    billed_on: date
    pledges: dict[str, int] = field(default_factory=dict)
    workers: int = 0
    idr: int = 0
    due_on: date | None = None
    paid_on: date | None = None
    overdue: bool = False
    confirmed: int = 0
    confirmed_idr: int = 0
    rejected: int = 0
    #: worker -> what a receipt said of him that fits nothing, so that saying it again is no news
    misfits: dict[str, str] = field(default_factory=dict)

    @property
    def unanswered(self) -> int:
        """Worker-months that BPJS has neither confirmed nor rejected."""
        return self.workers - self.confirmed - self.rejected


@dataclass(slots=True)
class Cycle:
    """One month of one city while it is open."""

    billed: bool = False
    #: billed, and not yet answered by BPJS
    waiting: dict[str, Share] = field(default_factory=dict)
    confirmed: dict[str, Share] = field(default_factory=dict)
    rejected: dict[str, Rejection] = field(default_factory=dict)
    remittances: list[str] = field(default_factory=list)

    def share_of(self, worker: str) -> Share | None:
        """What a worker's month is part of, in whatever state it is."""
        rejection = self.rejected.get(worker)
        return self.waiting.get(worker) or self.confirmed.get(worker) or (rejection.share if rejection else None)


@dataclass(slots=True)
class City:
    """A city: its last billed month, open cycles, closed months, and the cover of its workers (see `spells`)."""

    fixed: str | None = None
    remittances: int = 0
    cycles: dict[str, Cycle] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    cover: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class State:
    """A shard. `departed` holds the last month in which a worker who left for good could be covered."""

    day: date | None = None
    pledges: dict[str, Pledge] = field(default_factory=dict)
    remittances: dict[str, Remittance] = field(default_factory=dict)
    cities: dict[str, City] = field(default_factory=dict)
    departed: dict[str, str] = field(default_factory=dict)
