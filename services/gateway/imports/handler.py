"""Decides import commands: vault, facts, report and progress in one transaction of the shard.

Promises that a part is applied once, however often it is submitted, and that each of its rows has exactly one line in
the report. Must not refuse a part as a whole: rows are refused one by one.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from schemas.base import Fact
from schemas.facts.gateway import ImportFinished, ReceiptLine, ReceiptReceived
from services.gateway.domain.command import Requirements
from services.gateway.domain.pledges import RegisterPledge
from services.gateway.domain.state import State
from services.gateway.domain.workers import registration
from services.gateway.handlers.load import load
from services.gateway.imports.cell_reader import ReportLine, RowError, refused
from services.gateway.imports.command import FinishImport, ImportChunk, RoutedReceiptRow, WorkerRow
from services.gateway.imports.import_store import SQL, record
from services.gateway.imports.pledges import PledgeRow
from services.runtime.base import ids
from services.runtime.base.errors import Refused, RetryLater
from services.runtime.base.postgres import Connection
from services.runtime.contract import Outcome
from services.runtime.vault import Vault


@dataclass(slots=True)
class _Result:
    """What a part leads to."""

    facts: list[Fact] = field(default_factory=list)
    lines: list[ReportLine] = field(default_factory=list)


class ImportHandler:
    """Decides import commands; see the module."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def handle(
        self, tx: Connection, shard: int, state: State, commands: Sequence[ImportChunk | FinishImport]
    ) -> Sequence[Outcome | Exception]:
        """One outcome per command, in order."""
        chunks = [command for command in commands if isinstance(command, ImportChunk)]
        done = await _done(tx, shard, chunks)
        outcomes: list[Outcome | Exception] = []
        for command in commands:
            match command:
                case FinishImport():
                    outcomes.append(await _finish(tx, command))
                case ImportChunk(import_id=import_id, chunk=chunk) if (import_id, chunk) in done:
                    outcomes.append(Outcome((), None))
                case ImportChunk(import_id=import_id, chunk=chunk):
                    done.add((import_id, chunk))
                    result = await _apply(tx, self._vault, shard, state, command)
                    lines = sorted(result.lines, key=lambda line: line.number)
                    await record(tx, import_id, chunk, shard, lines)
                    outcomes.append(Outcome(result.facts, None))
        return outcomes


async def _done(tx: Connection, shard: int, chunks: Sequence[ImportChunk]) -> set[tuple[str, int]]:
    if not chunks:
        return set()
    imports, numbers = [chunk.import_id for chunk in chunks], [chunk.chunk for chunk in chunks]
    return {(row["import_id"], row["chunk"]) for row in await tx.fetch(SQL["done"], shard, imports, numbers)}


async def _apply(tx: Connection, vault: Vault, shard: int, state: State, command: ImportChunk) -> _Result:
    result = _Result(lines=list(command.lines))
    workers = [request for request in command.requests if isinstance(request, WorkerRow)]
    pledges = [request for request in command.requests if isinstance(request, PledgeRow)]
    receipts = [request for request in command.requests if isinstance(request, RoutedReceiptRow)]
    if workers:
        await _register_workers(tx, vault, workers, result)
    if pledges:
        await _register_pledges(tx, vault, shard, state, command, pledges, result)
    if receipts:
        await _record_receipts(tx, vault, command, receipts, result)
    return result


async def _register_workers(tx: Connection, vault: Vault, rows: Sequence[WorkerRow], result: _Result) -> None:
    """Register the workers whose NIK has no owner yet; of rows with one NIK the first counts."""
    claims: dict[bytes, str] = {}
    for row in rows:
        claims.setdefault(row.nik_hash, row.worker)
    owners = await vault.claim_hashes(tx, claims)
    new = [row for row in rows if owners[row.nik_hash] == row.worker]
    await vault.store(tx, [row.sealed for row in new])
    for row in new:
        result.facts.append(
            registration(
                row.worker, row.area, row.occupation, row.band, row.eligible_until, row.consent_by, row.consent_at
            )
        )
    for row in rows:
        owner = owners[row.nik_hash]
        if owner == row.worker:
            result.lines.append(ReportLine(row.number, "accepted", "", owner))
        else:
            result.lines.append(ReportLine(row.number, "duplicate", "nik.known", owner))


async def _register_pledges(
    tx: Connection,
    vault: Vault,
    shard: int,
    state: State,
    command: ImportChunk,
    rows: Sequence[PledgeRow],
    result: _Result,
) -> None:
    """Register pledges by the rules of `POST /v1/pledges`; the same terms under the same reference are a duplicate."""
    registrations = [
        RegisterPledge(
            at=command.at,
            trace=command.trace,
            day=command.day,
            actor=command.actor,
            pledge=ids.new("plg", command.at),
            donor=row.donor,
            terms=row.terms,
            quote=row.quote,
        )
        for row in rows
    ]
    requirements = Requirements()
    for one in registrations:
        one.needs(requirements)
    context = await load(tx, vault, shard, state, requirements)
    known = await _known_pledges(tx, rows)
    for row, one in zip(rows, registrations, strict=True):
        key = _terms_key(row)
        if key is not None and key in known:
            result.lines.append(ReportLine(row.number, "duplicate", "pledge.known", known[key]))
            continue
        decided = one.decide(context)
        if isinstance(decided, Refused):
            errors = [RowError(problem.pointer.strip("/"), problem.code, problem.detail) for problem in decided.errors]
            result.lines.append(refused(row.number, errors or [RowError("pledge", decided.code, decided.detail)]))
            continue
        if key is not None:
            known[key] = one.pledge
        result.facts += decided.facts
        result.lines.append(ReportLine(row.number, "accepted", "", one.pledge))


_TermsKey = tuple[str, str, str, int, int, str]


def _terms_key(row: PledgeRow) -> _TermsKey | None:
    terms = row.terms
    if terms.reference is None:
        return None
    return row.donor, terms.reference, terms.city, terms.slots, terms.months, terms.starts


async def _known_pledges(tx: Connection, rows: Sequence[PledgeRow]) -> dict[_TermsKey, str]:
    keys = [key for row in rows if (key := _terms_key(row))]
    if not keys:
        return {}
    found = await tx.fetch(SQL["pledges_known"], [key[0] for key in keys], [key[1] for key in keys])
    return {
        (one["donor"], one["reference"], one["city"], one["slots"], one["months"], one["starts"]): one["pledge"]
        for one in found
    }


async def _record_receipts(
    tx: Connection, vault: Vault, command: ImportChunk, routed: Sequence[RoutedReceiptRow], result: _Result
) -> None:
    """One fact per remittance in the part; the ledger decides whether a line fits the books."""
    rows = [one.row for one in routed]
    owners = await vault.find_hashes(tx, {row.nik_hash for row in rows if row.nik_hash})
    named = [owners.get(row.nik_hash or b"") or row.worker for row in rows]
    known = {one["worker"] for one in await tx.fetch(SQL["workers_known"], [worker for worker in named if worker])}
    months = [one.month for one in routed]
    seen = {(one["worker"], one["month"]) for one in await tx.fetch(SQL["covered"], [w or "" for w in named], months)}
    lines: dict[tuple[str, str], list[ReceiptLine]] = defaultdict(list)
    for one, row, worker in zip(routed, rows, named, strict=True):
        if worker is None or worker not in known:
            column = "nik" if row.nik_hash else "worker"
            error = RowError(column, "worker.unknown", "there is no such worker")
            result.lines.append(refused(row.number, [error]))
        elif (worker, one.month) in seen:
            result.lines.append(ReportLine(row.number, "duplicate", "iuran.known", f"{worker} {one.month}"))
        else:
            seen.add((worker, one.month))
            lines[one.remittance, one.month].append(
                ReceiptLine(worker=worker, amount_idr=row.amount_idr, outcome=row.verdict, reason=row.reason)
            )
            result.lines.append(ReportLine(row.number, "accepted", "", worker))
    for (remittance, month), of_it in lines.items():
        receipt = ids.derived("rcp", command.at, f"{command.import_id}/{command.chunk}/{remittance}")
        result.facts.append(ReceiptReceived(receipt=receipt, remittance=remittance, month=month, lines=tuple(of_it)))


async def _finish(tx: Connection, command: FinishImport) -> Outcome | Exception:
    sums = (await tx.fetch(SQL["sums"], command.import_id))[0]
    if sums["parts"] != command.parts:
        return RetryLater("import.unfinished", f"{sums['parts']} of {command.parts} parts are done")
    counts = (sums["accepted"], sums["refused"], sums["duplicates"])
    finished = await tx.fetchval(
        SQL["finish"], command.import_id, command.at, command.code, command.detail, sum(counts), *counts
    )
    if finished is None:
        return Outcome((), None)
    await tx.execute(SQL["destroy_file"], command.import_id)
    fact = ImportFinished(
        import_id=command.import_id,
        of=command.of,
        rows=sum(counts),
        accepted=counts[0],
        refused=counts[1],
        duplicates=counts[2],
    )
    return Outcome([fact], None)
