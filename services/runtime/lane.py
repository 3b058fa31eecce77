"""A lane: the one loop of a service for one shard. Inputs come in, facts go out, once each.

    records ──sort──> decide ──┐
                               ├── one transaction (fence, cursors, facts, projections) ──> relay, listeners, answers
    commands ──────> handle ───┘

Promises rules 1, 3 and 5 of the design. Whatever goes wrong, the lane falls back to what is committed and goes on from
there: nothing is applied twice, nothing is skipped. Must not know what any fact means, nor talk to Kafka itself.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from schemas.logs import Log
from services.runtime import memory, rescue
from services.runtime.backoff import Backoff
from services.runtime.clock import Clock
from services.runtime.errors import Fenced, RetryLater
from services.runtime.intake import Intake, Raw, Sorted
from services.runtime.log import Cursor, EventLog, Head
from services.runtime.postgres import Pool
from services.runtime.redrive import redrive
from services.runtime.relay import Relay
from services.runtime.service import Command, Recorded, Service
from services.runtime.settings import Loop
from services.runtime.telemetry import count, log, observe
from services.runtime.unit import Unit

Status = Literal["opening", "live", "away", "fenced", "closed"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command led to, durable. `position` names the last fact of the log when it was committed."""

    value: Any
    position: str


Waiting = tuple[Command, "asyncio.Future[Answer]"]


@dataclass(frozen=True)
class Surroundings:
    """What all lanes of a process share. `owner` names the process in the head rows."""

    service: Service
    sources: Sequence[Log]
    log: EventLog
    pool: Pool
    relay: Relay
    loop: Loop
    clock: Clock
    owner: str


class Lane:
    """One shard of one service, while this process owns it."""

    def __init__(self, shard: int, around: Surroundings) -> None:
        self.shard = shard
        self.service = around.service
        self.around = around
        self.status: Status = "opening"
        self.state: Any = None
        self.head = Head(0, 0, b"")
        self.cursors: dict[str, Cursor] = {}
        #: the highest number per source that was seen beyond a hole, until the cursor has passed it
        self.ahead: dict[str, int] = {}
        self.log = around.log
        self.pool = around.pool
        self.intake = Intake(around.service.name, shard, around.sources, around.clock)
        #: streams that wait behind a dead letter
        self.blocked: set[str] = set()
        #: inputs known to be undecidable, with code and detail; they become dead letters when they come by again
        self.poison: dict[tuple[str, int], tuple[str, str]] = {}
        #: the head that the transaction under way will leave, to recognise a commit whose answer was lost
        self.expected: Head | None = None
        self.snapshot_seq = 0
        self.closing = False
        self.records: deque[Raw] = deque()
        self.commands: deque[Waiting] = deque()
        self.wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    # -- the outside ---------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to take the shard over, in the background."""
        self._task = asyncio.create_task(self._run(), name=f"lane {self.service.name}/{self.shard}")

    def offer(self, records: Sequence[Raw]) -> None:
        """Hand over records as they came from Kafka, in the order of each topic."""
        if self.status in ("fenced", "closed"):
            return
        self.records.extend(records)
        self.wake.set()

    @property
    def backlog(self) -> int:
        """How many records wait in memory."""
        return len(self.records)

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
        if not await memory.open_lane(self, backoff):
            return
        while not self.closing:
            await self.wake.wait()
            self.wake.clear()
            while (self.records or self.commands) and not self.closing:
                if not await self.step(backoff):
                    return
        await memory.keep_snapshot(self, at_least=1_000)
        self.status = "closed"

    async def step(self, backoff: Backoff) -> bool:
        """Apply what is in hand; False when this lane has ended."""
        records = [self.records.popleft() for _ in range(min(len(self.records), self.around.loop.batch_facts_max))]
        commands = [self.commands.popleft() for _ in range(min(len(self.commands), self.around.loop.commands_max))]
        try:
            await self._apply(records, commands)
        except Fenced as error:
            log.warning("lane.fenced", service=self.service.name, shard=self.shard, detail=error.detail)
            count("lane.fenced")
            self.end("fenced", commands)
            return False
        except asyncio.CancelledError:
            self.end("closed", commands)
            raise
        except Exception as error:  # noqa: BLE001 -- the family decides; see `rescue`
            return await rescue.recover(self, error, records, commands, backoff)
        backoff.reset()
        await memory.keep_snapshot(self, at_least=self.around.loop.snapshot_every_facts)
        return True

    # -- one batch -----------------------------------------------------------------------------------------------

    async def _apply(self, records: list[Raw], commands: list[Waiting]) -> None:
        self.expected = None
        sorted_ = self.intake.sort(records, self.cursors)
        for source, seq in sorted_.ahead.items():
            self.ahead[source] = max(seq, self.ahead.get(source, 0))
        if not (sorted_.received or sorted_.letters or commands):
            return
        unit = Unit(self, self.poison)
        await unit.decide(sorted_.received)
        async with self.pool.acquire() as connection, connection.transaction():
            outcomes = await unit.handle(connection, [command for command, _ in commands])
            self.expected = unit.head
            await unit.write(connection, sorted_)
        self.committed(unit.recorded, sorted_, unit.head)
        position = f"{self.service.name}/{self.shard}/{self.head.seq}"
        for (_, future), outcome in zip(commands, outcomes, strict=True):
            if future.done():
                continue
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(Answer(outcome.answer, position))
        for about in unit.redrives:
            await redrive(self, about)

    def committed(self, recorded: list[Recorded], sorted_: Sorted, head: Head) -> None:
        """Take what is committed into memory, and tell the relay and whoever listens."""
        observe("lane.batch_facts", len(recorded))
        count("facts.appended", len(recorded))
        count("facts.applied", len(sorted_.received))
        self.head = head
        self.cursors.update(sorted_.cursors)
        for letter in sorted_.letters:
            if letter.state != "foreign":
                self.blocked.add(letter.stream)
        for source, cursor in sorted_.cursors.items():
            if self.ahead.get(source, 0) <= cursor.seq:
                self.ahead.pop(source, None)
        self.around.relay.offer(self.shard, recorded, head.seq, {name: c.seq for name, c in self.cursors.items()})
        for listener in self.service.listeners:
            listener.committed(self.shard, recorded, sorted_.received)

    def end(self, status: Status, commands: list[Waiting]) -> None:
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
