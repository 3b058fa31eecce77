"""A lane: the one loop of a service for one shard. Inputs come in, facts go out, once each.

    records ──sort──> decide ──┐
                               ├── one transaction (fence, cursors, facts, projections) ──> relay, listeners, answers
    commands ──────> handle ───┘

Promises rules 1, 3 and 5 of the design. Whatever goes wrong, the lane falls back to what is committed and goes on from
there: nothing is applied twice, nothing is skipped. Must not know what any fact means, nor talk to Kafka itself.

While PostgreSQL writes one batch of records, the next is sorted and decided already: the *tip* is where memory
stands, the *head* what is committed, and at most one batch lies between them. Batches are written in order, one at a
time. Commands, dead letters and redrives wait until nothing lies between.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from schemas.logs import Log
from services.runtime.base.backoff import Backoff
from services.runtime.base.clock import Clock
from services.runtime.base.errors import Fenced, RetryLater
from services.runtime.base.postgres import Pool
from services.runtime.base.settings import Loop
from services.runtime.base.telemetry import count, log, observe
from services.runtime.contract import Command, Recorded, Service
from services.runtime.eventlog.relay import Relay
from services.runtime.eventlog.store import Cursor, EventLog, Head
from services.runtime.shard import loading, recovery
from services.runtime.shard.batch import BatchTransaction
from services.runtime.shard.in_flight import Answer, InFlightBatch, Waiting
from services.runtime.shard.inbox import Inbox, RawRecord, SortedRecords
from services.runtime.shard.redrive import redrive

Status = Literal["opening", "live", "away", "fenced", "closed"]


#: how a write ended: committed; failed, and to be done again from what is committed; or the lane has ended
Settled = Literal["clean", "again", "ended"]


@dataclass(frozen=True)
class ProcessResources:
    """What all lanes of a process share. `owner` names the process in the head rows."""

    service: Service
    sources: Sequence[Log]
    log: EventLog
    pool: Pool
    relay: Relay
    loop: Loop
    clock: Clock
    owner: str


class ShardProcessor:
    """One shard of one service, while this process owns it."""

    def __init__(self, shard: int, around: ProcessResources) -> None:
        self.shard = shard
        self.service = around.service
        self.around = around
        self.status: Status = "opening"
        self.state: Any = None
        #: under which epoch this lane owned the shard last; None: it never did
        self.epoch: int | None = None
        #: what is committed: the end of the log, and the last fact applied of each source
        self.head = Head(0, 0, b"")
        self.cursors: dict[str, Cursor] = {}
        #: where memory stands: the same, with the batch that is being written
        self.tip = self.head
        self.tip_cursors: dict[str, Cursor] = {}
        #: the highest number per source that was seen beyond a hole, until the cursor has passed it
        self.ahead: dict[str, int] = {}
        self.log = around.log
        self.pool = around.pool
        self.intake = Inbox(around.service.name, shard, around.sources, around.clock, around.service.heeds)
        #: streams that wait behind a dead letter
        self.blocked: set[str] = set()
        #: inputs known to be undecidable, with code and detail; they become dead letters when they come by again
        self.poison: dict[tuple[str, int], tuple[str, str]] = {}
        #: how often inputs failed alone, for a reason that is not known to pass
        self.suspects: dict[tuple[str, int], int] = {}
        self.snapshot_seq = 0
        self.closing = False
        self.records: deque[RawRecord] = deque()
        self.commands: deque[Waiting] = deque()
        self.wake = asyncio.Event()
        self._weight = 0
        self._writing: InFlightBatch | None = None
        self._task: asyncio.Task[None] | None = None

    # -- the outside ---------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to take the shard over, in the background."""
        self._task = asyncio.create_task(self._run(), name=f"lane {self.service.name}/{self.shard}")

    def offer(self, records: Sequence[RawRecord]) -> None:
        """Hand over records as they came from Kafka, in the order of each topic."""
        if self.status in ("fenced", "closed"):
            return
        self.records.extend(records)
        self._weight += sum(len(raw.value) for raw in records)
        self.wake.set()

    def put_back(self, records: Sequence[RawRecord]) -> None:
        """Take records back that were in hand, in front of those that wait."""
        self.records.extendleft(reversed(records))
        self._weight += sum(len(raw.value) for raw in records)
        self.wake.set()

    def _take(self) -> list[RawRecord]:
        """The next batch: bounded by number and by bytes, since some facts list a thousand workers."""
        records: list[RawRecord] = []
        weight, loop = 0, self.around.loop
        while self.records and len(records) < loop.batch_facts_max and weight < loop.batch_bytes_max:
            records.append(self.records.popleft())
            weight += len(records[-1].value)
        self._weight -= weight
        return records

    @property
    def backlog(self) -> int:
        """How many records wait in memory or are being written."""
        return len(self.records) + (len(self._writing.records) if self._writing else 0)

    def is_full(self, part: float = 1) -> bool:
        """Whether more than a part of what may wait in memory waits there."""
        loop = self.around.loop
        return len(self.records) > loop.queue_facts_max * part or self._weight > loop.queue_bytes_max * part

    async def submit(self, command: Command) -> Answer:
        """Decide a command; the answer is durable. Raises `RetryLater` when this shard cannot be written here now.

        Raises whatever the handler gave as the command's refusal.
        """
        if self.status not in ("live", "opening") or len(self.commands) >= 10 * self.around.loop.commands_max:
            raise RetryLater("shard.unavailable", f"shard {self.shard} is {self.status} here; try again in a moment")
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.commands.append((command, future))
        self.wake.set()
        return await future

    async def close(self) -> None:
        """Finish what is in hand, keep a snapshot, let go; the next owner reads again what only waits in memory."""
        self.closing = True
        self.wake.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=10)
            self._task.cancel()
        self._fail_commands("closed")

    # -- the loop ------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        backoff = Backoff(self.around.loop.retry_first_ms / 1000, self.around.loop.retry_longest_ms / 1000)
        if not await loading.open_lane(self, backoff):
            return
        while not self.closing:
            await self.wake.wait()
            self.wake.clear()
            while (self.records or self.commands or self._writing) and not self.closing:
                if not await self.step(backoff):
                    return
        if await self._settle(backoff) == "ended":
            return
        await loading.keep_snapshot(self, at_least=1_000)
        self.status = "closed"

    async def step(self, backoff: Backoff) -> bool:
        """Take on what is in hand; False when this lane has ended.

        What is being written is committed before it returns, unless more records wait to be decided meanwhile.
        """
        if self.commands and await self._settle(backoff) == "ended":
            return False
        commands = [self.commands.popleft() for _ in range(min(len(self.commands), self.around.loop.commands_max))]
        batch, failed = InFlightBatch(self._take(), commands), None
        try:
            await self._decide(batch)
        except asyncio.CancelledError:
            self.end("closed", commands)
            raise
        except Exception as error:  # noqa: BLE001 -- the family decides; see `rescue`
            failed = error
        before = await self._settle(backoff, behind=batch.records)
        if before != "clean":
            return before == "again"
        if failed is not None:
            return await self._fail(failed, batch, backoff)
        if batch.unit is not None:
            self._writing = batch
            batch.task = asyncio.create_task(self._write(batch))
        if self.records and batch.may_overlap and not self._snapshot_due:
            return True
        return await self._settle(backoff) != "ended"

    @property
    def _snapshot_due(self) -> bool:
        return self.tip.seq - self.snapshot_seq >= self.around.loop.snapshot_every_facts

    async def _settle(self, backoff: Backoff, *, behind: Sequence[RawRecord] = ()) -> Settled:
        """Wait until what is being written is committed.

        If it fails, all that memory knew beyond it is void: `behind` is put back and must be decided again.
        """
        batch, self._writing = self._writing, None
        if batch is None or batch.task is None:
            return "clean"
        try:
            await batch.task
        except asyncio.CancelledError:
            self.end("closed", batch.commands)
            raise
        except Exception as error:  # noqa: BLE001 -- the family decides; see `rescue`
            self.put_back(behind)
            return "again" if await self._fail(error, batch, backoff) else "ended"
        backoff.reset()
        self.suspects.clear()
        await loading.keep_snapshot(self, at_least=self.around.loop.snapshot_every_facts)
        return "clean"

    async def _fail(self, error: Exception, batch: InFlightBatch, backoff: Backoff) -> bool:
        if isinstance(error, Fenced):
            self.fenced(error, batch.commands)
            return False
        return await recovery.recover(self, error, batch, backoff)

    # -- one batch -----------------------------------------------------------------------------------------------

    async def _decide(self, batch: InFlightBatch) -> None:
        """Sort and decide the records of a batch, from the tip on; the tip then stands behind it."""
        batch.sorted = self.intake.sort(batch.records, self.tip_cursors)
        for source, seq in batch.sorted.ahead.items():
            self.ahead[source] = max(seq, self.ahead.get(source, 0))
        if not (batch.sorted.cursors or batch.sorted.letters or batch.commands):
            return
        unit = BatchTransaction(self, self.poison)
        await unit.decide(batch.sorted.received)
        batch.unit = unit
        self.tip = unit.head
        self.tip_cursors = {**self.tip_cursors, **batch.sorted.cursors}

    async def _write(self, batch: InFlightBatch) -> None:
        unit = batch.decided
        async with self.pool.acquire() as connection, connection.transaction():
            outcomes = await unit.handle(connection, [command for command, _ in batch.commands])
            batch.expected = unit.head
            await unit.write(connection, batch.sorted)
        self.committed(unit.recorded, batch.sorted, unit.head)
        batch.answer(outcomes, f"{self.service.name}/{self.shard}/{self.head.seq}")
        for about in unit.redrives:
            await redrive(self, about)

    def committed(self, recorded: list[Recorded], sorted_: SortedRecords, head: Head) -> None:
        """Take what is committed into memory, and tell the relay and whoever listens."""
        observe("lane.batch_facts", len(recorded))
        count("facts.appended", len(recorded))
        count("facts.applied", len(sorted_.received))
        self.head = head
        self.cursors = {**self.cursors, **sorted_.cursors}
        if self.tip.seq < head.seq:
            self.tip = head
        for letter in sorted_.letters:
            if letter.state != "foreign":
                self.blocked.add(letter.stream)
        for source, cursor in sorted_.cursors.items():
            if self.ahead.get(source, 0) <= cursor.seq:
                self.ahead.pop(source, None)
        self.around.relay.offer(self.shard, recorded, head.seq, {name: c.seq for name, c in self.cursors.items()})
        for listener in self.service.listeners:
            listener.committed(self.shard, recorded, sorted_.received)

    def fenced(self, error: Fenced, commands: Sequence[Waiting] = ()) -> None:
        """Stop, since another process writes this shard now."""
        log.warning("lane.fenced", service=self.service.name, shard=self.shard, detail=error.detail)
        count("lane.fenced")
        self.end("fenced", commands)

    def end(self, status: Status, commands: Sequence[Waiting]) -> None:
        """Stop for good; who waits is told to try again."""
        self.status = status
        self.commands.extendleft(reversed(commands))
        self.records.clear()
        self._fail_commands(status)

    def _fail_commands(self, status: str) -> None:
        while self.commands:
            _, future = self.commands.popleft()
            if not future.done():
                future.set_exception(RetryLater("shard.unavailable", f"shard {self.shard} is {status} here"))
