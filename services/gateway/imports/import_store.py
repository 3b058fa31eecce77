"""The tables of imports: sealed files, parts that are done, and the reports made from them.

Promises that a file is stored sealed and whole or not at all. Must not read what a row says.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from services.gateway.domain.roles import Actor
from services.gateway.imports.cell_reader import ReportLine
from services.gateway.imports.layouts import Of
from services.runtime.base.postgres import Connection, Pool, Queries, Row
from services.runtime.vault import Vault, Wrapped

SQL: Final = Queries(__package__, "queries.sql")
PIECE_BYTES: Final = 512 * 1024
_REPORT_CHUNKS: Final = 8
_RUNNING_MAX: Final = 100


@dataclass(frozen=True)
class Import:
    """A file that has come: of what, from whom, when."""

    id: str
    of: Of
    actor: Actor
    city: str | None
    at: datetime
    day: date
    trace: str
    pieces: int
    wrapped: Wrapped


async def store(tx: Connection, vault: Vault, opened: Import, data: bytes, rows_expected: int | None) -> None:
    """Store a file, sealed piece by piece under the key that `opened` brings."""
    actor = opened.actor
    await tx.execute(
        SQL["create"], opened.id, opened.of, actor.key, actor.role, actor.donor, list(actor.areas), opened.city,
        opened.at, opened.day, opened.trace, opened.pieces, rows_expected, opened.wrapped.version, opened.wrapped.key,
    )  # fmt: skip
    for piece in range(opened.pieces):
        part = data[piece * PIECE_BYTES : (piece + 1) * PIECE_BYTES]
        await tx.execute(SQL["store"], opened.id, piece, vault.crypto.seal_blob(opened.id, opened.wrapped, piece, part))


def pieces_of(data: bytes) -> int:
    """Into how many pieces a file is cut."""
    return -(-len(data) // PIECE_BYTES)


async def running(pool: Pool) -> list[Import]:
    """The unfinished imports, the oldest first."""
    return [_import(row) for row in await pool.fetch(SQL["running"], _RUNNING_MAX)]


def _import(row: Row) -> Import:
    return Import(
        id=row["id"],
        of=row["of"],
        actor=Actor(row["key_id"], row["role"], row["donor"], tuple(row["areas"])),
        city=row["city"],
        at=row["at"],
        day=row["day"],
        trace=row["trace"],
        pieces=row["pieces"],
        wrapped=Wrapped(row["key_version"], row["wrapped_key"]),
    )


async def contents(pool: Pool, vault: Vault, opened: Import) -> bytes:
    """The file, opened in memory."""
    data = bytearray()
    for piece in range(opened.pieces):
        sealed = await pool.fetchval(SQL["piece"], opened.id, piece)
        data += vault.crypto.open_blob(opened.id, opened.wrapped, piece, sealed)
    return bytes(data)


async def parts_done(pool: Pool, import_id: str) -> dict[tuple[int, int], int]:
    """What is done of a file: chunk and shard, with the number of rows."""
    return {(row["chunk"], row["shard"]): row["rows"] for row in await pool.fetch(SQL["parts"], import_id)}


async def record(tx: Connection, import_id: str, chunk: int, shard: int, lines: Sequence[ReportLine]) -> None:
    """Write down what became of a part's rows: with this the part is done."""
    numbers, outcomes, codes, details = (
        [getattr(line, name) for line in lines] for name in ("number", "outcome", "code", "detail")
    )
    counts = [outcomes.count(outcome) for outcome in ("accepted", "refused", "duplicate")]
    await tx.execute(SQL["record"], import_id, chunk, shard, numbers, outcomes, codes, details, *counts)


@dataclass(frozen=True)
class Status:
    """How far an import is. `code` and `detail` tell what was wrong with the file as a whole, if anything was."""

    id: str
    of: Of
    key_id: str
    at: datetime
    done: bool
    accepted: int
    refused: int
    duplicates: int
    rows_expected: int | None
    code: str | None
    detail: str | None

    def document(self) -> dict[str, Any]:
        """As JSON values."""
        document: dict[str, Any] = {
            "id": self.id,
            "of": self.of,
            "status": "done" if self.done else "running",
            "rows": self.accepted + self.refused + self.duplicates,
            "accepted": self.accepted,
            "refused": self.refused,
            "duplicates": self.duplicates,
            "rows_expected": self.rows_expected,
        }
        return document if self.code is None else document | {"problem": {"code": self.code, "detail": self.detail}}


async def status(pool: Pool, import_id: str) -> Status | None:
    """How far an import is; None when there is none with this id."""
    row = await pool.fetchrow(SQL["status"], import_id)
    return await _status(pool, row) if row else None


async def listed(pool: Pool, key_id: str | None, before: str | None, limit: int) -> list[Status]:
    """Imports, the newest first: of one API key, or of all."""
    return [await _status(pool, row) for row in await pool.fetch(SQL["list"], key_id, before, limit)]


async def _status(pool: Pool, row: Row) -> Status:
    sums = (await pool.fetch(SQL["sums"], row["id"]))[0]
    return Status(
        id=row["id"],
        of=row["of"],
        key_id=row["key_id"],
        at=row["at"],
        done=row["finished_at"] is not None,
        accepted=sums["accepted"],
        refused=sums["refused"],
        duplicates=sums["duplicates"],
        rows_expected=row["rows_expected"],
        code=row["code"],
        detail=row["detail"],
    )


async def report(pool: Pool, import_id: str) -> AsyncIterator[list[ReportLine]]:
    """What became of all rows so far, in their order, a handful of chunks at a time."""
    last = await pool.fetchval(SQL["last_chunk"], import_id)
    for chunk in range(0, (last if last is not None else -1) + 1, _REPORT_CHUNKS):
        lines = [
            ReportLine(*line)
            for row in await pool.fetch(SQL["report"], import_id, chunk, chunk + _REPORT_CHUNKS)
            for line in zip(row["numbers"], row["outcomes"], row["codes"], row["details"], strict=True)
        ]
        yield sorted(lines, key=lambda line: line.number)
