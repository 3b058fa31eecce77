"""A log in memory that keeps the promises of the one in PostgreSQL, and can fail as that one does.

Passes the same contract suite (tests/support/store_contract.py). For tests and simulations: what is committed lives as
long as the `MemoryLog`, however many owners come and go. Must not be used by a service.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import cast

from schemas.envelope import GENESIS
from schemas.logs import Log
from services.runtime.base.errors import Defect
from services.runtime.base.postgres import Connection
from services.runtime.contract import Received, Recorded, Written
from services.runtime.eventlog.store import UNMOVED, Cursor, DeadLetter, Head, Snapshot, decoded, fenced

#: called at the points at which a server can fail, with a word for the point; may raise
Fault = Callable[[str], None]
_CHUNK = 1_000


@dataclass(slots=True)
class _Shard:
    """What is committed of one shard."""

    head: Head | None = None
    owner: str = ""
    facts: list[Written] = field(default_factory=list)
    inbox: list[Written] = field(default_factory=list)
    cursors: dict[str, Cursor] = field(default_factory=dict)
    dead: dict[tuple[str, int, int], DeadLetter] = field(default_factory=dict)
    snapshot: Snapshot | None = None


class _NoDatabase:
    """Stands where a connection is expected; simulations use handlers and projectors without tables."""

    def __getattr__(self, name: str) -> object:
        raise Defect("memory.no_database", f"a log in memory has no tables for {name!r}")


class MemoryTransaction:
    """A `Transaction`: changes that are applied at its end, or not at all."""

    connection: Connection = cast("Connection", _NoDatabase())

    def __init__(self, service: str, shard: int, committed: _Shard) -> None:
        self._service = service
        self._shard = shard
        self._committed = committed
        self._base: Head | None = None
        self._changes: list[Callable[[], object]] = []

    def _check(self) -> None:
        """What PostgreSQL's lock on the head row does: the head is still as its writer knows it."""
        head = self._committed.head
        if self._base is not None and (head is None or (head.epoch, head.seq) != (self._base.epoch, self._base.seq)):
            raise fenced(self._service, self._shard, self._base.epoch)

    def commit(self) -> None:
        """Apply all changes. Raises `Fenced` when the head has moved or changed hands meanwhile."""
        self._check()
        for change in self._changes:
            change()

    async def advance(
        self, old: Head, new: Head, recorded: Sequence[Recorded] = (), cursors: Mapping[str, Cursor] = UNMOVED
    ) -> None:
        """See `Transaction`."""
        self._base = old
        self._check()
        self._changes += (
            partial(setattr, self._committed, "head", new),
            partial(self._committed.facts.extend, map(_stored, recorded)),
            partial(self._committed.cursors.update, cursors),
        )

    async def keep(self, received: Sequence[Received]) -> None:
        """See `Transaction`."""
        self._changes.append(partial(self._committed.inbox.extend, map(_stored, received)))

    async def store_dead(self, dead: Sequence[DeadLetter]) -> None:
        """See `Transaction`."""
        by_key = {(one.service, one.seq, one.offset): one for one in dead}
        self._changes.append(partial(self._committed.dead.update, by_key))

    async def mark_redriven(self, dead: DeadLetter) -> None:
        """See `Transaction`."""
        marked = {
            key: replace(one, state="redriven")
            for key, one in self._committed.dead.items()
            if key[:2] == (dead.service, dead.seq) and one.state in ("dead", "waiting")
        }
        self._changes.append(partial(self._committed.dead.update, marked))


def _stored(one: Written) -> Written:
    return Written(one.envelope, one.body)


class MemoryLog:
    """A `Store` in memory."""

    def __init__(self, log: Log, fault: Fault = lambda _point: None) -> None:
        self.log = log
        self._fault = fault
        self._shards: dict[int, _Shard] = {}

    def _shard(self, shard: int) -> _Shard:
        return self._shards.setdefault(shard, _Shard())

    async def take_over(self, shard: int, owner: str, *, expected_epoch: int | None = None) -> Head:
        """See `Store`. The fault `taken` strikes after it was done: the answer is lost."""
        self._fault("take_over")
        found = self._shard(shard)
        head = found.head or Head(0, 0, GENESIS)
        if expected_epoch is not None and head.epoch != expected_epoch and found.owner != owner:
            raise fenced(self.log.owner, shard, expected_epoch)
        found.head, found.owner = replace(head, epoch=head.epoch + 1), owner
        self._fault("taken")
        return replace(found.head)

    async def head(self, shard: int) -> Head:
        """The present head of a shard, whichever process owns it."""
        return self._shard(shard).head or Head(0, 0, GENESIS)

    @asynccontextmanager
    async def transaction(self, shard: int) -> AsyncIterator[MemoryTransaction]:
        """See `Store`. The fault `commit` strikes before the commit, `committed` after it: the answer is lost."""
        self._fault("begin")
        tx = MemoryTransaction(self.log.owner, shard, self._shard(shard))
        yield tx
        self._fault("commit")
        tx.commit()
        self._fault("committed")

    async def read(self, shard: int, *, after: int, limit: int) -> list[Written]:
        """See `Store`."""
        self._fault("read")
        return self._shard(shard).facts[after : after + limit]

    async def fold(self, shard: int, *, after: int = 0) -> AsyncIterator[list[Recorded]]:
        """See `Store`."""
        while chunk := await self.read(shard, after=after, limit=_CHUNK):
            yield [decoded(self.log, one) for one in chunk]
            after = chunk[-1].seq

    async def cursors(self, shard: int) -> dict[str, Cursor]:
        """See `Store`."""
        return dict(self._shard(shard).cursors)

    async def dead_letters(self, shard: int) -> list[DeadLetter]:
        """See `Store`."""
        waiting = (one for one in self._shard(shard).dead.values() if one.state in ("dead", "waiting"))
        return sorted(waiting, key=lambda one: (one.at, one.service, one.seq))

    async def snapshot(self, shard: int) -> Snapshot | None:
        """See `Store`."""
        return self._shard(shard).snapshot

    async def save_snapshot(self, shard: int, epoch: int, snapshot: Snapshot, at: datetime) -> None:
        """See `Store`; nothing is kept of the time."""
        del at
        self._fault("snapshot")
        found = self._shard(shard)
        kept = found.snapshot
        if found.head is None or found.head.epoch != epoch:
            return
        if kept is None or kept.seq <= snapshot.seq or kept.format != snapshot.format:
            found.snapshot = snapshot

    async def chains(self, shard: int, seqs: Sequence[int]) -> dict[int, bytes]:
        """See `Store`."""
        facts = self._shard(shard).facts
        return {seq: facts[seq - 1].chain for seq in seqs if 0 < seq <= len(facts)}

    def inbox(self, shard: int) -> list[Written]:
        """The facts of other logs that were kept."""
        return self._shard(shard).inbox
