"""What a client sees when PostgreSQL dies in the middle of its work: always a database that is away, never a defect."""

import asyncio
from collections.abc import AsyncIterator

from services.ops.embedded.postgres import Postgres
from services.runtime.base.postgres import Connection, is_away, open_pool


async def test_a_server_that_dies_while_rows_are_copied_is_away(postgres: Postgres) -> None:
    async def dying() -> AsyncIterator[tuple[str]]:
        for number in range(20_000):
            if number == 10_000:
                postgres.kill()
                # its helpers notice while they wait for more
                await asyncio.sleep(0.5)
            yield ("x" * 1_000,)

    async def copy(connection: Connection) -> None:
        async with connection.transaction():
            await connection.execute("CREATE TEMPORARY TABLE rows (row text)")
            await connection.copy_records_to_table("rows", records=dying())

    seen: list[Exception] = []
    async with open_pool(postgres.url(), schema="public", size=1) as pool:
        try:
            async with pool.acquire() as connection:
                await copy(connection)
        except Exception as error:  # noqa: BLE001 - which one it is, is the question
            seen.append(error)
        await postgres.restart()
        assert await pool.fetchval("SELECT 1") == 1, "the pool goes on"
    assert [is_away(error) for error in seen] == [True], seen
