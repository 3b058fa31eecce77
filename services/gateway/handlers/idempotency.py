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

from services.gateway.domain.command import GatewayCommand, Once
from services.runtime.base.errors import Refused, RetryLater
from services.runtime.base.postgres import Connection, Pool, Queries, Row

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
class Given:
    """A stored answer, with the hash of the request to which it was given."""

    body_hash: bytes
    status: int
    shard: int | None
    body: bytes

    def again(self, once: Once) -> Reply | Refused:
        """The stored answer, for the same request only."""
        if self.body_hash != once.body_hash:
            detail = "this Idempotency-Key came with another request before; take a new key for a new request"
            return Refused("idempotency.body_differs", detail)
        if self.status == _SHOWN:
            made = orjson.loads(self.body)["id"]
            return Refused("idempotency.secret_shown_once", f"it was shown when {made} was made")
        return Reply(self.status, orjson.loads(self.body), self.shard, replayed=True)


async def given(tx: Connection, commands: Sequence[GatewayCommand]) -> dict[Key, Given]:
    """The answers that were given before to any of these commands."""
    keys = [(c.once.key_id, c.once.key) for c in commands if c.once is not None]
    if not keys:
        return {}
    key_ids, names = zip(*keys, strict=True)
    rows = await tx.fetch(_SQL["given"], key_ids, names)
    return {(row["key_id"], row["key"]): _given(row) for row in rows}


def _given(row: Row) -> Given:
    return Given(row["body_hash"], row["status"], row["shard"], row["body"])


def without_secret(reply: Reply) -> Reply:
    """What is kept of an answer with a secret: what was made."""
    return Reply(_SHOWN, {"id": reply.body["id"]}, reply.shard)


async def give(tx: Connection, replies: Sequence[tuple[Once, Reply, datetime]]) -> None:
    """Keep answers. Raises `RetryLater` when another process has just answered one of these requests.

    Then nothing of the batch is written; whoever asks again gets the answer of that other process.
    """
    if replies:
        rows = [
            (once.key_id, once.key, once.body_hash, reply.status, reply.shard, orjson.dumps(reply.body), at)
            for once, reply, at in replies
        ]
        kept = await tx.fetch(_SQL["give"], *map(list, zip(*rows, strict=True)))
        if len(kept) < len(rows):
            raise RetryLater("idempotency.running", "the same request was just answered elsewhere; send it again")


async def recall(connection: Connection, once: Once | None) -> Reply | Refused | None:
    """The stored answer to a request that is done in several steps, if it was given before."""
    if once is None:
        return None
    rows = await connection.fetch(_SQL["given"], [once.key_id], [once.key])
    return _given(rows[0]).again(once) if rows else None


async def sweep(pool: Pool, now: datetime) -> None:
    """Forget answers that are older than a day."""
    await pool.execute(_SQL["sweep"], now - KEPT)
