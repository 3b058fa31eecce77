"""Rebuilds a service's tables from the logs as temporary shadows, and compares them with the real ones row by row.

The projector of the tables fills the shadows: unqualified names resolve to them first. Only `swap` writes to
real tables, for `sekul rebuild`.
"""

from collections.abc import Sequence
from typing import Final

from schemas.base import kind_of
from schemas.logs import ServiceName, sources_of
from services.ops.store import Store, received
from services.ops.verify.finding import Law
from services.runtime.base.postgres import Queries
from services.runtime.contract import Recorded, Service

SQL: Final = Queries("services.ops.verify", "tables.sql")
#: services whose projectors fold facts of other services, too; if one is missing here, the law of tables breaks
_LISTENERS: Final[tuple[ServiceName, ...]] = ("gateway", "notifier")
_SHOWN: Final = 300


class Shadows:
    """The shadows of one service."""

    def __init__(self, store: Store, service: Service) -> None:
        self._store = store
        self._service = service
        self.name: ServiceName = service.log.owner

    async def make(self) -> None:
        """Create the shadows, empty."""
        await self._run("see")
        for table in self._service.projector.tables:
            await self._run("shadow", table)

    async def project(self, chunk: Sequence[Recorded]) -> None:
        """Fold facts of the own log into the shadows."""
        await self._service.projector.project(self._store.connection, chunk)

    async def receive(self, shard: int) -> None:
        """Fold the facts of other logs that the service has applied into the shadows."""
        if self.name not in _LISTENERS:
            return
        cursors = {
            row["source"]: row["seq"] for row in await self._store.some(self.name, "cursors") if row["shard"] == shard
        }
        handles = self._service.handles
        kinds = None if handles is None else {kind_of(fact) for fact in handles}
        passed = {(row["source"], row["seq"]) for row in await self._store.some(self.name, "unapplied", shard)}
        for source in (log.owner for log in sources_of(self.name)):
            until = cursors.get(source, 0)
            rows = (
                self._store.rows(self.name, shard, "inbox", source)
                if self._service.keeps_inbox
                else self._store.rows(source, shard)
            )
            async for chunk in rows:
                applied = [row for row in chunk if row["seq"] <= until and (source, row["seq"]) not in passed]
                handled = [row for row in applied if kinds is None or row["kind"] in kinds]
                facts = [received(self.name, source, row) for row in handled]
                if facts:
                    await self._service.projector.receive(self._store.connection, facts)
                if chunk[-1]["seq"] >= until:
                    break

    async def compare(self, law: Law) -> None:
        """Compare every shadow with its table."""
        for table in self._service.projector.tables:
            await self._run("analyze", table)
            law.counted += await self._store.connection.fetchval(self._statement("count", table))
            for found in await self._store.connection.fetch(self._statement("differences", table)):
                law.breach(f"{self.name}.{table}, {found['side']}: {found['row'][:_SHOWN]}")

    async def hold(self) -> None:
        """Keep the service from writing until the transaction ends."""
        await self._store.connection.fetch(self._statement("hold"))

    async def swap(self) -> int:
        """Replace the rows of the tables by the rebuilt ones; returns their number."""
        rows = 0
        for table in reversed(self._service.projector.tables):
            await self._run("empty", table)
        for table in self._service.projector.tables:
            await self._run("fill", table)
            rows += await self._store.connection.fetchval(self._statement("count", table))
        return rows

    async def _run(self, statement: str, table: str = "") -> None:
        await self._store.connection.execute(self._statement(statement, table))

    def _statement(self, statement: str, table: str = "") -> str:
        return SQL[statement].format(schema=self.name, table=table)
