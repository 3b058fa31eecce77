"""The books as others may read them: asks the tables, and shapes the rows.

Promises to read committed rows only. Must not know HTTP.
"""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from schemas import months
from services.ledger.domain import accounts
from services.ledger.inbound import answers
from services.runtime.base import ids
from services.runtime.base.postgres import Pool, Queries

SQL: Final = Queries("services.ledger.inbound", "queries.sql")
EXCEPTIONS_MAX: Final = 1_000


class Books:
    """Reads the tables of the ledger."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def cycle(self, month: str, city: str | None) -> dict[str, Any]:
        """A month in a city, or in all cities together; a month that nobody billed is open and empty."""
        rows = await self._pool.fetch(SQL["cycles"], month, city)
        exceptions = await self._pool.fetch(SQL["exceptions"], month, city, EXCEPTIONS_MAX)
        return answers.cycle(month, city, rows, exceptions)

    async def remittances(
        self, month: str | None, donor: str | None, city: str | None, after: str, limit: int
    ) -> list[dict[str, Any]]:
        """Remittances after an id, in the order of their ids."""
        rows = await self._pool.fetch(SQL["remittances"], month, donor, city, after, limit)
        return [answers.remittance(row) for row in rows]

    async def remittance(self, name: str) -> dict[str, Any] | None:
        """One remittance."""
        row = await self._pool.fetchrow(SQL["remittance"], name)
        return answers.remittance(row) if row else None

    async def by_pay_code(self, code: str) -> dict[str, Any] | None:
        """The remittance that is paid with a code."""
        row = await self._pool.fetchrow(SQL["by_pay_code"], code)
        return answers.remittance(row) if row else None

    async def lines(
        self, name: str, after: tuple[int, str], limit: int, recorded_by: datetime | None
    ) -> list[dict[str, Any]] | None:
        """Worker-months of a remittance in the order of its bills, with their state at an instant.

        Returns None if there is no such remittance.
        """
        remittance = await self._pool.fetchrow(SQL["remittance"], name)
        if remittance is None:
            return None
        rows = await self._pool.fetch(SQL["lines"], name, *after, limit, recorded_by)
        workers = dict(zip(ids.decode([row["worker"] for row in rows]), rows, strict=True))
        month = months.number(remittance["month"])
        found = await self._pool.fetch(SQL["outcomes"], [UUID(bytes=one) for one in workers], month, recorded_by)
        outcomes = {row["worker"].bytes: row for row in found}
        return [answers.line(row, remittance, outcomes.get(key), recorded_by) for key, row in workers.items()]

    async def accounts(self, after: str, limit: int) -> list[dict[str, Any]]:
        """Accounts after a name, in the order of their names."""
        rows = await self._pool.fetch(SQL["accounts"], after, limit)
        return [answers.account(row["account"], row["idr"]) for row in rows]

    async def trial_balance(self, as_of: date | None, recorded_by: datetime | None) -> dict[str, Any]:
        """All balances, as they stand or as they stood."""
        if as_of is None and recorded_by is None:
            rows = await self._pool.fetch(SQL["balances"])
        else:
            rows = await self._pool.fetch(SQL["balances_as_of"], as_of, recorded_by)
        return answers.trial_balance({row["account"]: row["idr"] for row in rows}, as_of, recorded_by)

    async def entries(
        self, after: tuple[int, int], pledge: str | None, worker: UUID | None, limit: int
    ) -> list[dict[str, Any]]:
        """Entries after a shard and number, in that order."""
        if worker is None:
            rows = await self._pool.fetch(SQL["entries"], *after, pledge, limit)
        else:
            rows = await self._pool.fetch(SQL["entries_of_worker"], *after, pledge, worker, limit)
        return [answers.entry(row) for row in rows]

    async def pledge(self, name: str) -> dict[str, Any] | None:
        """A pledge's terms, months and books."""
        terms = await self._pool.fetchrow(SQL["pledge"], name)
        if terms is None:
            return None
        names = [accounts.book(name, book) for book in accounts.BOOKS]
        balances = {row["account"]: row["idr"] for row in await self._pool.fetch(SQL["pledge_balances"], names)}
        return answers.pledge(terms, balances, await self._pool.fetch(SQL["pledge_months"], name))
