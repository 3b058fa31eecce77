"""Publishes a service's log to its topic, in order, and again whenever the topic lacks something.

Promises rule 4 of the design: event `seq` of shard `s` goes to partition `s` after all events before it. What is sent
twice is harmless. What Kafka has lost is found by comparing the topic's end with the log, or requested by a reader,
and published again from the log. Must not know who reads.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from schemas.logs import Log
from services.runtime.base.backoff import Backoff
from services.runtime.base.settings import Loop
from services.runtime.base.telemetry import count, log
from services.runtime.contract import Written

Cursors = Mapping[str, int]
#: called with (shard, seq, cursors) at once when they are committed, long before Kafka has them
Note = Callable[[int, int, Cursors], None]

PENDING_FACTS_MAX = 20_000
SEND_FACTS_MAX = 4_000
#: A publication costs Kafka and each of its readers nearly the same for one fact as for a hundred. So under load, which
#: shows by publications of so many facts, the next one waits for more; a larger batch is worth its cost anyway.
BUSY_FACTS = range(16, 500)
PAUSE_S = 0.05
#: what requests of readers may cost an owner per shard: so many events a second on average, and one request in a while
REPUBLISH_FACTS_PER_S = 200
REPUBLISH_PAUSE_S = 5.0
#: after so many seconds without an acknowledgement a shard with unpublished events counts as stalled
STALLED_AFTER_S = 5.0


class EventSource(Protocol):
    """What the relay needs of the log."""

    log: Log

    async def read(self, shard: int, *, after: int, limit: int) -> list[Written]:
        """Events of a shard in order, from `after` (not included) on."""
        ...

    async def chains(self, shard: int, seqs: Sequence[int]) -> dict[int, bytes]:
        """The hashes of some events."""
        ...


class Publisher(Protocol):
    """What the relay needs of Kafka."""

    async def publish(self, shard: int, recorded: Sequence[Written]) -> None:
        """Send events to a partition, in order; returns when all are acknowledged."""
        ...

    async def tail(self, shard: int) -> list[tuple[int, bytes]]:
        """Numbers and chains of the newest records of a partition; creates the topic when it is missing."""
        ...

    async def announce(self, shard: int, seq: int, cursors: Cursors) -> None:
        """Announce how far this service has come; a hint that may be lost."""
        ...


class RepublishBudget:
    """Bounds what readers' requests cost a shard, however often they come and whatever they ask for."""

    def __init__(self) -> None:
        self._free_at = 0.0

    def take(self, facts: int, now: float) -> bool:
        """Whether so many events may be published again at `now` (in seconds); if so they are paid for."""
        if now < self._free_at:
            return False
        self._free_at = now + max(REPUBLISH_PAUSE_S, facts / REPUBLISH_FACTS_PER_S)
        return True


class Relay:
    """Publishes the shards that this process owns."""

    def __init__(self, event_log: EventSource, publisher: Publisher, settings: Loop, note: Note) -> None:
        self._log = event_log
        self._note = note
        self._publisher = publisher
        self._settings = settings
        self._streams: dict[int, _Stream] = {}

    def resume(self, shard: int, seq: int, cursors: Cursors) -> None:
        """Begin or go on with a shard whose log ends at `seq`; the topic's end is looked up first."""
        stream = self._streams.get(shard)
        if stream is None:
            stream = self._streams[shard] = _Stream(shard, self._log, self._publisher, self._settings)
        self._note(shard, seq, cursors)
        stream.extend((), seq, cursors)

    def offer(self, shard: int, recorded: Sequence[Written], seq: int, cursors: Cursors) -> None:
        """Take events just committed, in order, and how far the shard has come with them."""
        self._note(shard, seq, cursors)
        self._streams[shard].extend(recorded, seq, cursors)

    def republish(self, shard: int, from_seq: int) -> None:
        """Serve a reader's request to publish events from a number on again, within the shard's budget."""
        stream = self._streams.get(shard)
        if stream is None or stream.published is None or from_seq > stream.published:
            return
        from_seq = max(1, from_seq)
        if not stream.budget.take(stream.published - from_seq + 1, asyncio.get_running_loop().time()):
            count("republish.refused")
            return
        log.info("relay.republishes", shard=shard, from_seq=from_seq)
        stream.rewind(from_seq - 1)

    def republish_all(self, shard: int) -> None:
        """The topic has lost records, perhaps its first ones: publish the whole log again."""
        if shard in self._streams:
            self._streams[shard].rewind(0)

    def publishes(self, shard: int) -> bool:
        """Whether this process publishes a shard."""
        return shard in self._streams

    def published(self) -> dict[int, int]:
        """Per shard, the last number that Kafka has acknowledged; a topic never cut holds at least as many records."""
        return {shard: stream.published for shard, stream in self._streams.items() if stream.published is not None}

    def announce_again(self) -> None:
        """Announce all shards' progress once more, for processes that have just started."""
        for stream in self._streams.values():
            stream.announce_again()

    @property
    def lag(self) -> int:
        """Events committed and not yet acknowledged by Kafka, over all shards."""
        return sum(stream.lag for stream in self._streams.values())

    def obstacle(self, shard: int) -> str:
        """Why a shard cannot be published now, or an empty text."""
        stream = self._streams.get(shard)
        return "" if stream is None else stream.obstacle()

    async def drop(self, shard: int, *, drain_s: float = 0) -> None:
        """Stop publishing a shard, after at most `drain_s` seconds for what is still pending."""
        stream = self._streams.pop(shard, None)
        if stream is not None:
            await stream.stop(drain_s)


class _Stream:
    """One shard's way to its partition."""

    def __init__(self, shard: int, event_log: EventSource, publisher: Publisher, settings: Loop) -> None:
        self._shard = shard
        self._log = event_log
        self._publisher = publisher
        self._head = 0
        self._cursors: Cursors = {}
        #: the head that was announced last
        self._announced = 0
        #: the last number that is surely on the topic; None: look at the topic first
        self.published: int | None = None
        self.budget = RepublishBudget()
        self._pending: deque[Written] = deque()
        self._backoff = Backoff(settings.retry_first_ms / 1000, settings.retry_longest_ms / 1000)
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._error = ""
        self._moved_at = asyncio.get_running_loop().time()
        self._task = asyncio.create_task(self._run(), name=f"relay {event_log.log.owner}/{shard}")

    @property
    def lag(self) -> int:
        return self._head - self.published if self.published is not None else self._head

    def obstacle(self) -> str:
        if self._error:
            return self._error
        waited = asyncio.get_running_loop().time() - self._moved_at
        if self._idle.is_set() or waited < STALLED_AFTER_S:
            return ""
        return f"nothing acknowledged for {waited:.0f} s"

    def extend(self, recorded: Sequence[Written], seq: int, cursors: Cursors) -> None:
        self._pending.extend(recorded)
        if len(self._pending) > PENDING_FACTS_MAX:
            self._pending.clear()
        self._head, self._cursors = seq, cursors
        self._begin()

    def rewind(self, published: int) -> None:
        if self.published is not None and published < self.published:
            self.published = published
            self._begin()

    def announce_again(self) -> None:
        self._wake.set()

    def _begin(self) -> None:
        if self._idle.is_set():
            self._moved()
            self._idle.clear()
        self._wake.set()

    def _moved(self) -> None:
        self._moved_at = asyncio.get_running_loop().time()

    async def stop(self, drain_s: float) -> None:
        if drain_s:
            try:
                async with asyncio.timeout(drain_s):
                    await self._idle.wait()
            except TimeoutError:
                log.info("relay.left_pending", shard=self._shard, facts=self.lag)
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._catch_up()
            except Exception as error:  # noqa: BLE001 -- Kafka or the database is away; the log keeps everything
                count("relay.failed")
                self._error = f"{type(error).__name__}: {error}"[:200]
                log.warning("relay.failed", shard=self._shard, error=self._error)
                self.published = None
                self._wake.set()
                await self._backoff.wait()
            else:
                self._error = ""
                self._backoff.reset()
                await asyncio.sleep(self._pause())

    def _pause(self) -> float:
        """How long the next publication waits, by how many facts the last one had."""
        facts, self._announced = self._head - self._announced, self._head
        return PAUSE_S if facts in BUSY_FACTS else 0

    async def _catch_up(self) -> None:
        if self.published is None:
            self.published = await self._last_on_topic()
        while True:
            head, cursors = self._head, self._cursors
            while self.published is not None and self.published < head:
                batch = await self._next(self.published)
                await self._publisher.publish(self._shard, batch)
                self._moved()
                count("facts.published", len(batch))
                if self.published is not None and batch[0].seq == self.published + 1:
                    self.published = batch[-1].seq
            if self.published is None:
                return
            await self._publisher.announce(self._shard, head, cursors)
            if self.published >= head == self._head and cursors is self._cursors:
                self._idle.set()
                return

    async def _next(self, published: int) -> list[Written]:
        while self._pending and self._pending[0].seq <= published:
            self._pending.popleft()
        if not self._pending or self._pending[0].seq != published + 1:
            return await self._log.read(self._shard, after=published, limit=SEND_FACTS_MAX)
        return [self._pending.popleft() for _ in range(min(len(self._pending), SEND_FACTS_MAX))]

    async def _last_on_topic(self) -> int:
        """The highest number near the topic's end that is truly of this log; 0 publishes all of it again."""
        count("relay.resynced")
        found = dict(await self._publisher.tail(self._shard))
        own = await self._log.chains(self._shard, list(found))
        return max((seq for seq, chain in found.items() if own.get(seq) == chain), default=0)
