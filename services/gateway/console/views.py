"""What the console shows, as typed values read from the JSON of the public API.

Unknown fields are ignored, so that the API may grow; a field that the console needs must be there. Must not fetch.
"""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from services.gateway.console import formats


class View(BaseModel):
    """A frozen value read from an answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Cover(View):
    """How far one area is: registered workers, those with a donor, those whose month BPJS confirmed."""

    area: str
    name: str
    workers: int
    matched: int
    covered: int

    @property
    def percent(self) -> int:
        """The share protected, rounded down."""
        return formats.percent(self.covered, self.workers)

    @property
    def percent_matched(self) -> int:
        """The share with a donor or protected, rounded down."""
        return formats.percent(max(self.matched, self.covered), self.workers)

    @property
    def reached(self) -> bool:
        """Whether the target is reached."""
        return self.workers > 0 and self.covered * 100 >= self.workers * formats.TARGET_PERCENT

    @property
    def missing(self) -> int:
        """How many more must be protected to reach the target."""
        needed = -(-self.workers * formats.TARGET_PERCENT // 100)
        return max(0, needed - self.covered)


class Exceptional(View):
    """What is open in a month: so many worker-months of one remittance."""

    code: str
    worker_months: int


class Cycle(View):
    """One contribution month of the city."""

    month: str
    state: str
    worker_months: dict[str, int] = {}
    idr: dict[str, int] = {}
    exceptions: list[Exceptional] = []

    @property
    def open_months(self) -> int:
        """How many worker-months are not settled."""
        return sum(exception.worker_months for exception in self.exceptions)


class Event(View):
    """A fact as a CloudEvent."""

    id: str
    type: str
    time: datetime
    subject: str = ""
    data: dict[str, Any] = {}
    cause: str = Field(default="", alias="sekulcause")

    @property
    def kind(self) -> str:
        """The fact's kind: the type without its house and version."""
        return self.type.removeprefix("sekul.").rpartition(".v")[0]

    @property
    def service(self) -> str:
        """The service whose log it is in."""
        return self.id.partition("/")[0]


class Scope(View):
    """Which workers a pledge may protect."""

    areas: list[str]
    occupations: list[str] = []


class PledgeMonth(View):
    """What became of one month of a pledge."""

    month: str
    state: str
    idr: int
    workers: int


class Pledge(View):
    """A pledge with its state and its months; `incomplete` names the services that could not be asked."""

    id: str
    donor: str
    status: str
    slots: int
    filled: int
    starts: str
    until: str
    payment: str
    scope: Scope
    months: list[PledgeMonth]
    incomplete: list[str] = []


class Worker(View):
    """A worker as the console sees one: no personal field."""

    id: str
    status: str
    area: str
    pledge: str | None = None
    covered_until: str | None = None
    spell_months: int
    occupation: str


class Reason(View):
    """One reason why, or why not."""

    code: str
    detail: str


class Explanation(View):
    """Why things are so, and the smallest change that would help."""

    status: str = ""
    why: list[Reason] = []
    change: Reason | None = None


class Health(View):
    """One service: whether it lives, what it holds, how far behind each source it is (in facts)."""

    service: str
    live: bool
    ready: bool
    why: str = ""
    owned: int
    shards: int
    head: int
    lag: dict[str, int] = {}
    progress_at: datetime | None = None

    @property
    def good(self) -> bool:
        """Whether nobody needs to look at it."""
        return self.live and self.ready


class DeadLetter(View):
    """An input that a service could not decide."""

    service: str
    about: str
    source: str
    source_seq: int
    shard: int
    code: str
    detail: str
    at: datetime


class Notice(View):
    """A notice as its receiver reads it; the name is masked."""

    id: str
    at: datetime
    recipient: str
    name: str = ""
    template: str
    language: str
    subject: str
    text: str


class KindBalance(View):
    """What all accounts of one kind hold together."""

    kind: str
    balance_idr: int


class TrialBalance(View):
    """All balances; their sum is zero, or something is wrong. `broken` names accounts on the wrong side of zero."""

    sum_idr: int
    broken: list[Any] = []
    kinds: list[KindBalance]


class Clock(View):
    """The day of the programme."""

    day: date
