"""Dead letters: inputs that could not be read or decided, and those of the same stream that wait behind them.

A dead letter blocks its own stream alone. A foreign record blocks nothing: it is kept only so that people can see it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from schemas.envelope import Envelope
from services.runtime.base.postgres import Connection, Pool
from services.runtime.eventlog.store import SQL

DeadLetterState = Literal["dead", "waiting", "revived", "foreign"]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An input that was put aside, whole, so that it can be decided later."""

    source: str
    seq: int
    stream: str
    kind: str
    version: int
    at: datetime
    trace: str
    cause: str
    chain: bytes
    body: bytes
    offset: int
    code: str
    detail: str
    state: DeadLetterState

    @classmethod
    def of(cls, envelope: Envelope, body: bytes, offset: int, code: str, detail: str) -> "DeadLetter":
        """A dead letter for a fact that is surely of its log."""
        return cls(
            source=envelope.service,
            seq=envelope.seq,
            stream=envelope.stream,
            kind=envelope.kind,
            version=envelope.version,
            at=envelope.at,
            trace=envelope.trace,
            cause=envelope.cause,
            chain=envelope.chain,
            body=body,
            offset=offset,
            code=code,
            detail=detail,
            state="dead",
        )

    def envelope(self, shard: int) -> Envelope:
        """The envelope in which the letter came."""
        return Envelope(
            service=self.source,
            shard=shard,
            seq=self.seq,
            stream=self.stream,
            kind=self.kind,
            version=self.version,
            at=self.at,
            trace=self.trace,
            cause=self.cause,
            chain=self.chain,
        )


async def put_aside(tx: Connection, shard: int, letters: Sequence[DeadLetter]) -> None:
    """Store letters in the transaction that moves the cursor past them."""
    await tx.executemany(
        SQL["letter_dies"],
        [
            (
                shard,
                x.source,
                x.seq,
                x.stream,
                x.kind,
                x.version,
                x.at,
                x.trace,
                x.cause,
                x.chain,
                x.body,
                x.code,
                x.detail,
                x.state,
                x.offset,
            )
            for x in letters
        ],
    )


async def revive(tx: Connection, shard: int, letter: DeadLetter) -> None:
    """Mark a letter as decided after all."""
    await tx.execute(SQL["letter_revives"], shard, letter.source, letter.seq)


async def waiting(pool: Pool, shard: int) -> list[DeadLetter]:
    """The letters of a shard that still wait, in the order in which they must be decided."""
    rows = await pool.fetch(SQL["letters"], shard)
    letters = [
        DeadLetter(**{**{k: v for k, v in row.items() if k != "topic_offset"}, "offset": row["topic_offset"]})
        for row in rows
    ]
    return sorted(letters, key=lambda x: (x.at, x.source, x.seq))
