"""Writes the ledger's tables in the transaction that appends: COPY for what only grows, sums for what moves."""

from collections.abc import Sequence
from dataclasses import astuple
from typing import Final

from services.ledger.projections.rows import COPIED, Batch, collect
from services.runtime.base.postgres import Connection, Queries
from services.runtime.contract import Received, Recorded

SQL: Final = Queries("services.ledger.projections", "projections.sql")


class BooksProjector:
    """The projector of the ledger."""

    tables: tuple[str, ...] = (
        "pledges",
        "entries",
        "balances",
        "bills",
        "iuran",
        "outcomes",
        "misfits",
        "remittances",
        "pledge_months",
        "cycles",
    )

    async def project(self, tx: Connection, recorded: Sequence[Recorded]) -> None:
        """Fold facts of the ledger's log into its tables."""
        batch = collect(recorded)
        for table, rows in batch.copied.items():
            if rows:
                await tx.copy_records_to_table(table, records=rows, columns=COPIED[table])
        if batch.balances:
            # accounts that end where they began, too: rows must not depend on where one batch ends and the next begins
            accounts = sorted(batch.balances)
            idrs = [batch.balances[account] for account in accounts]
            await tx.execute(SQL["move_balances"], recorded[0].shard, accounts, idrs)
        if batch.months:
            keys = sorted(batch.months)
            sums = zip(*[astuple(batch.months[key]) for key in keys], strict=True)
            pledges, months = zip(*keys, strict=True)
            await tx.execute(SQL["move_pledge_months"], pledges, months, *[list(column) for column in sums])
        await _states(tx, batch)

    async def receive(self, tx: Connection, received: Sequence[Received]) -> None:
        """Other logs reach the books through decisions alone."""


async def _states(tx: Connection, batch: Batch) -> None:
    """The few rows whose columns change: pledges, remittances and cycles."""
    if batch.pledges:
        await tx.executemany(SQL["put_pledges"], list(batch.pledges.values()))
    if batch.paid:
        await tx.execute(SQL["pay_remittances"], *[list(column) for column in zip(*batch.paid, strict=True)])
    if batch.overdue:
        await tx.execute(SQL["mark_overdue"], list(batch.overdue), list(batch.overdue.values()))
    if batch.answers:
        answers = zip(*[astuple(one) for one in batch.answers.values()], strict=True)
        await tx.execute(SQL["answer_remittances"], list(batch.answers), *[list(column) for column in answers])
    if batch.billed:
        await tx.executemany(SQL["bill_cycles"], batch.billed)
    if batch.closed:
        await tx.executemany(SQL["close_cycles"], batch.closed)
