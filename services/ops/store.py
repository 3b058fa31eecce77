"""One snapshot of the database: every law is checked against the same state of all tables.

Everything happens in one transaction of one connection that is rolled back at the end, so nothing remains. An
auditor's login is enough: shadow tables are temporary. Must not write to any table of a service.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from schemas.base import Fact
from schemas.envelope import Envelope
from schemas.logs import CATALOGUE, ServiceName
from services.ops.database import connected
from services.runtime.base.postgres import Connection, Queries, Row
from services.runtime.contract import Received, Recorded, Written

SQL: Final = Queries("services.ops", "store.sql")
CHUNK: Final = 4_000


class Store:
    """Reads the tables that all services have."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def shards(self, service: ServiceName) -> list[int]:
        """The shards of a service."""
        return [row["shard"] for row in await self.some(service, "shards")]

    async def rows(
        self, service: ServiceName, shard: int, statement: str = "facts", *more: Any
    ) -> AsyncIterator[list[Row]]:
        """Facts of a shard in order, in chunks; never all of them in memory."""
        words, after = SQL[statement].format(schema=service), 0
        while rows := await self.connection.fetch(words, shard, after, CHUNK, *more):
            yield rows
            after = rows[-1]["seq"]

    async def one(self, service: ServiceName, statement: str, *values: Any) -> Row | None:
        """One row, if there is one."""
        return await self.connection.fetchrow(SQL[statement].format(schema=service), *values)

    async def some(self, service: ServiceName, statement: str, *values: Any) -> Sequence[Row]:
        """All rows of a statement."""
        return await self.connection.fetch(SQL[statement].format(schema=service), *values)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    """Open a snapshot of the database of `url`."""
    connection = await connected(url)
    try:
        moment = connection.transaction(isolation="repeatable_read")
        await moment.start()
        try:
            yield Store(connection)
        finally:
            await moment.rollback()
    finally:
        await connection.close()


def written(service: ServiceName, row: Row) -> Written:
    """A row as a stored fact."""
    return Written(Envelope.of_row(service, row), row["body"])


def recorded(one: Written) -> Recorded:
    """A stored fact, decoded. Raises `ValueError` if its bytes are no fact of its log."""
    return Recorded(one.envelope, one.body, _decode(one))


def received(by: ServiceName, source: ServiceName, row: Row) -> Received:
    """A row as a reader of its log receives it. Raises `ValueError` if its bytes are no fact of its log."""
    one = written(source, row)
    return Received(one.envelope, one.body, _decode(one), by)


def _decode(one: Written) -> Fact:
    codec = CATALOGUE[one.service].codec  # type: ignore[index]
    return codec.decode(one.body, kind=one.kind, version=one.version)
