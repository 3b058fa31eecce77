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

from services.runtime import letters
from services.runtime.backoff import Backoff
from services.runtime.clock import Clock
from services.runtime.errors import Fenced, RetryLater
from services.runtime.intake import Intake, Raw, Sorted
from services.runtime.log import Cursor, EventLog, Head, Snapshot
from services.runtime.postgres import Pool, is_away
from services.runtime.redrive import redrive
from services.runtime.relay import Relay
from services.runtime.service import Command, Recorded, Service
from services.runtime.settings import Loop
from services.runtime.telemetry import count, log, observe
from services.runtime.unit import Undecidable, Unit

Status = Literal["opening", "live", "away", "fenced", "closed"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command led to, durable. `position` names the last fact of the log when it was committed."""

    value: Any
    position: str


Waiting = tuple[Command, "asyncio.Future[Answer]"]


class Lane:
    """One shard of one service, while this process owns it."""

    def __init__(
        self, shard: int, *, service: Service, log: EventLog, pool: Pool, relay: Relay, loop: Loop, clock: Clock, owner: str,
        sources: Sequence[Any],
    ) -> None:  # fmt: skip
        self.shard = shard
        self.service = service
        self.status: Status = "opening"
        self.state: Any = None
        self.head = Head(0, 0, b"")
        self.cursors: dict[str, Cursor] = {}
        #: the highest number per source that was seen beyond a hole, until the cursor has passed it
        self.ahead: dict[str, int] = {}
        self.log = log
        self.pool = pool
        self.relay = relay
        self.intake = Intake(service.name, shard, sources, clock)
        #: streams that wait behind a dead letter
        self.blocked: set[str] = set()
        self._settings = loop
        self._clock = clock
        self._owner = owner
        self._records: deque[Raw] = deque()
        self._commands: deque[Waiting] = deque()
        self._poison: dict[tuple[str, int], tuple[str, str]] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._snapshot_seq = 0
        self._closing = False

    # -- the outside ---------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to take the shard over, in the background."""
        self._task = asyncio.create_task(self._run(), name=f"lane {self.service.name}/{self.shard}")

    def offer(self, records: Sequence[Raw]) -> None:
        """Hand over records as they came from Kafka, in the order of each topic."""
        if self.status in ("fenced", "closed"):
            return
        self._records.extend(records)
        self._wake.set()

    @property
    def backlog(self) -> int:
        """How many records wait in memory."""
        return len(self._records)

    async def submit(self, command: Command) -> Answer:
        """Decide a command; the answer is durable. Raises `RetryLater` when this shard cannot be written here now.

        Raises whatever the handler gave as the command's refusal.
        """
        if self.status not in ("live", "opening") or len(self._commands) >= 10 * self._settings.commands_max:
            raise RetryLater("shard.unavailable", f"shard {self.shard} is {self.status} here; try again in a moment")
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._commands.append((command, future))
        self._wake.set()
        return await future

    async def close(self) -> None:
        """Finish what is in hand, keep a snapshot, let go. What waits in memory only is read again by the next owner."""
        self._closing = True
        self._wake.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=10)
            self._task.cancel()
        self._fail_commands("closed")

    # -- the loop ------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        backoff = Backoff(self._settings.retry_first_ms / 1000, self._settings.retry_longest_ms / 1000)
        if not await self._open(backoff):
            return
        while not self._closing:
            await self._wake.wait()
            self._wake.clear()
            while (self._records or self._commands) and not self._closing:
                if not await self._step(backoff):
                    return
        await self._keep_snapshot(at_least=1_000)
        self.status = "closed"

    async def _step(self, backoff: Backoff) -> bool:
        records = [self._records.popleft() for _ in range(min(len(self._records), self._settings.batch_facts_max))]
        commands = [self._commands.popleft() for _ in range(min(len(self._commands), self._settings.commands_max))]
        try:
            await self._apply(records, commands)
        except Fenced as error:
            log.warning("lane.fenced", service=self.service.name, shard=self.shard, detail=error.detail)
            count("lane.fenced")
            self._end("fenced", commands)
            return False
        except asyncio.CancelledError:
            self._end("closed", commands)
            raise
        except Exception as error:  # noqa: BLE001 -- the family decides; see `_recover`
            return await self._recover(error, records, commands, backoff)
        backoff.reset()
        await self._keep_snapshot(at_least=self._settings.snapshot_every_facts)
        return True

    async def _recover(self, error: Exception, records: list[Raw], commands: list[Waiting], backoff: Backoff) -> bool:
        """Fall back to what is committed and try again: all, or one by one to find the input that is to blame."""
        expected = self._expected
        if is_away(error):
            log.warning("lane.away", service=self.service.name, shard=self.shard, error=type(error).__name__)
            self.status = "away"
            await backoff.wait()
        elif not isinstance(error, Undecidable):
            log.exception("lane.failed", service=self.service.name, shard=self.shard, exc_info=error)
            count("lane.failed")
        if not await self._open(backoff):
            self._end("fenced", commands)
            return False
        if expected is not None and self.head.chain == expected.chain and self.head.seq == expected.seq:
            self._published_by_luck(commands)
            return True
        if isinstance(error, Undecidable):
            self._poison[error.source, error.seq] = (error.code, error.detail)
        elif not is_away(error):
            return await self._one_by_one(error, records, commands, backoff)
        self._records.extendleft(reversed(records))
        self._commands.extendleft(reversed(commands))
        self._wake.set()
        return True

    async def _one_by_one(
        self, error: Exception, records: list[Raw], commands: list[Waiting], backoff: Backoff
    ) -> bool:
        if len(records) + len(commands) == 1:
            if commands:
                commands[0][1].set_exception(error)
                return True
            sorted_ = self.intake.sort(records, self.cursors)
            for received in sorted_.received:
                self._poison[received.source, received.seq] = ("apply.failed", f"{type(error).__name__}")
            self._records.extendleft(reversed(records))
            self._wake.set()
            return True
        for raw in records:
            self._records.appendleft(raw)
            if not await self._single([self._records.popleft()], [], backoff):
                return False
        for waiting in commands:
            if not await self._single([], [waiting], backoff):
                return False
        return True

    async def _single(self, records: list[Raw], commands: list[Waiting], backoff: Backoff) -> bool:
        held, self._records = self._records, deque(records)
        kept, self._commands = self._commands, deque(commands)
        try:
            while self._records or self._commands:
                if not await self._step(backoff):
                    return False
        finally:
            self._records.extend(held)
            self._commands.extend(kept)
            self._wake.set()
        return True

    # -- one batch -----------------------------------------------------------------------------------------------

    async def _apply(self, records: list[Raw], commands: list[Waiting]) -> None:
        self._expected: Head | None = None
        sorted_ = self.intake.sort(records, self.cursors)
        for source, seq in sorted_.ahead.items():
            self.ahead[source] = max(seq, self.ahead.get(source, 0))
        if not (sorted_.received or sorted_.letters or commands):
            return
        unit = Unit(self, self._poison)
        await unit.decide(sorted_.received)
        async with self.pool.acquire() as connection, connection.transaction():
            outcomes = await unit.handle(connection, [command for command, _ in commands])
            self._expected = unit.head
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
        self.relay.offer(self.shard, recorded, head.seq, {name: c.seq for name, c in self.cursors.items()})
        for listener in self.service.listeners:
            listener.committed(self.shard, recorded, sorted_.received)

    def _published_by_luck(self, commands: list[Waiting]) -> None:
        """The commit went through though its answer was lost: who waits must ask again, and finds it done."""
        for _, future in commands:
            if not future.done():
                future.set_exception(RetryLater("answer.lost", "written, but the answer was lost; send the request again"))

    # -- opening and ending --------------------------------------------------------------------------------------

    async def _open(self, backoff: Backoff) -> bool:
        """Take the shard over and fold its state: from the newest snapshot, then the rest of the log."""
        while not self._closing:
            try:
                await self.reload()
            except Exception as error:  # noqa: BLE001 -- whatever it is, without a state there is nothing to do but retry
                log.warning("lane.cannot_open", service=self.service.name, shard=self.shard, error=repr(error)[:300])
                self.status = "away"
                await backoff.wait()
            else:
                self.status = "live"
                return True
        return False

    async def reload(self) -> None:
        """Forget what is in memory and fold what is committed, as the owner."""
        decider = self.service.decider
        head = await self.log.take_over(self.shard, self._owner)
        snapshot = await self.log.snapshot(self.shard)
        if snapshot is not None and snapshot.format == decider.snapshot_format and snapshot.seq <= head.seq:
            state, after = decider.load(self.shard, snapshot.data), snapshot.seq
        else:
            state, after = decider.initial(self.shard), 0
        self._snapshot_seq = after
        async for chunk in self.log.fold(self.shard, after=after):
            for recorded in chunk:
                decider.evolve(state, recorded.fact, recorded.at)
            await asyncio.sleep(0)
        self.cursors = await self.log.cursors(self.shard)
        self.blocked = {letter.stream for letter in await letters.waiting(self.pool, self.shard)}
        self.state, self.head = state, head
        self.relay.resume(self.shard, head.seq, {name: c.seq for name, c in self.cursors.items()})

    async def _keep_snapshot(self, *, at_least: int) -> None:
        if self.status != "live" or self.head.seq - self._snapshot_seq < at_least:
            return
        data = self.service.decider.dump(self.state)
        snapshot = Snapshot(self.head.seq, self.service.decider.snapshot_format, data)
        try:
            await self.log.save_snapshot(self.shard, self.head.epoch, snapshot, self._clock.now())
        except Exception as error:  # noqa: BLE001 -- a snapshot only saves time; the log is the truth
            log.warning("snapshot.failed", service=self.service.name, shard=self.shard, error=type(error).__name__)
        else:
            self._snapshot_seq = self.head.seq

    def _end(self, status: Status, commands: list[Waiting]) -> None:
        self.status = status
        self._commands.extendleft(reversed(commands))
        self._records.clear()
        self._fail_commands(status)

    def _fail_commands(self, status: str) -> None:
        while self._commands:
            _, future = self._commands.popleft()
            if not future.done():
                future.set_exception(RetryLater("shard.unavailable", f"shard {self.shard} is {status} here"))
