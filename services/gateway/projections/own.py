"""Folds the gateway's own facts into donors, pledges, workers and cycles.

Registrations come in thousands and are inserted at once; what changes a row later is rare and runs one by one, after
them and in order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

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
from services.runtime.base.postgres import Connection, Queries, columns, copy_rows
from services.runtime.contract import Recorded

_SQL = Queries(__package__, "own.sql")


@dataclass(frozen=True, slots=True)
class _Donor:
    """A row of `donors`."""

    donor: str
    kind: str
    language: str
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class _Pledge:
    """A row of `pledges`; several codes or ids are one text, as arrays of arrays cannot be of different lengths."""

    pledge: str
    donor: str
    city: str
    slots: int
    months: int
    starts: str
    areas: str
    occupations: str
    workers: str
    near: str | None
    payment: str
    programmes: str
    keep: bool
    amount_idr: int | None
    reference: str | None
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class _Worker:
    """A row of `workers`."""

    worker: str
    shard: int
    city: str
    area: str
    occupation: str
    eligible_until: str
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class _Ended:
    """A worker who left the list."""

    worker: str
    reason: str
    on: date


async def project(tx: Connection, recorded: Sequence[Recorded]) -> None:
    """Fold own facts of one shard, in order."""
    donors, pledges, workers = list[_Donor](), list[_Pledge](), list[_Worker]()
    ended: dict[str, _Ended] = {}
    changes: list[tuple[str, tuple[Any, ...]]] = []
    for one in recorded:
        match one.fact:
            case DonorRegistered() as fact:
                donors.append(_Donor(fact.donor, fact.donor_kind, fact.language, one.at))
            case PledgeRegistered() as fact:
                pledges.append(_pledge(fact, one.at))
            case WorkerRegistered() as fact:
                workers.append(_worker(fact, one))
            case WorkerEnded() as fact:
                ended.setdefault(fact.worker, _Ended(fact.worker, fact.reason, fact.on))
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
    if donors:
        await tx.execute(_SQL["donors"], *columns(donors))
    if pledges:
        await tx.execute(_SQL["pledges"], *columns(pledges))
    await copy_rows(tx, "workers", workers)
    if ended:
        await tx.execute(_SQL["workers_ended"], *columns(list(ended.values())))
    for name, values in changes:
        await tx.execute(_SQL[name], *values)


def _pledge(fact: PledgeRegistered, at: datetime) -> _Pledge:
    scope = fact.scope
    return _Pledge(
        fact.pledge, fact.donor, fact.city, fact.slots, months.count(fact.starts, fact.until), fact.starts,
        ",".join(scope.areas), ",".join(scope.occupations), ",".join(scope.workers), scope.near, fact.payment,
        ",".join(fact.programmes), fact.keep, fact.amount_idr, fact.reference, at,
    )  # fmt: skip


def _worker(fact: WorkerRegistered, one: Recorded) -> _Worker:
    return _Worker(
        fact.worker, one.shard, fact.city, fact.area, fact.occupation, fact.eligible_until, one.at,
    )  # fmt: skip
