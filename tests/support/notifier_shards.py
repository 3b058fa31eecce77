"""The notifier on a real PostgreSQL, without Kafka: shards decide, record and project as the runtime does."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from schemas.base import Fact
from schemas.envelope import GENESIS
from schemas.facts.notifier import NoticesSent
from services.notifier.domain.decider import NotifierDecider, State
from services.notifier.handlers.reports import ReportsHandler
from services.notifier.outbound.addresses import SsrfGuard
from services.notifier.outbound.channels import Channels
from services.notifier.outbound.contacts import Contact, Webhook
from services.notifier.outbound.due import Due
from services.notifier.outbound.mail import Mailer
from services.notifier.outbound.messenger import Messenger
from services.notifier.outbound.reports import Reporter
from services.notifier.outbound.sender import Sender
from services.notifier.outbound.webhook import WebhookCaller
from services.notifier.projections.notices import NoticesProjector
from services.runtime.base.clock import SystemClock
from services.runtime.base.errors import RetryLater
from services.runtime.base.postgres import Connection, Pool, Row
from services.runtime.contract import Command, Outcome, Received, Recorded
from services.runtime.eventlog.store import SQL, Head, PostgresTransaction
from services.settings import Notices
from tests.support import events
from tests.support.notices import AT, QUIET, an_id, received, source_of
from tests.support.receiver import Receiver

KEY = bytes(range(32))
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#: The mailbox and webhooks, as on a machine without mail.
QUIETLY = Notices(channels=("mailbox", "webhook"))


@dataclass
class Hand:
    """A clock that is turned by hand."""

    at: datetime = AT

    def now(self) -> datetime:
        """The time to which it was turned."""
        return self.at

    def turn(self, **by: float) -> None:
        """Turn it forward."""
        self.at += timedelta(**by)


class Book:
    """Contacts from a dictionary."""

    def __init__(self) -> None:
        self.pages: dict[str, Contact] = {}
        self.asked = 0

    async def of(self, persons: Iterable[str]) -> dict[str, Contact]:
        """The contacts of these persons."""
        self.asked += 1
        return {person: self.pages[person] for person in persons if person in self.pages}


@dataclass
class Shards:
    """Shards of one notifier over a log that ends at `seq`; `away` and `lost` are states of a shard."""

    pool: Pool
    seq: int = 0
    state: State = field(default_factory=State)
    log: list[Recorded] = field(default_factory=list)
    inbox: list[Received] = field(default_factory=list)
    away: bool = False
    lost: bool = False
    broken: bool = False
    _seqs: "count[int]" = field(default_factory=lambda: count(1))
    #: a shard does one thing at a time
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def owned(self) -> Sequence[int]:
        """Shard 0, unless it is away."""
        return [] if self.away or self.lost else [0]

    def holds(self, shard: int) -> bool:
        """Whether the shard is still owned."""
        return shard == 0 and not self.lost

    async def tell(self, *facts: Fact, at: datetime = AT) -> None:
        """Facts of other services, in one batch."""
        decider = NotifierDecider(QUIET)
        inputs = [received(fact, seq=next(self._seqs), source=source_of(fact), at=at) for fact in facts]
        recorded = [self._record(fact, at) for one in inputs for fact in decider.decide(self.state, one)]
        async with self.pool.acquire() as tx, tx.transaction():
            await NoticesProjector().receive(tx, inputs)
            await self._write(tx, recorded)
        self.inbox += inputs
        self.log += recorded

    async def submit(self, shard: int, command: Command) -> None:
        """A command, decided alone."""
        if self.away or self.lost:
            raise RetryLater("shard.unavailable", "not now")
        if self.broken:
            raise ArithmeticError("the handler is broken")
        async with self._turn, self.pool.acquire() as tx, tx.transaction():
            (outcome,) = await ReportsHandler().handle(tx, shard, self.state, [command])
            if isinstance(outcome, Exception):
                raise outcome
            assert isinstance(outcome, Outcome)
            recorded = [self._record(fact, command.at) for fact in outcome.facts]
            await self._write(tx, recorded)
        self.log += recorded

    async def _write(self, tx: Connection, recorded: Sequence[Recorded]) -> None:
        if recorded:
            row = await tx.fetchrow(SQL["take_over"], 0, "notifier", GENESIS, None)
            assert row is not None
            old = Head(**row)
            new = Head(old.epoch, recorded[-1].seq, recorded[-1].chain)
            await PostgresTransaction(tx, 0, "notifier").advance(old, new, recorded)
        await NoticesProjector().project(tx, recorded)

    def _record(self, fact: Fact, at: datetime) -> Recorded:
        self.seq += 1
        return events.recorded(fact, service="notifier", seq=self.seq, at=at)

    def kinds(self) -> list[str]:
        """The kinds of recorded facts, in order."""
        return [one.kind for one in self.log]

    def sent(self) -> int:
        """How often notices went out, by whatever channel."""
        facts = [one.fact for one in self.log if isinstance(one.fact, NoticesSent)]
        return sum(len(some.lines) for fact in facts for some in fact.notices)

    async def rows(self, statement: str) -> list[tuple[object, ...]]:
        """Rows of a table, as plain tuples."""
        return [tuple(row.values()) for row in await self.pool.fetch(statement)]

    async def one(self, statement: str) -> Row:
        """The one row of a statement."""
        rows: list[Row] = await self.pool.fetch(statement)
        (only,) = rows
        return only


def sender(shards: Shards, book: Book, hand: Hand, settings: Notices, *, timeout_s: float = 5) -> Sender:
    """A sender as `app.py` makes it, on this machine's addresses; calls are signed with the true time."""
    world = SystemClock()
    channels = Channels(
        mailer=Mailer(settings, world),
        messenger=Messenger(settings.messenger_url.get_secret_value()),
        caller=WebhookCaller(SsrfGuard(private_allowed=True), world, timeout_s=timeout_s),
        unsubscribe_url=settings.unsubscribe_url,
        key=KEY,
    )
    return Sender(
        due=Due(shards.pool, book, settings.channels, QUIET),
        shards=shards,
        channels=channels,
        reporter=Reporter(hand, QUIET, settings.attempts_max),
        wake=asyncio.Event(),
    )


async def send_all(one: Sender) -> None:
    """Send what is due until nothing is."""
    while await one.turn():
        await one.drain(10)


def hook(there: Receiver, number: int = 1) -> Webhook:
    """A webhook that leads to a receiver."""
    return Webhook(an_id("whk", number), there.url(f"/hook/{number}"), SECRET)


def calls_to(there: Receiver, number: int) -> int:
    """How often that webhook was called."""
    return sum(call.path == f"/hook/{number}" for call in there.calls)
