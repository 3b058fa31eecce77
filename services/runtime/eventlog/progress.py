"""How far every service has come, from what they say on the control topic; and waiting for it.

Hints for displays and for readers who want to see their own writes. Nothing correct may rest on them.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import orjson

from schemas.logs import CATALOGUE, ServiceName, sources_of
from services.runtime.base.clock import Clock
from services.runtime.base.errors import RetryLater


@dataclass(frozen=True, slots=True)
class Mark:
    """A service's place in one shard: its own log's length, and what it has applied of each source by then."""

    seq: int
    cursors: Mapping[str, int]
    heard_at: datetime


class Progress:
    """The newest mark of each service and shard."""

    def __init__(self, clock: Clock, shards: int) -> None:
        self._clock = clock
        self._shards = shards
        self._marks: dict[tuple[str, int], Mark] = {}
        self._changed = asyncio.Condition()
        self._closed = False
        self._tasks: set[asyncio.Task[None]] = set()
        #: called with (service, shard, from_seq) when a reader asks for facts again
        self.on_wish: Callable[[str, int, int], None] = lambda _service, _shard, _seq: None
        #: called when somebody has just come and wants to hear all marks
        self.on_hello: Callable[[], None] = lambda: None

    def hear(self, value: bytes) -> None:
        """Take in one word from the control topic; what is not understood is nobody's business."""
        try:
            said = orjson.loads(value)
            if said["is"] == "progress":
                self.note(said["service"], int(said["shard"]), int(said["seq"]), dict(said["cursors"]))
            elif said["is"] == "wish":
                self.on_wish(said["service"], int(said["shard"]), int(said["from_seq"]))
            elif said["is"] == "hello":
                self.on_hello()
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            return

    def note(self, service: str, shard: int, seq: int, cursors: Mapping[str, int]) -> None:
        """Remember a mark; a process also notes its own, which it need not hear first."""
        self._marks[service, shard] = Mark(seq, cursors, self._clock.now())
        task = asyncio.get_running_loop().create_task(self._notify())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

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
        """Wait until `services` have worked a fact off and `reader` has applied all that they answered.

        `position` is `<service>/<shard>/<seq>`. Gives False when that does not come true within `timeout` seconds.
        """
        source, shard_text, seq_text = position.split("/")
        shard = int(shard_text)
        needed: dict[str, int] = {source: int(seq_text)}
        try:
            async with asyncio.timeout(timeout), self._changed:
                for service in services:
                    await self._until(partial(self._has, service, shard, needed))
                    needed[service] = self.head_of(service, shard)
                await self._until(partial(self._has, reader, shard, needed))
        except TimeoutError:
            return False
        return True

    async def _until(self, holds: Callable[[], bool]) -> None:
        await self._changed.wait_for(lambda: self._closed or holds())
        if self._closed:
            raise RetryLater("shard.unavailable", "this process is stopping; send the request again")

    async def close(self) -> None:
        """Send away whoever waits: this process hears nothing any more. They get `RetryLater`."""
        self._closed = True
        await self._notify()

    def _has(self, service: str, shard: int, needed: Mapping[str, int]) -> bool:
        mark = self._marks.get((service, shard))
        sources = {log.owner for log in sources_of(service)}  # type: ignore[arg-type]
        return mark is not None and all(
            mark.cursors.get(source, 0) >= seq for source, seq in needed.items() if source in sources
        )

    async def settled(self, *, timeout: float) -> bool:
        """Wait until every service has applied all that every other has said, in all shards."""
        try:
            async with asyncio.timeout(timeout), self._changed:
                await self._until(lambda: not self.unsettled())
        except TimeoutError:
            return False
        return True

    def unsettled(self) -> list[str]:
        """Where somebody is behind, as `reader<source/shard: has/wants`."""
        behind = []
        for service in CATALOGUE:
            for source in sources_of(service):
                for shard in range(self._shards):
                    mark, wanted = self._marks.get((service, shard)), self.head_of(source.owner, shard)
                    has = mark.cursors.get(source.owner, 0) if mark else 0
                    if has < wanted:
                        behind.append(f"{service}<{source.owner}/{shard}: {has}/{wanted}")
        return behind
