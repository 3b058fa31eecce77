"""How a lane takes parts of files: vault, facts, report and progress in the lane's one transaction.

Promises that a part counts once, however often it is asked for, and that each of its rows gets exactly one line in the
report. Must not refuse a part as a whole: rows are refused one by one.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from schemas.base import Fact
from schemas.facts.gateway import ImportFinished, ReceiptLine, ReceiptReceived
from services.gateway.domain.command import Wants
from services.gateway.domain.pledges import RegisterPledge
from services.gateway.domain.state import State
from services.gateway.domain.workers import registration
from services.gateway.handlers.load import load
from services.gateway.imports.command import Entry, FinishImport, ImportChunk, ImportCommand, Newcomer
from services.gateway.imports.import_store import SQL, note
from services.gateway.imports.lines import Flaw, Line, refused
from services.gateway.imports.pledges import Promise
from services.runtime.base import ids
from services.runtime.base.errors import Refused, RetryLater
from services.runtime.base.postgres import Connection
from services.runtime.contract import Outcome
from services.runtime.vault import Vault


@dataclass(slots=True)
class _Taken:
    """What a part leads to."""

    facts: list[Fact] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


async def decide(
    tx: Connection, vault: Vault, shard: int, state: State, commands: Sequence[ImportCommand]
) -> list[Outcome | Exception]:
    """One outcome per command, in order."""
    chunks = [command for command in commands if isinstance(command, ImportChunk)]
    done = await _done(tx, shard, chunks)
    outcomes: list[Outcome | Exception] = []
    for command in commands:
        if isinstance(command, FinishImport):
            outcomes.append(await _finish(tx, command))
        elif (command.import_id, command.chunk) in done:
            outcomes.append(Outcome((), None))
        else:
            done.add((command.import_id, command.chunk))
            taken = await _take(tx, vault, shard, state, command)
            await note(tx, command.import_id, command.chunk, shard, sorted(taken.lines, key=lambda line: line.number))
            outcomes.append(Outcome(taken.facts, None))
    return outcomes


async def _done(tx: Connection, shard: int, chunks: Sequence[ImportChunk]) -> set[tuple[str, int]]:
    if not chunks:
        return set()
    imports, numbers = [chunk.import_id for chunk in chunks], [chunk.chunk for chunk in chunks]
    return {(row["import_id"], row["chunk"]) for row in await tx.fetch(SQL["done"], shard, imports, numbers)}


async def _take(tx: Connection, vault: Vault, shard: int, state: State, command: ImportChunk) -> _Taken:
    taken = _Taken(lines=list(command.lines))
    newcomers = [ask for ask in command.asks if isinstance(ask, Newcomer)]
    promises = [ask for ask in command.asks if isinstance(ask, Promise)]
    entries = [ask for ask in command.asks if isinstance(ask, Entry)]
    if newcomers:
        await _take_workers(tx, vault, newcomers, taken)
    if promises:
        await _take_pledges(tx, vault, shard, state, command, promises, taken)
    if entries:
        await _take_receipt(tx, vault, command, entries, taken)
    return taken


async def _take_workers(tx: Connection, vault: Vault, newcomers: Sequence[Newcomer], taken: _Taken) -> None:
    """Put on record whose NIK has no owner yet; the first row of a NIK counts."""
    claims: dict[bytes, str] = {}
    for one in newcomers:
        claims.setdefault(one.nik_hash, one.worker)
    owners = await vault.claim_hashes(tx, claims)
    new = [one for one in newcomers if owners[one.nik_hash] == one.worker]
    await vault.store(tx, [one.sealed for one in new])
    for one in new:
        taken.facts.append(
            registration(
                one.worker, one.area, one.occupation, one.band, one.eligible_until, one.consent_by, one.consent_at
            )
        )
    for one in newcomers:
        owner = owners[one.nik_hash]
        if owner == one.worker:
            taken.lines.append(Line(one.number, "accepted", "", owner))
        else:
            taken.lines.append(Line(one.number, "duplicate", "nik.known", owner))


async def _take_pledges(
    tx: Connection,
    vault: Vault,
    shard: int,
    state: State,
    command: ImportChunk,
    promises: Sequence[Promise],
    taken: _Taken,
) -> None:
    """Register promises by the rules of the single route; the same terms under the same reference are known already."""
    asked = [
        RegisterPledge(
            at=command.at,
            trace=command.trace,
            day=command.day,
            actor=command.actor,
            pledge=ids.new("plg", command.at),
            donor=promise.donor,
            terms=promise.terms,
            quote=promise.quote,
        )
        for promise in promises
    ]
    wants = Wants()
    for one in asked:
        one.needs(wants)
    world = await load(tx, vault, shard, state, wants)
    known = await _known_pledges(tx, promises)
    for promise, one in zip(promises, asked, strict=True):
        key = _terms_key(promise)
        if key is not None and key in known:
            taken.lines.append(Line(promise.number, "duplicate", "pledge.known", known[key]))
            continue
        decided = one.decide(world)
        if isinstance(decided, Refused):
            flaws = [Flaw(problem.pointer.strip("/"), problem.code, problem.detail) for problem in decided.errors]
            taken.lines.append(refused(promise.number, flaws or [Flaw("pledge", decided.code, decided.detail)]))
            continue
        if key is not None:
            known[key] = one.pledge
        taken.facts += decided.facts
        taken.lines.append(Line(promise.number, "accepted", "", one.pledge))


_TermsKey = tuple[str, str, str, int, int, str]


def _terms_key(promise: Promise) -> _TermsKey | None:
    terms = promise.terms
    if terms.reference is None:
        return None
    return promise.donor, terms.reference, terms.city, terms.slots, terms.months, terms.starts


async def _known_pledges(tx: Connection, promises: Sequence[Promise]) -> dict[_TermsKey, str]:
    keys = [key for promise in promises if (key := _terms_key(promise))]
    if not keys:
        return {}
    rows = await tx.fetch(SQL["pledges_known"], [key[0] for key in keys], [key[1] for key in keys])
    return {
        (row["donor"], row["reference"], row["city"], row["slots"], row["months"], row["starts"]): row["pledge"]
        for row in rows
    }


async def _take_receipt(
    tx: Connection, vault: Vault, command: ImportChunk, entries: Sequence[Entry], taken: _Taken
) -> None:
    """One fact per remittance in the part; whether a line fits the books is the ledger's to say."""
    owners = await vault.find_hashes(tx, {entry.proof.nik_hash for entry in entries if entry.proof.nik_hash})
    named = [owners.get(entry.proof.nik_hash or b"") or entry.proof.worker for entry in entries]
    known = {row["worker"] for row in await tx.fetch(SQL["workers_known"], [worker for worker in named if worker])}
    months = [entry.month for entry in entries]
    seen = {(row["worker"], row["month"]) for row in await tx.fetch(SQL["covered"], [w or "" for w in named], months)}
    lines: dict[tuple[str, str], list[ReceiptLine]] = defaultdict(list)
    for entry, worker in zip(entries, named, strict=True):
        number = entry.proof.number
        if worker is None or worker not in known:
            field = "nik" if entry.proof.nik_hash else "worker"
            taken.lines.append(refused(number, [Flaw(field, "worker.unknown", "there is no such worker")]))
        elif (worker, entry.month) in seen:
            taken.lines.append(Line(number, "duplicate", "iuran.known", f"{worker} {entry.month}"))
        else:
            seen.add((worker, entry.month))
            proof = entry.proof
            lines[entry.remittance, entry.month].append(
                ReceiptLine(worker=worker, amount_idr=proof.amount_idr, outcome=proof.verdict, reason=proof.reason)
            )
            taken.lines.append(Line(number, "accepted", "", worker))
    for (remittance, month), of_it in lines.items():
        receipt = ids.derived("rcp", command.at, f"{command.import_id}/{command.chunk}/{remittance}")
        taken.facts.append(ReceiptReceived(receipt=receipt, remittance=remittance, month=month, lines=tuple(of_it)))


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
    await tx.execute(SQL["burn"], command.import_id)
    fact = ImportFinished(
        import_id=command.import_id,
        of=command.of,
        rows=sum(counts),
        accepted=counts[0],
        refused=counts[1],
        duplicates=counts[2],
    )
    return Outcome([fact], None)
