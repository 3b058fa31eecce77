"""A service's log in PostgreSQL: heads, facts, cursors, snapshots; the truth of everything.

Promises rules 1 to 3 of the design: one writer per shard (fenced by the epoch in the head row), no gaps (the number
comes from the head row inside the appending transaction), and one transaction for all that belongs together.
Must not know what a fact means.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.envelope import GENESIS, Envelope
from schemas.logs import Log
from services.runtime.base.errors import Fenced
from services.runtime.base.postgres import Connection, Pool, Queries
from services.runtime.contract import COLUMNS, Received, Recorded, Written

SQL = Queries("services.runtime.eventlog", "log.sql")

_FOLDED = 5_000


@dataclass(slots=True)
class Head:
    """Where a shard's log ends, and under which epoch this owner writes. Not frozen: one is made per fact."""

    epoch: int
    seq: int
    chain: bytes


@dataclass(slots=True)
class Cursor:
    """The last fact of a source that a shard has applied, and the Kafka offset at which it was found.

    Not frozen: one is made per record. Nobody changes it.
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


class EventLog:
    """The log of one service, for all its shards."""

    def __init__(self, pool: Pool, log: Log) -> None:
        self._pool = pool
        self.log = log

    async def take_over(self, shard: int, owner: str, *, again: int | None = None) -> Head:
        """Become the one writer of a shard; whoever was it before is fenced from now on.

        `again` is the epoch under which this owner wrote before. Raises `Fenced` when another took the shard since.
        """
        row = await self._pool.fetchrow(SQL["take_over"], shard, owner, GENESIS, again)
        if row is None:
            raise Fenced("log.fenced", f"shard {shard} of {self.log.owner} has another owner than epoch {again}")
        return Head(row["epoch"], row["seq"], row["chain"])

    async def head(self, shard: int) -> Head:
        """The present head of a shard, whoever owns it."""
        row = await self._pool.fetchrow(SQL["head"], shard)
        return Head(row["epoch"], row["seq"], row["chain"]) if row else Head(0, 0, GENESIS)

    async def advance(self, tx: Connection, shard: int, old: Head, new: Head) -> None:
        """Move the head, if this owner's epoch still holds. Raises `Fenced` when it changed no row."""
        moved = await tx.fetchval(SQL["advance"], shard, old.epoch, old.seq, new.seq, new.chain)
        if moved is None:
            raise Fenced("log.fenced", f"shard {shard} of {self.log.owner} has another owner than epoch {old.epoch}")

    async def append(self, tx: Connection, recorded: Sequence[Recorded]) -> None:
        """Add facts by COPY; their numbers were taken from the head that `advance` moves in the same transaction."""
        rows = [(r.shard, *r.columns()) for r in recorded]
        await tx.copy_records_to_table("facts", records=rows, columns=("shard", *COLUMNS))

    async def keep(self, tx: Connection, received: Sequence[Received]) -> None:
        """Copy facts of other logs into the inbox, by COPY."""
        rows = [(r.shard, r.source, *r.columns()) for r in received]
        await tx.copy_records_to_table("inbox", records=rows, columns=("shard", "source", *COLUMNS))

    async def read(self, shard: int, *, after: int, limit: int) -> list[Written]:
        """Facts of a shard in order, as they lie there, from `after` (not included) on."""
        rows = await self._pool.fetch(SQL["read"], shard, after, limit)
        return [Written(Envelope.of_row(self.log.owner, row), row["body"]) for row in rows]

    async def fold(self, shard: int, *, after: int = 0) -> AsyncIterator[list[Recorded]]:
        """All facts of a shard after a number, decoded, in chunks."""
        decode = self.log.codec.decode
        while chunk := await self.read(shard, after=after, limit=_FOLDED):
            yield [Recorded(x.envelope, x.body, decode(x.body, kind=x.kind, version=x.version)) for x in chunk]
            after = chunk[-1].seq

    async def cursors(self, shard: int) -> dict[str, Cursor]:
        """Where a shard stands in each of its sources."""
        rows = await self._pool.fetch(SQL["cursors"], shard)
        return {row["source"]: Cursor(row["seq"], row["chain"], row["topic_offset"]) for row in rows}

    async def move_cursors(self, tx: Connection, shard: int, cursors: dict[str, Cursor]) -> None:
        """Store where a shard stands; part of the transaction that applied the facts."""
        await tx.executemany(
            SQL["move_cursor"],
            [(shard, source, c.seq, c.chain, c.offset) for source, c in cursors.items()],
        )

    async def snapshot(self, shard: int) -> Snapshot | None:
        """The newest snapshot of a shard's state."""
        row = await self._pool.fetchrow(SQL["snapshot"], shard)
        return Snapshot(row["seq"], row["format"], row["data"]) if row else None

    async def save_snapshot(self, shard: int, epoch: int, snapshot: Snapshot, at: datetime) -> None:
        """Store a snapshot, unless another owner has taken the shard over."""
        await self._pool.execute(SQL["save_snapshot"], shard, epoch, snapshot.seq, snapshot.format, snapshot.data, at)

    async def chains(self, shard: int, seqs: Sequence[int]) -> dict[int, bytes]:
        """The chain at some numbers, to tell own records on a topic from foreign ones."""
        rows = await self._pool.fetch(SQL["chains"], shard, list(seqs))
        return {row["seq"]: row["chain"] for row in rows}

    async def last_day_at(self) -> datetime | None:
        """When the newest day of this log began, over all shards."""
        at: datetime | None = await self._pool.fetchval(SQL["last_day_at"])
        return at
