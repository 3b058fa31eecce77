"""One service's stage without Kafka: inputs in, and the real unit of work, log and tables in a real PostgreSQL.

What the runtime does with a batch between reading and publishing happens here with the runtime's own parts.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.runtime.base.postgres import Connection, Pool, open_pool
from services.runtime.contract import Received, Recorded, Service
from services.runtime.eventlog.store import EventLog
from services.runtime.shard import recovery
from services.runtime.shard.batch import Batch
from services.runtime.shard.inbox import SortedRecords
from services.runtime.shard.state import ShardState
from tests.support.postgres import role_url


@dataclass
class Stage:
    """A shard of a service with its log; `apply` is one batch, one commit."""

    service: Service
    pool: Pool
    shard: int
    own: ShardState
    store: EventLog

    async def apply(self, received: Sequence[Received]) -> list[Recorded]:
        """Decide a batch and commit what follows from it."""
        batch = Batch(self.shard, self.service, self.own, SortedRecords(received=list(received)))
        await batch.decide()
        await batch.write(self.store)
        self.own.decided(batch.head, {})
        return batch.recorded

    async def rebuild(self, tx: Connection) -> None:
        """Make the tables again from the log alone."""
        await tx.execute("truncate " + ", ".join(self.service.projector.tables))
        async for chunk in self.store.fold(self.shard):
            await self.service.projector.project(tx, chunk)


@asynccontextmanager
async def stage(service: Service, url: str, *, shard: int = 0) -> AsyncIterator[Stage]:
    """A stage on a migrated database, logged in with the service's own role."""
    async with open_pool(role_url(url, service.log.owner), schema=service.name) as pool:
        store = EventLog(pool, service.log)
        own = ShardState()
        own.adopt(await recovery.load(store, service, shard, await store.take_over(shard, "stage")))
        yield Stage(service, pool, shard, own, store)
