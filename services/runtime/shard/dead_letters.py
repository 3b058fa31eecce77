"""Dead letters: inputs that could not be read or decided, and those of the same stream that wait behind them.

A dead letter blocks its own stream alone. A foreign record blocks nothing: it is kept only so that people can see it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from schemas.envelope import Envelope
from services.runtime.base.postgres import Connection, Pool
from services.runtime.contract import Written
from services.runtime.eventlog.store import SQL

DeadLetterState = Literal["dead", "waiting", "revived", "foreign"]


@dataclass(slots=True)
class DeadLetter(Written):
    """An input that cannot be processed, stored whole for a redrive. `offset` is -1 for one that was decoded."""

    code: str
    detail: str
    state: DeadLetterState
    offset: int = -1


async def put_aside(tx: Connection, shard: int, letters: Sequence[DeadLetter]) -> None:
    """Store dead letters in the transaction that moves the cursor past them."""
    await tx.executemany(
        SQL["letter_dies"],
        [(shard, x.service, *x.columns(), x.code, x.detail, x.state, x.offset) for x in letters],
    )


async def revive(tx: Connection, shard: int, letter: DeadLetter) -> None:
    """Mark a letter as decided after all."""
    await tx.execute(SQL["letter_revives"], shard, letter.service, letter.seq)


async def waiting(pool: Pool, shard: int) -> list[DeadLetter]:
    """The letters of a shard that still wait, in the order in which they must be decided."""
    rows = await pool.fetch(SQL["letters"], shard)
    letters = [
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
    return sorted(letters, key=lambda x: (x.at, x.service, x.seq))
