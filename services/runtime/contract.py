"""What a service provides to the runtime: a pure decider, its projections, and (at the edge) a handler of commands.

The runtime keeps shards, fences, cursors, offsets and transactions; a service never sees them.
"""

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any, Final, Protocol, TypeVar

from schemas.base import Fact
from schemas.envelope import Envelope
from schemas.logs import Log
from services.runtime.base import ids
from services.runtime.base.postgres import Connection

State = TypeVar("State")
Seen_contra = TypeVar("Seen_contra", contravariant=True)


#: the columns in which a log stores a fact, besides its shard (and, in an inbox, its source)
COLUMNS: Final = ("seq", "stream", "kind", "version", "at", "body", "actor", "cause", "trace", "chain")


@dataclass(slots=True)
class Written:
    """One fact as it lies in a log: its envelope and its bytes. The envelope's attributes can be read from it.

    Not frozen, as an envelope is not: one is made per fact. Nothing changes it.
    """

    envelope: Envelope
    body: bytes

    def columns(self) -> tuple[Any, ...]:
        """What is stored of it besides shard and owner, in the order of `COLUMNS`."""
        e = self.envelope
        return e.seq, e.stream, e.kind, e.version, e.at, self.body, e.actor, e.cause, e.trace, e.chain

    @property
    def service(self) -> str:
        """The owner of the log."""
        return self.envelope.service

    @property
    def shard(self) -> int:
        """The shard of the log."""
        return self.envelope.shard

    @property
    def seq(self) -> int:
        """The number in the log."""
        return self.envelope.seq

    @property
    def stream(self) -> str:
        """The id of the stream."""
        return self.envelope.stream

    @property
    def kind(self) -> str:
        """The kind of fact."""
        return self.envelope.kind

    @property
    def version(self) -> int:
        """The version of its shape."""
        return self.envelope.version

    @property
    def at(self) -> datetime:
        """When it happened."""
        return self.envelope.at

    @property
    def actor(self) -> str:
        """Who or what made it."""
        return self.envelope.actor

    @property
    def cause(self) -> str:
        """The position of the input that it answers, or `command`."""
        return self.envelope.cause

    @property
    def trace(self) -> str:
        """The trace context."""
        return self.envelope.trace

    @property
    def chain(self) -> bytes:
        """The hash of the log up to it."""
        return self.envelope.chain

    @property
    def position(self) -> str:
        """`<service>/<shard>/<seq>`."""
        return self.envelope.position


@dataclass(slots=True)
class Recorded(Written):
    """A fact of the own log, decoded."""

    fact: Fact


@dataclass(slots=True)
class Received(Written):
    """A fact of another service's log, decoded. `by` is the service that reads it."""

    fact: Fact
    by: str
    #: how many ids it has led to
    _ids: int = field(default=0, compare=False)

    @property
    def source(self) -> str:
        """The service from whose log it comes."""
        return self.envelope.service

    def new_id(self, prefix: str) -> str:
        """A new id; deciding the same input again makes the same ids in the same order."""
        ordinal = self._ids
        self._ids = ordinal + 1
        return ids.derived(prefix, self.envelope.at, f"{self.by}<{self.envelope.position}#{ordinal}")


class Portions:
    """An answer that takes long to decide: each portion, of no fact or some, is some milliseconds' work.

    Iterating decides and returns all facts at once.
    """

    def __init__(self, portions: Iterator[Sequence[Fact]]) -> None:
        self.portions = portions

    def __iter__(self) -> Iterator[Fact]:
        """All facts."""
        return chain.from_iterable(self.portions)


class Decider(Protocol[State]):
    """The pure core of a service, one state per shard."""

    #: Raised whenever the form of `dump` changes; older snapshots are then replaced by a replay of the log.
    snapshot_format: int

    def initial(self, shard: int) -> State:
        """The state before the first fact."""
        ...

    def decide(self, state: State, received: Received) -> Sequence[Fact] | Portions:
        """Returns the facts that answer an input, already folded: `state` is as `evolve` of these facts makes it.

        Raises `Poison` for an input that can never be decided; `state` is undefined after an exception, and until
        `Portions` have been taken to their end.
        """
        ...

    def evolve(self, state: State, fact: Fact, at: datetime) -> None:
        """Fold a fact of the own log into the state, in place: in replay, and for facts that commands led to."""
        ...

    def dump(self, state: State) -> bytes:
        """A state as bytes, for a snapshot."""
        ...

    def load(self, shard: int, data: bytes) -> State:
        """The inverse of `dump`."""
        ...


def fold_each(decider: Decider[State], state: State, facts: Iterable[Fact], at: datetime) -> list[Fact]:
    """Returns the facts of a rule, each folded before the rule goes on: for rules that are generators."""
    folded = []
    for fact in facts:
        decider.evolve(state, fact, at)
        folded.append(fact)
    return folded


class Projector(Protocol):
    """Tables that can be made again from the log, kept up to date in the transaction that appends."""

    #: The tables of the service's schema that this projector fills, in an order that respects references.
    tables: tuple[str, ...]

    async def project(self, tx: Connection, recorded: Sequence[Recorded]) -> None:
        """Fold facts of the own log, all of one shard and in order, into the tables."""
        ...

    async def receive(self, tx: Connection, received: Sequence[Received]) -> None:
        """Fold facts of other logs, all of one shard and in order per source, into the tables."""
        ...


@dataclass(frozen=True)
class Outcome:
    """What a command led to: facts to append, and the answer for the caller (durable when returned)."""

    facts: Sequence[Fact]
    answer: Any


@dataclass(frozen=True, kw_only=True)
class Command:
    """A request to a shard from the edge. `at`, `trace` and `made_by` become those of its facts."""

    at: datetime
    trace: str = ""

    @property
    @abstractmethod
    def made_by(self) -> str:
        """The actor: `<role>/<key id>`, or `service/<name>` for what a service asks of itself."""


class Handler(Protocol[Seen_contra]):
    """Decides commands in batches: all of them share one transaction and one commit (group commit).

    Unlike a decider it leaves `state` alone: the runtime folds the facts of the outcomes once all have been decided.
    """

    async def handle(
        self, tx: Connection, shard: int, state: Seen_contra, commands: Sequence[Command]
    ) -> Sequence[Outcome | Exception]:
        """One outcome per command, in order; an exception refuses that command alone. Writes by `tx` commit with it.

        An SQL error fails the whole batch; the runtime then tries each command alone, so `handle` must be repeatable.
        """
        ...


class Listener(Protocol):
    """Somebody who wants to know at once what was committed (live streams, senders). Must not block or raise."""

    def committed(self, shard: int, recorded: Sequence[Recorded], received: Sequence[Received]) -> None:
        """Called after each commit, in order per shard."""
        ...


@dataclass(frozen=True)
class Service:
    """A service as the runtime runs it."""

    log: Log
    decider: Decider[Any]
    projector: Projector
    handler: Handler[Any] | None = None
    listeners: tuple[Listener, ...] = ()
    #: the kinds of fact that the service decides or projects; all others only move its cursors, unread. None: all kinds
    handles: frozenset[type[Fact]] | None = None
    #: whether a copy of other services' facts is kept in the table `inbox`, for read models over all logs
    keeps_inbox: bool = False
    #: the stream whose dead letters are to be decided again because of a fact, received or recorded; None: none
    redrive: Callable[[Fact], str | None] = lambda _fact: None
    #: called whenever a shard was taken over, before anything is decided there
    opened: Callable[[], Awaitable[None]] | None = None

    @property
    def name(self) -> str:
        """The service's name: also its PostgreSQL schema and its consumer group."""
        return self.log.owner
