"""The base of the gateway's commands: a command states what it needs to know, and decides from that alone.

    needs   adds the rows that it reads to a batch's requirements; the handler fetches them all at once
    decide  pure: returns facts and an answer, or a refusal, from the rows fetched

Promises that commands of one batch see each other's facts, in order. Must not do any I/O.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from schemas.base import Fact
from services.gateway.domain.command_context import CommandContext
from services.gateway.domain.roles import Actor
from services.runtime.base.errors import Refused
from services.runtime.contract import Command
from services.runtime.vault import Sealed


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """An Idempotency-Key of one API key, with the keyed hash of the request that it came with."""

    key_id: str
    key: str
    body_hash: bytes


@dataclass(slots=True)
class Requirements:
    """What a batch of commands needs to know. Dictionaries keep the order of the requests."""

    donors: dict[str, None] = field(default_factory=dict)
    pledges: dict[str, None] = field(default_factory=dict)
    workers: dict[str, None] = field(default_factory=dict)
    remittances: dict[str, None] = field(default_factory=dict)
    cycles: dict[tuple[str, str], None] = field(default_factory=dict)
    #: (NIK, candidate): the NIK becomes the candidate's unless somebody holds it
    claims: list[tuple[str, str]] = field(default_factory=list)
    #: persons whose data is to be destroyed, and when that was asked
    erasures: dict[str, datetime] = field(default_factory=dict)
    #: persons whose record is to be changed
    records: dict[str, None] = field(default_factory=dict)
    #: workers of this shard whose last month lies before this one
    aged_out_by: str | None = None

    def donor(self, donor: str) -> None:
        """Ask for a donor."""
        self.donors[donor] = None

    def pledge(self, pledge: str) -> None:
        """Ask for a pledge."""
        self.pledges[pledge] = None

    def worker(self, worker: str) -> None:
        """Ask for a worker."""
        self.workers[worker] = None

    def remittance(self, remittance: str) -> None:
        """Ask for a remittance."""
        self.remittances[remittance] = None

    def cycle(self, city: str, month: str) -> None:
        """Ask for a city's month."""
        self.cycles[city, month] = None

    def claim(self, nik: str, candidate: str) -> None:
        """Ask that a NIK become the candidate's, if it is nobody's."""
        self.claims.append((nik, candidate))


@dataclass(frozen=True, slots=True)
class Decided:
    """Facts, and the answer to the caller. `stores` are new persons, `updates` new records of known ones.

    `secret`: the answer may be shown only once, so it must not be stored.
    """

    facts: Sequence[Fact]
    status: int
    body: Any
    stores: Sequence[Sealed] = ()
    updates: Sequence[tuple[str, dict[str, Any]]] = ()
    secret: bool = False


@dataclass(frozen=True, kw_only=True)
class GatewayCommand(Command):
    """A request to a shard. `once` makes it idempotent; `day` is the Jakarta day at the edge."""

    day: date
    actor: Actor
    once: IdempotencyKey | None = None

    @property
    def made_by(self) -> str:
        """Who holds the API key, by role and key id."""
        return self.actor.identity

    def needs(self, requirements: Requirements) -> None:
        """Add what must be known; nothing by default."""

    @abstractmethod
    def decide(self, context: CommandContext) -> Decided | Refused:
        """Return facts and an answer, or a refusal, from what is known."""
