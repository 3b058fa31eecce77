"""From a file to portions of rows, each ready for the shards; CPU only, so that it can run in another process.

A portion is a chunk: the same file always has the same chunks, so a completed chunk is skipped unread.
Must not do any I/O but chance for keys and ids.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from schemas.days import jakarta_day
from services.gateway.domain.roles import Actor
from services.gateway.imports import pledges, receipts, workers
from services.gateway.imports.cell_reader import ReportLine, broken
from services.gateway.imports.command import WorkerRow
from services.gateway.imports.layouts import LAYOUTS, Of
from services.gateway.imports.pledges import PledgeRow
from services.gateway.imports.receipts import ReceiptRow
from services.gateway.imports.tabular import BrokenRow, Row, Table, open_table
from services.gateway.imports.workers import WorkerDraft
from services.runtime.base import ids
from services.runtime.base.errors import Poison
from services.runtime.base.keys import Keys
from services.runtime.vault.crypto import Crypto

CHUNK_ROWS: Final = 1_000


@dataclass(frozen=True)
class Job:
    """What is to be read, on whose behalf. `chunks_done` need not be read again."""

    import_id: str
    of: Of
    actor: Actor
    city: str | None
    at: datetime
    keys: Keys = field(repr=False)
    chunks_done: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Portion:
    """One chunk of a file. `problem` is what ended the file before its time, if something did."""

    chunk: int
    requests: list[WorkerRow | PledgeRow | ReceiptRow]
    lines: list[ReportLine]
    problem: tuple[str, str] | None = None


def portions(job: Job, data: bytes) -> Iterator[Portion]:
    """The chunks of a file that are not done. Raises `Poison` when the file cannot be opened at all."""
    table = open_table(io.BytesIO(data), LAYOUTS[job.of])
    reader = RowReader(job, table)
    for chunk, (rows, problem) in enumerate(_chunks(table.rows)):
        if chunk not in job.chunks_done:
            yield reader.portion(chunk, rows, problem)


def _chunks(rows: Iterator[Row | BrokenRow]) -> Iterator[tuple[list[Row | BrokenRow], Poison | None]]:
    """The rows by the thousand; with the last ones, what ended the file before its time, if something did."""
    chunk: list[Row | BrokenRow] = []
    try:
        for row in rows:
            chunk.append(row)
            if len(chunk) == CHUNK_ROWS:
                yield chunk, None
                chunk = []
    except Poison as problem:
        yield chunk, problem
        return
    if chunk:
        yield chunk, None


class RowReader:
    """Turns rows into portions, by the rules of one kind of file."""

    def __init__(self, job: Job, table: Table) -> None:
        self._job = job
        self._crypto = Crypto(job.keys)
        self._header_row = table.header_row
        self._columns = frozenset(table.columns)
        self._context = workers.Context(job.actor, job.city, job.at, self._columns)

    def portion(self, chunk: int, rows: list[Row | BrokenRow], problem: Poison | None) -> Portion:
        """A chunk, read. What ended the file has a line of its own, behind the last row that was read."""
        results = [broken(row) if isinstance(row, BrokenRow) else self._read(row) for row in rows]
        lines = [result for result in results if isinstance(result, ReportLine)]
        requests = [result for result in results if isinstance(result, PledgeRow | ReceiptRow)]
        workers = self._seal([result for result in results if isinstance(result, WorkerDraft)])
        if problem is None:
            return Portion(chunk, [*workers, *requests], lines)
        after = rows[-1].number + 1 if rows else chunk * CHUNK_ROWS + self._header_row + 1
        lines.append(ReportLine(after, "refused", problem.code, problem.detail))
        return Portion(chunk, [*workers, *requests], lines, (problem.code, problem.detail))

    def _read(self, row: Row) -> WorkerDraft | PledgeRow | ReceiptRow | ReportLine:
        match self._job.of:
            case "workers":
                return workers.read(row, self._context)
            case "pledges":
                return pledges.read(row, jakarta_day(self._job.at))
            case "receipts":
                return receipts.read(row, self._columns, self._crypto.lookup)

    def _seal(self, registrations: list[WorkerDraft]) -> list[WorkerRow]:
        named = [(ids.new("wrk", self._job.at), one.found.record) for one in registrations]
        return [
            WorkerRow(
                number=one.number,
                worker=sealed.person,
                area=one.found.area,
                occupation=one.found.occupation,
                band=one.found.band,
                eligible_until=one.found.eligible_until,
                consent_by=one.consent_by,
                consent_at=one.consent_at,
                nik_hash=self._crypto.lookup(one.found.nik),
                sealed=sealed,
            )
            for one, sealed in zip(registrations, self._crypto.seal(named), strict=True)
        ]
