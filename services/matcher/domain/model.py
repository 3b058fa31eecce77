"""What the matcher knows of workers, pledges and matches. Months are counts of months (`schemas.months.number`).

Records only; `city.py` alone changes them.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

from schemas.facts.matcher import MatchReason
from schemas.languages import Language

Tier = Literal["returning", "plain"]
#: Why a worker who had a sponsor waits again: the reason of the match that he will get.
Lost = Literal["", "renewal", "rematch"]
Status = Literal["open", "suspended", "ended"]
#: A month before all others: "never".
NEVER: Final = 0


@dataclass(slots=True, eq=False)
class Cell:
    """Workers who are interchangeable for matching: same kelurahan, occupation group and band."""

    index: int
    area: str
    occupation: str
    band: int
    #: number of its kecamatan's tally
    tally: int


@dataclass(frozen=True, slots=True)
class Left:
    """A worker is not on the list any more."""

    reason: str


@dataclass(slots=True, eq=False)
class Worker:
    """One worker. `number` counts registrations in the city: the lower, the longer he waits."""

    id: str
    city: str
    number: int
    cell: Cell
    eligible_until: int
    #: the last month that an ended or expiring match covers
    covered_until: int = NEVER
    #: the `covered_until` of which a lapse was foreseen
    foreseen: int = NEVER
    lost: Lost = ""
    #: matched in the graph, waiting in a queue, gone, or on the list without a slot that he could take: one of these
    standing: "Match | Tier | Left | None" = None
    #: matches out of the graph that still cover months which are not fixed
    ending_matches: tuple["Match", ...] = ()
    #: the last pledge that covered him
    sponsor: "Pledge | None" = None

    @property
    def seat(self) -> "Match | None":
        """His place in the graph."""
        standing = self.standing
        return standing if isinstance(standing, Match) else None

    @property
    def queue(self) -> Tier | None:
        """Where he waits, if he does."""
        standing = self.standing
        return standing if isinstance(standing, str) else None

    @property
    def left(self) -> str:
        """Why he left the list; empty while he is on it."""
        standing = self.standing
        return standing.reason if isinstance(standing, Left) else ""


@dataclass(slots=True, eq=False)
class Match:
    """A pledge protects a worker from `first` to `last`. `order` counts the matches of the city."""

    id: str
    order: int
    worker: Worker
    pledge: "Pledge"
    first: int
    last: int
    reason: MatchReason
    #: whether the log has its end
    end_recorded: bool = False


@dataclass(slots=True, eq=False)
class Supply:
    """Pledges of one scope: one node of the graph. `open` lists those with a free slot by index, oldest first."""

    index: int
    open: list[int] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Pledge:
    """One pledge. `seats` are its matches in the graph, `ending_matches` the others that cover open months, by id."""

    index: int
    id: str
    city: str
    donor: str
    language: Language
    slots: int
    starts: int
    until: int
    areas: tuple[str, ...]
    occupations: tuple[str, ...]
    #: a pledge that names workers protects them alone, and is no node of the graph
    workers: tuple[str, ...]
    near: str
    keep: bool
    supply: Supply | None = None
    status: Status = "open"
    #: in the graph: open, begun within the horizon, and with a month left after it
    active: bool = False
    #: how many of its free slots the graph counts
    offered: int = 0
    seats: dict[str, Match] = field(default_factory=dict)
    ending_matches: dict[str, Match] = field(default_factory=dict)
    #: ending matches that still take a slot in the horizon month
    blocked: int = 0
    #: month -> by how many the slots in use change in it
    load: dict[int, int] = field(default_factory=dict)
    #: how many slots were filled when that was last reported
    last_reported: int = 0

    @property
    def free(self) -> int:
        """How many slots are not taken in the horizon month."""
        return self.slots - len(self.seats) - self.blocked

    @property
    def filled(self) -> int:
        """How many slots are taken in the horizon month."""
        return len(self.seats) + self.blocked

    @property
    def pins(self) -> bool:
        """Whether its workers are never moved by a swap."""
        return self.keep or bool(self.workers)

    def used(self, month: int) -> int:
        """How many slots are in use in a month that is not fixed."""
        return sum(change for at, change in self.load.items() if at <= month)
