"""`sekul rebuild SERVICE`: rebuilds every table except the logs from the logs.

Promises one transaction: readers see the old rows until all new ones are there. The heads are locked meanwhile, so a
running service waits before its next write, and continues on the new rows. Must not touch a log.
"""

from collections.abc import Callable

from schemas.logs import ServiceName
from services.ops.database import connected
from services.ops.local import admin_url
from services.ops.store import Store, recorded, written
from services.ops.verify.run import service_of
from services.ops.verify.tables import Shadows
from services.settings import Settings


async def rebuild(name: ServiceName, settings: Settings, forward: Callable[[int], None]) -> int:
    """Rebuild a service's tables; returns how many rows they have now."""
    connection = await connected(admin_url(settings))
    try:
        async with connection.transaction():
            store = Store(connection)
            shadows = Shadows(store, service_of(name, settings))
            await shadows.hold()
            await shadows.make()
            for shard in await store.shards(name):
                async for rows in store.rows(name, shard):
                    await shadows.project([recorded(written(name, row)) for row in rows])
                    forward(len(rows))
                await shadows.receive(shard)
            return await shadows.swap()
    finally:
        await connection.close()
