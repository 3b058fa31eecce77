"""Idempotency-Key: the same request again is answered as the first time, and done once.

    same key, same request    the stored answer
    same key, other request   refused, `idempotency.body_differs`
    an answer with a secret   is not stored, only that it was given: `idempotency.secret_shown_once`
    a refusal                 is not stored: nothing was done, so the same request may be made again

Promises that answer and facts commit in one transaction, so there is no moment between the two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from services.gateway.domain.command import GatewayCommand, IdempotencyKey
from services.runtime.base.errors import Refused, RetryLater
from services.runtime.base.postgres import Connection, Pool, Queries, Row, columns

_SQL = Queries(__package__, "idempotency.sql")
KEPT = timedelta(hours=24)
#: stands for an answer that was shown once
_SHOWN = 0

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as HTTP will give it. `replayed` when it was given before; `shard` is where it was decided."""

    status: int
    body: Any
    shard: int | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class StoredReply:
    """A stored answer, with the hash of the request to which it was given."""

    body_hash: bytes
    status: int
    shard: int | None
    body: bytes

    def replay(self, once: IdempotencyKey) -> Reply:
        """The stored answer, for the same request only. Raises `Refused` for another, or for a secret."""
        if self.body_hash != once.body_hash:
            detail = "this Idempotency-Key came with another request before; take a new key for a new request"
            raise Refused("idempotency.body_differs", detail)
        if self.status == _SHOWN:
            made = orjson.loads(self.body)["id"]
            raise Refused("idempotency.secret_shown_once", f"it was shown when {made} was made")
        return Reply(self.status, orjson.loads(self.body), self.shard, replayed=True)


@dataclass(frozen=True, slots=True)
class _NewRow:
    """A row of `idempotency`."""

    key_id: str
    key: str
    body_hash: bytes
    status: int
    shard: int | None
    body: bytes
    created_at: datetime


async def stored(tx: Connection, commands: Sequence[GatewayCommand]) -> dict[Key, StoredReply]:
    """The answers that were given before to any of these commands."""
    given = [command.once for command in commands if command.once is not None]
    if not given:
        return {}
    rows = await tx.fetch(_SQL["stored"], [once.key_id for once in given], [once.key for once in given])
    return {(row["key_id"], row["key"]): _stored(row) for row in rows}


def _stored(row: Row) -> StoredReply:
    return StoredReply(row["body_hash"], row["status"], row["shard"], row["body"])


def without_secret(reply: Reply) -> Reply:
    """What is kept of an answer with a secret: what was made."""
    return Reply(_SHOWN, {"id": reply.body["id"]}, reply.shard)


async def store(tx: Connection, replies: Sequence[tuple[IdempotencyKey, Reply, datetime]]) -> None:
    """Keep answers. Raises `RetryLater` when another process has just answered one of these requests.

    Then nothing of the batch is written; a repeated request gets the answer of that other process.
    """
    if replies:
        rows = [
            _NewRow(once.key_id, once.key, once.body_hash, reply.status, reply.shard, orjson.dumps(reply.body), at)
            for once, reply, at in replies
        ]
        kept = await tx.fetch(_SQL["store"], *columns(rows))
        if len(kept) < len(rows):
            raise RetryLater("idempotency.running", "the same request was just answered elsewhere; send it again")


async def recall(connection: Connection, once: IdempotencyKey | None) -> Reply | None:
    """The stored answer to a request that is done in several steps, if there is one. Raises `Refused` as `replay`."""
    if once is None:
        return None
    rows = await connection.fetch(_SQL["stored"], [once.key_id], [once.key])
    return _stored(rows[0]).replay(once) if rows else None


async def sweep(pool: Pool, now: datetime) -> None:
    """Forget answers that are older than a day."""
    await pool.execute(_SQL["sweep"], now - KEPT)
