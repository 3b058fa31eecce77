"""Checks all laws, one after the other, and reports each as soon as it is known.

Each log is read once: numbers and hashes, the fold of its state, its laws and the rebuild of its tables go together.
"""

from collections.abc import AsyncIterator, Callable
from importlib import import_module
from typing import Final

from schemas.logs import CATALOGUE, ServiceName
from services.ops.local import admin_url
from services.ops.store import Store, opened, recorded, written
from services.ops.verify import readers
from services.ops.verify.finding import Finding, Law
from services.ops.verify.logs import Chains, Examiner, Fold, Snapshots, findings_of
from services.ops.verify.matching import Matching
from services.ops.verify.money import Books
from services.ops.verify.notices import Notices
from services.ops.verify.slots import Slots
from services.ops.verify.tables import Shadows
from services.ops.verify.topics import Topics
from services.runtime.contract import Service
from services.runtime.kafka.reading import reader
from services.settings import Settings

#: the examiner of each log
EXAMINERS: Final[dict[ServiceName, Callable[[], Examiner]]] = {"ledger": Books, "matcher": Slots, "notifier": Notices}


async def verify(settings: Settings) -> AsyncIterator[Finding]:
    """Check all laws of the system that the settings name. Raises `Defect` when no login to the database is known."""
    async with opened(admin_url(settings)) as store:
        async for finding in _logs(store, settings):
            yield finding
        yield await readers.cursors(store)
        yield await readers.inbox(store)
        async with reader(settings.kafka) as kafka:
            yield await Topics(store, kafka).check()
        yield await readers.dead_letters(store)


def service_of(name: ServiceName, settings: Settings) -> Service:
    """A service as its process builds it."""
    service: Service = import_module(f"services.{name}.app").service(settings)
    return service


async def _logs(store: Store, settings: Settings) -> AsyncIterator[Finding]:
    chains, snapshots, tables, matching = Chains(), Snapshots(), Law("tables"), Matching(store)
    examined: list[Examiner] = []
    for name in CATALOGUE:
        examiners = [EXAMINERS[name]()] if name in EXAMINERS else []
        examined += examiners
        log = _Log(store, service_of(name, settings), chains, snapshots, examiners)
        await log.read(tables, matching)
    for finding in (*chains.findings(), *findings_of(examined), *snapshots.findings()):
        yield finding
    yield matching.law.finding(matching.words)
    yield tables.finding(f"{tables.counted:,} rows equal their rebuild from the logs")


class _Log:
    """One log while it is read."""

    def __init__(
        self, store: Store, service: Service, chains: Chains, snapshots: Snapshots, examiners: list[Examiner]
    ) -> None:
        self._store, self._service, self._chains = store, service, chains
        self._snapshots, self._examiners = snapshots, examiners
        self._name: ServiceName = service.log.owner
        self._shadows = Shadows(store, service)

    async def read(self, tables: Law, matching: Matching) -> None:
        """All shards; a log that cannot be folded breaks the law of tables, and the others are still checked."""
        attempt = self._store.connection.transaction()
        await attempt.start()
        try:
            await self._shadows.make()
            for shard in await self._store.shards(self._name):
                await self._shard(shard, matching)
            await self._shadows.compare(tables)
        except Exception as error:  # noqa: BLE001 - a corrupt log may raise anything; the finding names it
            tables.breach(f"{self._name} cannot be rebuilt: {type(error).__name__}: {str(error)[:200]}")
        finally:
            await attempt.rollback()

    async def _shard(self, shard: int, matching: Matching) -> None:
        kept = await self._store.one(self._name, "snapshot", shard)
        place = f"{self._name}/{shard}"
        fold = Fold(place, shard, self._service.decider, self._snapshots, kept)
        self._chains.begin(self._name, shard)
        async for rows in self._store.rows(self._name, shard):
            chunk = []
            for row in rows:
                stored = written(self._name, row)
                self._chains.see(stored)
                one = recorded(stored)
                fold.see(one)
                for examiner in self._examiners:
                    examiner.see(one)
                chunk.append(one)
            await self._shadows.project(chunk)
        self._chains.end(await self._store.one(self._name, "head", shard))
        await self._shadows.receive(shard)
        if self._name == "matcher":
            await matching.see(fold.state)
