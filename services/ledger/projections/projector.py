"""Writes the ledger's tables in the transaction that appends: COPY for what only grows, sums for what moves."""

from collections.abc import Sequence
from dataclasses import astuple
from typing import Final

from services.ledger.projections.packed import COLUMNS
from services.ledger.projections.rows import Batch, collect
from services.runtime.base.postgres import Connection, Queries, columns, copy_packed, copy_rows
from services.runtime.contract import Received, Recorded

SQL: Final = Queries("services.ledger.projections", "projections.sql")


class BooksProjector:
    """The projector of the ledger."""

    tables: tuple[str, ...] = (
        "pledges",
        "holds",
        "balances",
        "bills",
        "iuran",
        "receipts",
        "outcomes",
        "remittances",
        "pledge_months",
        "cycles",
    )

    async def project(self, tx: Connection, recorded: Sequence[Recorded]) -> None:
        """Fold facts of the ledger's log into its tables."""
        batch = collect(recorded)
        await copy_rows(tx, "bills", batch.bills)
        await copy_rows(tx, "receipts", batch.receipts)
        await copy_rows(tx, "remittances", batch.remittances)
        for table, rows in (("holds", batch.holds), ("iuran", batch.iuran), ("outcomes", batch.outcomes)):
            await copy_packed(tx, table, COLUMNS[table], rows)
        if batch.balances:
            # accounts that end where they began, too: rows must not depend on where one batch ends and the next begins
            accounts = sorted(batch.balances)
            idrs = [batch.balances[account] for account in accounts]
            await tx.execute(SQL["move_balances"], recorded[0].shard, accounts, idrs)
        if batch.months:
            keys = sorted(batch.months)
            pledges, months = [pledge for pledge, _ in keys], [month for _, month in keys]
            await tx.execute(SQL["move_pledge_months"], pledges, months, *columns([batch.months[key] for key in keys]))
        await _states(tx, batch)

    async def receive(self, tx: Connection, received: Sequence[Received]) -> None:
        """Other logs reach the books through decisions alone."""


async def _states(tx: Connection, batch: Batch) -> None:
    """The few rows whose columns change: pledges, remittances and cycles."""
    if batch.pledges:
        await tx.executemany(SQL["put_pledges"], [astuple(row) for row in batch.pledges.values()])
    if batch.paid:
        await tx.execute(SQL["pay_remittances"], *columns(batch.paid))
    if batch.overdue:
        await tx.execute(SQL["mark_overdue"], list(batch.overdue), list(batch.overdue.values()))
    if batch.answers:
        await tx.execute(SQL["answer_remittances"], list(batch.answers), *columns(list(batch.answers.values())))
    if batch.billed:
        await tx.executemany(SQL["bill_cycles"], [astuple(row) for row in batch.billed])
    if batch.closed:
        await tx.executemany(SQL["close_cycles"], [astuple(row) for row in batch.closed])
