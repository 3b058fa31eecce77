"""Toy services on the real runtime: they count and echo, so that a test sees every input exactly once."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from schemas.base import Fact
from schemas.facts.common import DayBegan, DeadLetterRecorded, DeadLetterRedriven
from schemas.facts.gateway import DonorRegistered, RedriveRequested
from schemas.facts.matcher import PledgeRefused
from schemas.logs import GATEWAY, MATCHER, ServiceName
from schemas.redrive import redrive_of
from services.runtime.base import ids
from services.runtime.base.errors import Poison
from services.runtime.base.postgres import Connection
from services.runtime.base.settings import Database, Kafka
from services.runtime.contract import Command, Outcome, Received, Recorded, Service, fold_each
from services.settings import Settings
from tests.support.postgres import MASTER_KEY


@dataclass
class Tally:
    """How many facts were folded, and how many inputs were seen per kind."""

    folded: int = 0
    echoed: dict[str, int] = field(default_factory=dict)


class Nothing:
    """A projector without tables."""

    tables: tuple[str, ...] = ()

    async def project(self, tx: Connection, recorded: Sequence[Recorded]) -> None:
        """Keep nothing."""

    async def receive(self, tx: Connection, received: Sequence[Received]) -> None:
        """Keep nothing."""


class Counter:
    """Folds by counting; decides nothing."""

    snapshot_format = 1

    def initial(self, shard: int) -> Tally:
        """Nothing counted yet."""
        return Tally()

    def decide(self, state: Tally, received: Received) -> Sequence[Fact]:
        """Whatever `answers` yields, folded."""
        return fold_each(self, state, self.answers(state, received), received.at)

    def answers(self, state: Tally, received: Received) -> Iterator[Fact]:
        """Returns no facts."""
        yield from ()

    def evolve(self, state: Tally, fact: Fact, at: datetime) -> None:
        """Count all but dead letters: when they come is no part of what a toy service decides."""
        state.folded += not isinstance(fact, DeadLetterRecorded | DeadLetterRedriven)

    def dump(self, state: Tally) -> bytes:
        """As JSON."""
        return json.dumps([state.folded, state.echoed]).encode()

    def load(self, shard: int, data: bytes) -> Tally:
        """From JSON."""
        folded, echoed = json.loads(data)
        return Tally(folded, echoed)


class Echo(Counter):
    """Answers each donor with one refusal that names the donor and the running number of the answer."""

    def __init__(self, poisoned: Callable[[Received], bool] = lambda _received: False) -> None:
        self.poisoned = poisoned

    def answers(self, state: Tally, received: Received) -> Iterator[Fact]:
        """One answer per donor, one day per day."""
        match received.fact:
            case DayBegan(day=day):
                yield DayBegan(day=day)
            case DonorRegistered(donor=donor):
                yield PledgeRefused(
                    pledge=received.new_id("plg"), donor=donor, code="toy.echo", detail=str(state.folded)
                )
                if self.poisoned(received):
                    raise Poison("toy.poison", "this donor is poison")


@dataclass(frozen=True, kw_only=True)
class Register(Command):
    """Ask the toy gateway to register a donor."""

    donor: str

    @property
    def made_by(self) -> str:
        """An operator."""
        return "operator/key"


class RegisterHandler:
    """Registers every donor."""

    async def handle(
        self, tx: Connection, shard: int, state: Tally, commands: Sequence[Command]
    ) -> Sequence[Outcome | Exception]:
        """One fact per command."""
        return [
            Outcome([DonorRegistered(donor=c.donor, donor_kind="person", language="id")], c.donor)
            for c in commands
            if isinstance(c, Register)
        ]


def gateway() -> Service:
    """A gateway that registers donors and keeps an inbox."""
    return Service(
        GATEWAY, Counter(), Nothing(), handler=RegisterHandler(), keeps_inbox=True, redrive=redrive_of("gateway")
    )


def matcher(decider: Echo | None = None) -> Service:
    """A matcher that echoes donors."""
    return Service(MATCHER, decider or Echo(), Nothing(), redrive=redrive_of("matcher"))


def settings(kafka: str, url: str, data: Path, *, shards: int = 4, instance: str = "test") -> Settings:
    """Settings for one toy process."""
    return Settings(
        data=data,
        shards=shards,
        instance=instance,
        master_key=MASTER_KEY,
        database=Database(url=f"postgresql://{url.rpartition('@')[2]}"),
        kafka=Kafka(servers=kafka, session_timeout_ms=6_000),
    )


def donor(number: int, at: datetime) -> str:
    """A donor's id."""
    return ids.derived("don", at, str(number))


def redrive(service: ServiceName, about: str) -> Fact:
    """A request to decide the dead letters of a stream again."""
    return RedriveRequested(service=service, about=about)
