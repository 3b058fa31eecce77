"""The background tasks of a process: held, cancelled together, and never lost when they fail."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Tasks:
    """Tasks that run until they end or are cancelled; one that raises fails the process."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()
        self._failure: asyncio.Event = asyncio.Event()
        self._error: BaseException | None = None

    def start(self, coroutine: Coroutine[Any, Any, None], name: str) -> None:
        """Run a coroutine in the background."""
        self.hold(asyncio.create_task(coroutine, name=name))

    def hold(self, task: "asyncio.Task[None]") -> None:
        """Watch a task that already runs."""
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._error = self._error or error
            self._failure.set()

    async def failure(self) -> None:
        """Wait until one of the tasks raises; raises what the first one raised."""
        await self._failure.wait()
        if self._error is not None:
            raise self._error

    async def cancel(self) -> None:
        """Cancel all tasks and wait until they have ended."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
