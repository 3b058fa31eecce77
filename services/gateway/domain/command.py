"""What every command of the gateway is: it says what it needs to know, and decides from that alone.

    needs   tells which rows of which tables it wants; the handler fetches those of a whole batch at once
    decide  pure: from the context so fetched to facts and an answer, or to a refusal

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
    """What a batch of commands needs to know. Dictionaries, because their order is that of asking."""

    donors: dict[str, None] = field(default_factory=dict)
    pledges: dict[str, None] = field(default_factory=dict)
    workers: dict[str, None] = field(default_factory=dict)
    remittances: dict[str, None] = field(default_factory=dict)
    cycles: dict[tuple[str, str], None] = field(default_factory=dict)
    #: (NIK, candidate): gives the NIK to the candidate unless somebody holds it already
    claims: list[tuple[str, str]] = field(default_factory=list)
    #: persons whose data is to be destroyed, and when that was asked
    erasures: dict[str, datetime] = field(default_factory=dict)
    #: persons whose record is to be changed
    records: dict[str, None] = field(default_factory=dict)
    #: workers of this shard whose last month lies before this one
    of_age_in: str | None = None

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
    """Facts, and the answer to whoever waits. `stores` are new persons, `updates` new records of known ones.

    `secret` says that the answer may be shown once only, and so must not be stored.
    """

    facts: Sequence[Fact]
    status: int
    body: Any
    stores: Sequence[Sealed] = ()
    updates: Sequence[tuple[str, dict[str, Any]]] = ()
    secret: bool = False


@dataclass(frozen=True, kw_only=True)
class GatewayCommand(Command):
    """Something asked of a shard. `once` makes it happen once; `day` is the Jakarta day at the edge."""

    day: date
    actor: Actor
    once: IdempotencyKey | None = None

    @property
    def made_by(self) -> str:
        """Who holds the API key, by role and key id."""
        return self.actor.identity

    def needs(self, requirements: Requirements) -> None:
        """Say what must be known; nothing, by default."""

    @abstractmethod
    def decide(self, context: CommandContext) -> Decided | Refused:
        """From what is known to facts and an answer."""
