"""Folds the gateway's own facts into donors, pledges, workers and cycles.

Registrations come in thousands and are inserted at once; what changes a row later is rare and runs one by one, after
them and in order.
"""

from collections.abc import Sequence
from typing import Any, Final

from schemas import months
from schemas.facts.gateway import (
    CycleBillingRequested,
    CycleClosingRequested,
    DonorRegistered,
    PersonErased,
    PledgeAmended,
    PledgeCancelled,
    PledgeRegistered,
    PreferencesSet,
    WorkerEnded,
    WorkerRegistered,
)
from schemas.reference import regions
from services.runtime.base.postgres import Connection, Queries
from services.runtime.contract import Recorded

_SQL = Queries(__package__, "own.sql")
_WORKERS: Final = (
    "worker",
    "shard",
    "city",
    "kecamatan",
    "area",
    "occupation",
    "band",
    "eligible_until",
    "registered_at",
)


async def project(tx: Connection, recorded: Sequence[Recorded]) -> None:
    """Fold own facts of one shard, in order."""
    donors, pledges, workers = [], [], []
    ended: dict[str, tuple[str, str, Any]] = {}
    changes: list[tuple[str, tuple[Any, ...]]] = []
    for one in recorded:
        match one.fact:
            case DonorRegistered() as fact:
                donors.append((fact.donor, fact.donor_kind, fact.language, one.at))
            case PledgeRegistered() as fact:
                pledges.append(_pledge(fact, one))
            case WorkerRegistered() as fact:
                workers.append(_worker(fact, one))
            case WorkerEnded() as fact:
                ended.setdefault(fact.worker, (fact.worker, fact.reason, fact.on))
            case PersonErased(person=person):
                name = "donor_erased" if person.startswith("don_") else "worker_erased"
                changes.append((name, ([person],)))
            case PreferencesSet() as fact if fact.person.startswith("don_"):
                changes.append(("donor_prefers", (fact.person, fact.language, fact.opted_out)))
            case PledgeCancelled() as fact:
                changes.append(("pledge_cancelled", (fact.pledge, fact.from_month)))
            case PledgeAmended() as fact:
                changes.append(("pledge_amended", (fact.pledge, fact.slots, fact.months)))
            case CycleBillingRequested() as fact:
                changes.append(("billing_requested", (fact.city, fact.month, one.at)))
            case CycleClosingRequested() as fact:
                changes.append(("closing_requested", (fact.city, fact.month, one.at)))
            case _:
                pass
    await _insert(tx, "donors", donors)
    if pledges:
        await tx.executemany(_SQL["pledge"], pledges)
    if workers:
        await tx.copy_records_to_table("workers", records=workers, columns=_WORKERS)
    await _insert(tx, "workers_ended", list(ended.values()))
    for name, values in changes:
        await tx.execute(_SQL[name], *values)


async def _insert(tx: Connection, name: str, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        await tx.execute(_SQL[name], *map(list, zip(*rows, strict=True)))


def _pledge(fact: PledgeRegistered, one: Recorded) -> tuple[Any, ...]:
    scope = fact.scope
    return (
        fact.pledge, fact.donor, fact.city, fact.slots, months.count(fact.starts, fact.until), fact.starts,
        scope.areas, scope.occupations,
        scope.workers, scope.near, fact.payment, fact.programmes, fact.keep, fact.amount_idr, fact.reference, one.at,
    )  # fmt: skip


def _worker(fact: WorkerRegistered, one: Recorded) -> tuple[Any, ...]:
    return (
        fact.worker, one.shard, fact.city, regions.kecamatan_of(fact.area), fact.area, fact.occupation, fact.band,
        fact.eligible_until, one.at,
    )  # fmt: skip
