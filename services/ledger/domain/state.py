"""What the ledger remembers of one shard: terms and books of pledges, open cycles, cover of workers.

Plain data; only `evolve` changes it. Worker-months stay here while their cycle is open. States are types: a
worker-month or a remittance is in exactly one, with what belongs to it.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from schemas.facts.gateway import Payment, Programme
from schemas.languages import Language
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


@dataclass(frozen=True, slots=True)
class Billed:
    """A worker-month that BPJS has not answered. Like its next states, one object for all that are equal."""

    share: Share


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A worker-month that BPJS confirmed."""

    share: Share


@dataclass(frozen=True, slots=True)
class Rejected:
    """A worker-month that BPJS rejected, and the receipt that rejects it."""

    share: Share
    receipt: str


WorkerMonth = Billed | Confirmed | Rejected


@dataclass(frozen=True, slots=True)
class Collecting:
    """A remittance whose bills are being issued."""


@dataclass(frozen=True, slots=True)
class Due:
    """A remittance that is to be paid until a day."""

    due_on: date


@dataclass(frozen=True, slots=True)
class Overdue:
    """A remittance that was not paid by its due date, and may be paid until its month closes."""


@dataclass(frozen=True, slots=True)
class Paid:
    """A remittance that was paid in full."""

    paid_on: date


@dataclass(frozen=True, slots=True)
class Unpaid:
    """A remittance whose month closed without a payment."""


Phase = Collecting | Due | Overdue | Paid | Unpaid


@dataclass(slots=True)
class Remittance:
    """What one payer pays in one go."""

    donor: str
    language: Language
    city: str
    month: str
    payment: Payment
    billed_on: date
    phase: Phase = Collecting()
    pledges: dict[str, int] = field(default_factory=dict)
    workers: int = 0
    idr: int = 0
    confirmed: int = 0
    confirmed_idr: int = 0
    rejected: int = 0
    #: worker -> what a receipt says of the worker that fits nothing, so that the same again is no news
    misfits: dict[str, str] = field(default_factory=dict)

    @property
    def unanswered(self) -> int:
        """Worker-months that BPJS has neither confirmed nor rejected."""
        return self.workers - self.confirmed - self.rejected


@dataclass(slots=True)
class Cycle:
    """One month of one city while it is open."""

    billed: bool = False
    workers: dict[str, WorkerMonth] = field(default_factory=dict)
    remittances: list[str] = field(default_factory=list)


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
