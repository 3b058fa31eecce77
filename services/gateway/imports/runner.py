"""The background loop that processes imports, part by part.

    file -> portions (reader_process) -> parts by shard (shard_routing) -> commands, a few at a time -> finish

Every gateway process reads the whole of each running file and takes the parts of its own shards; the one that owns the
import's home shard also takes refused rows and finishes the import. The table of parts alone records what is done, so
a killed process resumes where it stopped, and a part that two processes submit counts once.
Must not end because of a file, nor because the database is away.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Self

from services.context import Context
from services.gateway.imports import import_store, reader_process
from services.gateway.imports.command import FinishImport, ImportChunk, ImportCommand
from services.gateway.imports.import_store import Import
from services.gateway.imports.reader_process import where
from services.gateway.imports.row_reader import CHUNK_ROWS, Job
from services.gateway.imports.shard_routing import Part, ShardRouter
from services.gateway.outbound.peers import Peers
from services.runtime.base.backoff import Backoff
from services.runtime.base.errors import Poison, RetryLater
from services.runtime.base.postgres import is_away
from services.runtime.base.telemetry import log
from services.runtime.vault import Vault

IMPORTS_MAX: Final = 2
PARTS_MAX: Final = 4
_LOOK_EVERY_S: Final = 1.0
_TRIES_MAX: Final = 3


@dataclass(slots=True)
class _Tries:
    """The failures of a file, and when it is retried."""

    backoff: Backoff = field(default_factory=lambda: Backoff(0.2, 5.0))
    failures: int = 0
    not_before: float = 0.0


class ImportRunner:
    """A background loop of the gateway; see the module."""

    def __init__(self, context: Context, vault: Vault, peers: Peers, arrived: asyncio.Event) -> None:
        self._context = context
        self._vault = vault
        self._peers = peers
        self._wake = arrived
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._tries: dict[str, _Tries] = defaultdict(_Tries)

    async def __call__(self) -> None:
        """Process unfinished imports until cancelled."""
        try:
            while True:
                self._wake.clear()
                await self._look()
                try:
                    async with asyncio.timeout(_LOOK_EVERY_S):
                        await self._wake.wait()
                except TimeoutError:
                    continue
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _look(self) -> None:
        """Start on waiting files, if this process owns a shard."""
        self._tasks = {name: task for name, task in self._tasks.items() if not task.done()}
        if not self._context.engine.owned:
            return
        try:
            waiting = await import_store.running(self._context.pool)
        except Exception as error:
            if not is_away(error):
                raise
            return
        now = asyncio.get_running_loop().time()
        for opened in waiting:
            if len(self._tasks) < IMPORTS_MAX and opened.id not in self._tasks and self._due(opened, now):
                self._tasks[opened.id] = asyncio.create_task(self._attempt(opened), name=f"import {opened.id}")

    def _due(self, opened: Import, now: float) -> bool:
        return opened.id not in self._tries or self._tries[opened.id].not_before <= now

    async def _attempt(self, opened: Import) -> None:
        """Work one file off, as far as it can be done now; what is left is tried again after a while."""
        try:
            await self._process(opened)
        except Exception as error:  # noqa: BLE001 -- whatever a file holds, the gateway goes on serving
            await self._postpone(opened, error)
        else:
            self._tries.pop(opened.id, None)
        self._wake.set()

    async def _postpone(self, opened: Import, error: Exception) -> None:
        tries = self._tries[opened.id]
        tries.not_before = asyncio.get_running_loop().time() + tries.backoff.next_s()
        if is_away(error) or (isinstance(error, RetryLater) and error.code != reader_process.READER_DIED):
            code = error.code if isinstance(error, RetryLater) else "database.away"
            log.info("import.waits", import_id=opened.id, code=code)
            return
        log.error("import.failed", import_id=opened.id, error=type(error).__name__, at=where(error))
        tries.failures += 1
        if tries.failures >= _TRIES_MAX:
            await self._give_up(opened)

    async def _give_up(self, opened: Import) -> None:
        """Close the import with what was done of it, so that its sender is not left waiting."""
        detail = "reading stopped by our mistake; rows that are not in the report were not taken: send them again"
        router = self._router(opened)
        try:
            done = await import_store.parts_done(self._context.pool, opened.id)
            await self._submit(router.home, self._finish(opened, len(done), ("import.failed", detail)))
        except RetryLater as error:
            log.info("import.waits", import_id=opened.id, code=error.code)

    async def _process(self, opened: Import) -> None:
        router = self._router(opened)
        done = await import_store.parts_done(self._context.pool, opened.id)
        whole = _whole_chunks(done)
        expected = {part for part in done if part[0] in whole}
        data = await import_store.contents(self._context.pool, self._vault, opened)
        keys = self._context.settings.keys
        job = Job(opened.id, opened.of, opened.actor, opened.city, opened.at, keys, whole)
        problem: tuple[str, str] | None = None
        try:
            async with aclosing(reader_process.read(job, data)) as portions, _TaskLimiter() as tasks:
                async for portion in portions:
                    problem = portion.problem
                    for shard, part in (await router.parts(portion)).items():
                        expected.add((portion.chunk, shard))
                        if (portion.chunk, shard) not in done and shard in self._context.engine.processors:
                            command = self._chunk(opened, portion.chunk, part)
                            await tasks.start(partial(self._submit, shard, command))
        except Poison as refusal:
            problem = (refusal.code, "the file could not be opened")
        done = await import_store.parts_done(self._context.pool, opened.id)
        if not expected <= done.keys():
            raise RetryLater("import.unfinished", "shards of other processes have parts left")
        if router.home in self._context.engine.processors:
            await self._submit(router.home, self._finish(opened, len(done), problem))

    async def _submit(self, shard: int, command: ImportCommand) -> None:
        await self._context.engine.processor(shard).submit(command)

    def _router(self, opened: Import) -> ShardRouter:
        return ShardRouter(opened, self._context.pool, self._peers, self._context.settings.shards)

    def _chunk(self, opened: Import, chunk: int, part: Part) -> ImportChunk:
        return ImportChunk(
            at=self._context.clock.now(),
            trace=opened.trace,
            import_id=opened.id,
            chunk=chunk,
            actor=opened.actor,
            day=opened.day,
            requests=part.requests,
            lines=part.lines,
        )

    def _finish(self, opened: Import, parts: int, problem: tuple[str, str] | None) -> FinishImport:
        code, detail = problem or (None, None)
        return FinishImport(
            at=self._context.clock.now(),
            trace=opened.trace,
            import_id=opened.id,
            of=opened.of,
            parts=parts,
            actor=opened.actor,
            code=code,
            detail=detail,
        )


class _TaskLimiter:
    """Runs at most `PARTS_MAX` tasks at once, in order; leaving waits for all, an error cancels all."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(PARTS_MAX)
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        return self

    async def start(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Start a task as soon as fewer than `PARTS_MAX` run. Raises the error of an earlier task."""
        await self._slots.acquire()
        task = asyncio.create_task(work())
        task.add_done_callback(lambda _: self._slots.release())
        self._tasks.append(task)
        for done in [task for task in self._tasks if task.done()]:
            self._tasks.remove(done)
            done.result()

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        if kind is not None:
            for task in self._tasks:
                task.cancel()
        results = await asyncio.gather(*self._tasks, return_exceptions=True)
        if kind is None:
            for result in results:
                if isinstance(result, BaseException):
                    raise result


def _whole_chunks(done: dict[tuple[int, int], int]) -> frozenset[int]:
    """Chunks all of whose rows are done, whatever shards they went to.

    The last one is read again: only then is it known that it is the last, and what ended the file.
    """
    rows: dict[int, int] = defaultdict(int)
    for (chunk, _), count in done.items():
        rows[chunk] += count
    last = max(rows, default=0)
    return frozenset(chunk for chunk, count in rows.items() if count == CHUNK_ROWS and chunk != last)
