"""Folds the ledger's facts into covered months, workers' cover, remittances and cycles.

Confirmations come in thousands of lines and are written at once; what touches the same rows is written in order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from schemas.facts.ledger import (
    CycleBilled,
    CycleClosed,
    CycleCloseRefused,
    IuranConfirmed,
    RemittancePaid,
    RemittancePrepared,
    WorkerLapsed,
)
from services.runtime.base.postgres import Connection, Queries, columns
from services.runtime.contract import Received

_SQL = Queries(__package__, "ledger.sql")


@dataclass(frozen=True, slots=True)
class _Month:
    """A worker-month that BPJS confirmed."""

    worker: str
    month: str
    remittance: str


@dataclass(frozen=True, slots=True)
class _Spell:
    """Until when a worker is covered, and for how many months without a break."""

    worker: str
    covered_until: str
    spell_months: int


@dataclass(frozen=True, slots=True)
class _Lapse:
    """The month without confirmed iuran after a covered one."""

    worker: str
    covered_until: str
    month: str


class _Cover:
    """Lines that can be written together: of each worker-month, and of each worker, the last."""

    def __init__(self) -> None:
        self.months: dict[tuple[str, str], _Month] = {}
        self.workers: dict[str, _Spell] = {}
        self.lapsed: dict[str, _Lapse] = {}

    async def confirm(self, tx: Connection, fact: IuranConfirmed) -> None:
        """Take a confirmation in, after the lapses that came before it."""
        if self.lapsed:
            await self.flush(tx)
        for line in fact.lines:
            for worker in line.workers:
                self.months[worker, fact.month] = _Month(worker, fact.month, fact.remittance)
                self.workers[worker] = _Spell(worker, line.covered_until, line.spell_months)

    async def lapse(self, tx: Connection, fact: WorkerLapsed) -> None:
        """Take a lapse in, after the confirmations that came before it."""
        if self.months:
            await self.flush(tx)
        self.lapsed[fact.worker] = _Lapse(fact.worker, fact.covered_until, fact.month)

    async def flush(self, tx: Connection) -> None:
        """Write what has gathered."""
        gathered: tuple[tuple[str, dict[Any, Any]], ...] = (
            ("covered_months", self.months),
            ("worker_cover", self.workers),
            ("worker_lapsed", self.lapsed),
        )
        for name, rows in gathered:
            if rows:
                await tx.execute(_SQL[name], *columns(list(rows.values())))
                rows.clear()


async def receive(tx: Connection, received: Sequence[Received]) -> None:
    """Fold the ledger's facts of one shard, in order."""
    cover = _Cover()
    for one in received:
        match one.fact:
            case IuranConfirmed() as fact:
                await cover.confirm(tx, fact)
            case WorkerLapsed() as fact:
                await cover.lapse(tx, fact)
            case RemittancePrepared() as fact:
                await tx.execute(
                    _SQL["remittance"], fact.remittance, fact.donor, fact.city, fact.month, fact.payment, fact.pledges,
                    fact.workers, fact.total_idr, fact.pay_code, fact.due_on,
                )  # fmt: skip
            case RemittancePaid() as fact:
                await tx.execute(_SQL["remittance_paid"], fact.remittance, fact.paid_on)
            case CycleBilled() as fact:
                await tx.execute(_SQL["cycle_billed"], fact.city, fact.month, fact.worker_months, fact.idr)
            case CycleClosed() as fact:
                await tx.execute(
                    _SQL["cycle_closed"], fact.city, fact.month, one.at, fact.confirmed, fact.rejected, fact.unpaid,
                    fact.confirmed_idr,
                )  # fmt: skip
            case CycleCloseRefused() as fact:
                await tx.execute(_SQL["close_refused"], fact.city, fact.month, fact.exceptions)
            case _:
                pass
    await cover.flush(tx)
