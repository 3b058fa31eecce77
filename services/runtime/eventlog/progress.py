"""How far every service has come, and waiting for it.

Hints for displays and for readers who want to see their own writes. Nothing correct may rest on them.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from schemas.logs import CATALOGUE, ServiceName, sources_of
from services.runtime.base.clock import Clock
from services.runtime.base.errors import RetryLater


@dataclass(frozen=True, slots=True)
class Mark:
    """A service's place in one shard: its own log's length, and what it has applied of each source by then."""

    seq: int
    cursors: Mapping[str, int]
    reported_at: datetime


@dataclass(frozen=True, slots=True, eq=False)
class _Waiter:
    holds: Callable[[], bool]
    reached: "asyncio.Future[None]"


class Progress:
    """The newest mark of each service and shard."""

    def __init__(self, clock: Clock, shards: int) -> None:
        self._clock = clock
        self._shards = shards
        self._marks: dict[tuple[str, int], Mark] = {}
        self._waiters: set[_Waiter] = set()
        self._closed = False

    def note(self, service: str, shard: int, seq: int, cursors: Mapping[str, int]) -> None:
        """Store a mark; a process also notes its own, which it need not receive first."""
        self._marks[service, shard] = Mark(seq, cursors, self._clock.now())
        for waiter in self._waiters:
            if not waiter.reached.done() and waiter.holds():
                waiter.reached.set_result(None)

    def mark(self, service: str, shard: int) -> Mark | None:
        """The newest mark of a service in a shard."""
        return self._marks.get((service, shard))

    def marks(self) -> Iterator[tuple[str, int, Mark]]:
        """All marks: service, shard, mark."""
        for (service, shard), mark in sorted(self._marks.items()):
            yield service, shard, mark

    def head_of(self, service: str, shard: int) -> int:
        """How long a service's log is known to be."""
        mark = self._marks.get((service, shard))
        return mark.seq if mark else 0

    async def wait(
        self, position: str, services: Sequence[ServiceName], *, reader: ServiceName, timeout: float
    ) -> bool:
        """Wait until `services` have answered an event and `reader` has applied all of their answers.

        `position` is `<service>/<shard>/<seq>`. Returns False if that is not reached within `timeout` seconds.
        Raises `RetryLater` if this process stops meanwhile.
        """
        source, shard_text, seq_text = position.split("/")
        shard = int(shard_text)
        needed: dict[str, int] = {source: int(seq_text)}
        try:
            async with asyncio.timeout(timeout):
                for service in services:
                    await self._until(partial(self._has, service, shard, needed))
                    needed[service] = max(self.head_of(service, shard), needed.get(service, 0))
                await self._until(partial(self._has, reader, shard, needed))
        except TimeoutError:
            return False
        return True

    async def settled(self, *, timeout: float) -> bool:
        """Wait until every service has applied all events of every other, in all shards; False if that takes longer.

        Raises `RetryLater` if this process stops meanwhile.
        """
        try:
            async with asyncio.timeout(timeout):
                await self._until(lambda: not self.unsettled())
        except TimeoutError:
            return False
        return True

    async def _until(self, holds: Callable[[], bool]) -> None:
        if self._closed:
            raise _stopping()
        if holds():
            return
        waiter = _Waiter(holds, asyncio.get_running_loop().create_future())
        self._waiters.add(waiter)
        try:
            await waiter.reached
        finally:
            self._waiters.discard(waiter)

    def close(self) -> None:
        """End all waits with `RetryLater`: this process receives no more reports."""
        self._closed = True
        for waiter in self._waiters:
            if not waiter.reached.done():
                waiter.reached.set_exception(_stopping())

    def _has(self, service: str, shard: int, needed: Mapping[str, int]) -> bool:
        mark = self._marks.get((service, shard))
        sources = {log.owner for log in sources_of(service)}  # type: ignore[arg-type]
        return mark is not None and all(
            mark.cursors.get(source, 0) >= seq for source, seq in needed.items() if source in sources
        )

    def unsettled(self) -> list[str]:
        """Where a reader is behind, as `reader<source/shard: has/wants`."""
        behind = []
        for service in CATALOGUE:
            for source in sources_of(service):
                for shard in range(self._shards):
                    mark, wanted = self._marks.get((service, shard)), self.head_of(source.owner, shard)
                    has = mark.cursors.get(source.owner, 0) if mark else 0
                    if has < wanted:
                        behind.append(f"{service}<{source.owner}/{shard}: {has}/{wanted}")
        return behind


def _stopping() -> RetryLater:
    return RetryLater("shard.unavailable", "this process is stopping; send the request again")
