"""Statements on the read models, one name each, as rows. Who may see a row is asked where it is shown."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from schemas import months
from schemas.days import JAKARTA
from schemas.reference import regions
from services.gateway.domain.command_context import WorkerRow
from services.gateway.handlers.load import workers as load_workers
from services.runtime.base.postgres import Pool, Queries, Row

_SQL = Queries(__package__, "models.sql")


class Models:
    """The read models of a gateway."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def donor(self, donor: str) -> Row | None:
        """One donor."""
        return await self._pool.fetchrow(_SQL["donor"], donor)

    async def donors(self, after: str, limit: int) -> list[Row]:
        """Donors."""
        return await self._pool.fetch(_SQL["donors"], after, limit)

    async def pledge(self, pledge: str) -> Row | None:
        """One pledge."""
        return await self._pool.fetchrow(_SQL["pledge"], pledge)

    async def pledges(
        self, after: str, limit: int, *, donor: str | None, city: str | None, reference: str | None
    ) -> list[Row]:
        """Pledges."""
        return await self._pool.fetch(_SQL["pledges"], after, limit, donor, city, reference)

    async def pledge_workers(self, pledge: str, after: str, limit: int) -> list[Row]:
        """Workers of a pledge."""
        return await self._pool.fetch(_SQL["pledge_workers"], pledge, after, limit)

    async def worker(self, worker: str) -> WorkerRow | None:
        """One worker."""
        async with self._pool.acquire() as connection:
            return (await load_workers(connection, [worker])).get(worker)

    async def workers(self, after: str, limit: int, areas: Sequence[str] | None) -> list[WorkerRow]:
        """Workers of some areas, or of all."""
        # an area is its own kelurahan, or stands for everything below it
        patterns = None if areas is None else [pattern for area in areas for pattern in (area, f"{area}.%")]
        return [WorkerRow(**row) for row in await self._pool.fetch(_SQL["workers"], after, limit, patterns)]

    async def matches(
        self, after: str, limit: int, *, pledge: str | None, worker: str | None, month: str | None, donor: str | None
    ) -> list[Row]:
        """Matches."""
        return await self._pool.fetch(_SQL["matches"], after, limit, pledge, worker, month, donor)

    async def coverage(self, month: str, level: str, city: str | None) -> dict[str, Row]:
        """Counts of workers by area."""
        first = months.first_day(month)
        end = datetime.combine(months.last_day(month) + timedelta(days=1), time(), JAKARTA)
        rows = await self._pool.fetch(_SQL["coverage"], month, regions.code_length(level), city, end, first)
        return {row["area"]: row for row in rows}

    async def cities(self) -> list[str]:
        """Cities of workers and pledges."""
        return [row["city"] for row in await self._pool.fetch(_SQL["cities"])]

    async def pledged_cities(self) -> list[str]:
        """Cities of pledges."""
        return [row["city"] for row in await self._pool.fetch(_SQL["pledged_cities"])]

    async def cycle_state(self, city: str, month: str) -> str | None:
        """How far a city's month is."""
        state: str | None = await self._pool.fetchval(_SQL["cycle_state"], city, month)
        return state

    async def remittance(self, remittance: str) -> Row | None:
        """One remittance."""
        return await self._pool.fetchrow(_SQL["remittance"], remittance)

    async def dead_letters(self, service: str | None, states: Sequence[str], offset: int, limit: int) -> list[Row]:
        """Dead letters."""
        return await self._pool.fetch(_SQL["dead_letters"], service, list(states), offset, limit)

    async def dead_letter_shards(self, service: str, about: str) -> list[int]:
        """Shards with dead letters of a stream."""
        return [row["shard"] for row in await self._pool.fetch(_SQL["dead_letter_shards"], service, about)]

    async def homes(self, workers: Sequence[str]) -> dict[str, Row]:
        """Where workers live and what they do."""
        rows = await self._pool.fetch(_SQL["homes"], list(workers))
        return {row["worker"]: row for row in rows}

    async def home(self, worker: str) -> Row | None:
        """Where a worker lives."""
        return await self._pool.fetchrow(_SQL["home"], worker)


def page(items: Sequence[Any], limit: int, cursor: str) -> dict[str, Any]:
    """A page of a list, made of one row more than was asked for; `cursor` names the member to go on from."""
    more = len(items) > limit
    shown = items[:limit]
    return {"items": shown, "next": shown[-1][cursor] if more else None}
