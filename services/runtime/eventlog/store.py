"""A service's log: heads, facts, cursors, snapshots, dead letters; the truth of everything. Here in PostgreSQL.

Promises rules 1 to 3 of the design: one writer per shard (fenced by the epoch in the head row), no gaps (the number
comes from the head row inside the appending transaction), and one transaction for all that belongs together.
Must not know what a fact means. `eventlog/memory.py` keeps the same promises without a server.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, Protocol

from schemas.envelope import GENESIS, Envelope
from schemas.logs import Log
from services.runtime.base.errors import Fenced
from services.runtime.base.postgres import SMALL, Connection, Locked, Pool, Queries, Row
from services.runtime.contract import COLUMNS, Received, Recorded, Written

SQL = Queries("services.runtime.eventlog", "log.sql")

_FOLDED = 5_000
UNMOVED: Final[Mapping[str, "Cursor"]] = {}
#: how many milliseconds a take-over waits for a transaction of the former owner, before it ends it
_PATIENCE_MS = "3000"

DeadLetterState = Literal["dead", "waiting", "redriven", "foreign"]


@dataclass(slots=True)
class Head:
    """Where a shard's log ends, and under which epoch this owner writes."""

    epoch: int
    seq: int
    chain: bytes


@dataclass(slots=True)
class Cursor:
    """The last fact of a source that a shard has applied, and the Kafka offset at which it was found.

    Not frozen: one is made per record. Nothing changes it.
    """

    seq: int = 0
    chain: bytes = GENESIS
    offset: int = -1


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A state as bytes, as it was after fact `seq`."""

    seq: int
    format: int
    data: bytes


@dataclass(slots=True)
class DeadLetter(Written):
    """An input that cannot be processed, stored whole for a redrive. `offset` is -1 for one that was decoded.

    A dead letter blocks its own stream alone: what follows in it is `waiting`. A foreign record blocks nothing; it is
    stored only to be seen.
    """

    code: str
    detail: str
    state: DeadLetterState
    offset: int = -1


class Transaction(Protocol):
    """Everything that one batch writes to one shard, all or nothing."""

    @property
    def connection(self) -> Connection:
        """Where the service's handler and projector read and write their own tables."""
        ...

    async def advance(
        self, old: Head, new: Head, recorded: Sequence[Recorded] = (), cursors: Mapping[str, Cursor] = UNMOVED
    ) -> None:
        """Move the head, add the facts that lie between, and store where the shard is in its sources.

        Raises `Fenced`, and writes none of it, if this owner's epoch does not hold any more.
        """
        ...

    async def keep(self, received: Sequence[Received]) -> None:
        """Copy facts of other logs into the inbox."""
        ...

    async def store_dead(self, dead: Sequence[DeadLetter]) -> None:
        """Store dead letters."""
        ...

    async def mark_redriven(self, dead: DeadLetter) -> None:
        """Mark a dead letter as decided after all."""
        ...


class Store(Protocol):
    """What a shard processor and a relay need of a log."""

    log: Log

    async def take_over(self, shard: int, owner: str, *, expected_epoch: int | None = None) -> Head:
        """Become the one writer of a shard; its former owner is fenced from now on.

        `expected_epoch` is the one under which this owner wrote before; raises `Fenced` when another took it since.
        """
        ...

    def transaction(self, shard: int) -> AbstractAsyncContextManager[Transaction]:
        """A transaction that commits when its block ends without an exception."""
        ...

    async def read(self, shard: int, *, after: int, limit: int) -> list[Written]:
        """Facts of a shard in order, not decoded, from `after` (not included) on."""
        ...

    def fold(self, shard: int, *, after: int = 0) -> AsyncIterator[list[Recorded]]:
        """All facts of a shard after a number, decoded, in chunks."""
        ...

    async def cursors(self, shard: int) -> dict[str, Cursor]:
        """Where a shard is in each of its sources."""
        ...

    async def dead_letters(self, shard: int) -> list[DeadLetter]:
        """The dead letters of a shard and those that wait behind them, in the order in which they must be decided."""
        ...

    async def snapshot(self, shard: int) -> Snapshot | None:
        """The newest snapshot of a shard's state."""
        ...

    async def save_snapshot(self, shard: int, epoch: int, snapshot: Snapshot, at: datetime) -> None:
        """Store a snapshot, unless another owner has taken the shard over."""
        ...

    async def chains(self, shard: int, seqs: Sequence[int]) -> dict[int, bytes]:
        """The chain at some numbers, to tell own records on a topic from foreign ones."""
        ...


@dataclass(frozen=True, slots=True)
class PostgresTransaction:
    """A `Transaction` on one connection."""

    connection: Connection
    shard: int
    owner: str

    async def advance(
        self, old: Head, new: Head, recorded: Sequence[Recorded] = (), cursors: Mapping[str, Cursor] = UNMOVED
    ) -> None:
        """See `Transaction`; one statement, and a COPY when the facts are many."""
        many = len(recorded) > SMALL
        facts = _transposed([] if many else [one.columns() for one in recorded], len(COLUMNS))
        places = _transposed([(source, c.seq, c.chain, c.offset) for source, c in cursors.items()], 4)
        moved = await self.connection.fetchval(
            SQL["advance"], self.shard, old.epoch, old.seq, new.seq, new.chain, *facts, *places
        )
        if moved is None:
            raise fenced(self.owner, self.shard, old.epoch)
        if many:
            rows = [(self.shard, *one.columns()) for one in recorded]
            await self.connection.copy_records_to_table("facts", records=rows, columns=("shard", *COLUMNS))

    async def keep(self, received: Sequence[Received]) -> None:
        """See `Transaction`; many by COPY."""
        rows = [(self.shard, one.source, *one.columns()) for one in received]
        if len(rows) > SMALL:
            await self.connection.copy_records_to_table("inbox", records=rows, columns=("shard", "source", *COLUMNS))
        elif rows:
            await self.connection.execute(SQL["keep"], *zip(*rows, strict=True))

    async def store_dead(self, dead: Sequence[DeadLetter]) -> None:
        """See `Transaction`."""
        rows = [(self.shard, x.service, *x.columns(), x.code, x.detail, x.state, x.offset) for x in dead]
        await self.connection.executemany(SQL["store_dead"], rows)

    async def mark_redriven(self, dead: DeadLetter) -> None:
        """See `Transaction`."""
        await self.connection.execute(SQL["mark_redriven"], self.shard, dead.service, dead.seq)


class EventLog:
    """A `Store` in PostgreSQL: the log of one service, for all its shards."""

    def __init__(self, pool: Pool, log: Log) -> None:
        self._pool = pool
        self.log = log

    async def take_over(self, shard: int, owner: str, *, expected_epoch: int | None = None) -> Head:
        """See `Store`. A transaction that a stalled owner has left open is ended."""
        try:
            row = await self._bump_epoch(shard, owner, expected_epoch)
        except Locked:
            await self._pool.execute(SQL["end_writer"], shard)
            row = await self._bump_epoch(shard, owner, expected_epoch)
        if row is None:
            raise fenced(self.log.owner, shard, expected_epoch)
        return Head(row["epoch"], row["seq"], row["chain"])

    async def _bump_epoch(self, shard: int, owner: str, expected_epoch: int | None) -> Row | None:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL["limit_locks"], _PATIENCE_MS)
            return await connection.fetchrow(SQL["take_over"], shard, owner, GENESIS, expected_epoch)

    async def head(self, shard: int) -> Head:
        """The present head of a shard, whichever process owns it."""
        row = await self._pool.fetchrow(SQL["head"], shard)
        return Head(row["epoch"], row["seq"], row["chain"]) if row else Head(0, 0, GENESIS)

    @asynccontextmanager
    async def transaction(self, shard: int) -> AsyncIterator[PostgresTransaction]:
        """See `Store`."""
        async with self._pool.acquire() as connection, connection.transaction():
            yield PostgresTransaction(connection, shard, self.log.owner)

    async def read(self, shard: int, *, after: int, limit: int) -> list[Written]:
        """See `Store`."""
        rows = await self._pool.fetch(SQL["read"], shard, after, limit)
        return [Written(Envelope.of_row(self.log.owner, row), row["body"]) for row in rows]

    async def fold(self, shard: int, *, after: int = 0) -> AsyncIterator[list[Recorded]]:
        """See `Store`."""
        while chunk := await self.read(shard, after=after, limit=_FOLDED):
            yield [decoded(self.log, one) for one in chunk]
            after = chunk[-1].seq

    async def cursors(self, shard: int) -> dict[str, Cursor]:
        """See `Store`."""
        rows = await self._pool.fetch(SQL["cursors"], shard)
        return {row["source"]: Cursor(row["seq"], row["chain"], row["topic_offset"]) for row in rows}

    async def dead_letters(self, shard: int) -> list[DeadLetter]:
        """See `Store`."""
        rows = await self._pool.fetch(SQL["dead_letters"], shard)
        return [
            DeadLetter(
                Envelope.of_row(row["source"], row),
                row["body"],
                row["code"],
                row["detail"],
                row["state"],
                row["topic_offset"],
            )
            for row in rows
        ]

    async def snapshot(self, shard: int) -> Snapshot | None:
        """See `Store`."""
        row = await self._pool.fetchrow(SQL["snapshot"], shard)
        return Snapshot(row["seq"], row["format"], row["data"]) if row else None

    async def save_snapshot(self, shard: int, epoch: int, snapshot: Snapshot, at: datetime) -> None:
        """See `Store`."""
        await self._pool.execute(SQL["save_snapshot"], shard, epoch, snapshot.seq, snapshot.format, snapshot.data, at)

    async def chains(self, shard: int, seqs: Sequence[int]) -> dict[int, bytes]:
        """See `Store`."""
        rows = await self._pool.fetch(SQL["chains"], shard, list(seqs))
        return {row["seq"]: row["chain"] for row in rows}


def _transposed(rows: Sequence[tuple[Any, ...]], width: int) -> Sequence[Sequence[Any]]:
    """Rows as columns."""
    return list(zip(*rows, strict=True)) if rows else [()] * width


def decoded(log: Log, one: Written) -> Recorded:
    """A stored fact of a log, decoded."""
    return Recorded(one.envelope, one.body, log.codec.decode(one.body, kind=one.kind, version=one.version))


def fenced(service: str, shard: int, epoch: int | None) -> Fenced:
    """What a writer meets that is not the owner any more."""
    return Fenced("log.fenced", f"shard {shard} of {service} has another owner than epoch {epoch}")
