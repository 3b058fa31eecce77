"""One service's stage without Kafka: inputs in, and the real unit of work, log and tables in a real PostgreSQL.

What the runtime does with a batch between reading and publishing happens here with the runtime's own parts.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from services.runtime.base.postgres import Connection, Pool, open_pool
from services.runtime.contract import Received, Recorded, Service
from services.runtime.eventlog.store import EventLog, Head
from services.runtime.shard.batch import BatchTransaction
from services.runtime.shard.inbox import SortedRecords
from tests.support.postgres import role_url


@dataclass
class Stage:
    """A shard of a service with its log; `apply` is one batch, one commit."""

    service: Service
    pool: Pool
    shard: int
    state: Any
    head: Head
    log: EventLog
    blocked: set[str] = field(default_factory=set)

    async def apply(self, received: Sequence[Received]) -> list[Recorded]:
        """Decide a batch and commit what follows from it."""
        lane: Any = SimpleNamespace(
            service=self.service,
            shard=self.shard,
            state=self.state,
            log=self.log,
            head=self.head,
            tip=self.head,
            blocked=self.blocked,
        )
        unit = BatchTransaction(lane, {})
        await unit.decide(received)
        async with self.pool.acquire() as connection, connection.transaction():
            await unit.write(connection, SortedRecords())
        self.head = unit.head
        return unit.recorded

    async def rebuild(self, tx: Connection) -> None:
        """Make the tables again from the log alone."""
        await tx.execute("truncate " + ", ".join(self.service.projector.tables))
        async for chunk in self.log.fold(self.shard):
            await self.service.projector.project(tx, chunk)


@asynccontextmanager
async def stage(service: Service, url: str, *, shard: int = 0) -> AsyncIterator[Stage]:
    """A stage on a migrated database, logged in with the service's own role."""
    async with open_pool(role_url(url, service.log.owner), schema=service.name) as pool:
        log = EventLog(pool, service.log)
        head = await log.take_over(shard, "stage")
        yield Stage(service, pool, shard, service.decider.initial(shard), head, log)
