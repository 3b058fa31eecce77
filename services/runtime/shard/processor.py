"""A shard processor: the one loop of a service for one shard. Inputs come in, facts go out, once each.

    records ──inbox──> decide ──┐
                                ├── one transaction (fence, cursors, facts, projections) ──> relay, listeners, answers
    commands ───────> handle ───┘

Promises rules 1, 3, 5 and 8 of the design. Whatever goes wrong, it loads what is committed and goes on from there:
nothing is applied twice, nothing is skipped. Must not know what any fact means, nor talk to Kafka itself.

Records are decided before the transaction, commands inside it: a command's handler reads and writes tables of its own
(idempotency keys, the vault) that must commit together with its facts, while a decider needs nothing but the state.

While the store writes one batch of records, the next is sorted and decided already: at most one batch lies between
tip and head (`state.py`). Batches are written in order, one at a time. Commands, dead letters and redrives wait until
nothing lies between; so does a snapshot, which is of what is committed.
"""

import asyncio
from collections import deque
from collections.abc import Sequence

from services.runtime.base.backoff import Backoff
from services.runtime.base.errors import Fenced
from services.runtime.base.postgres import is_away
from services.runtime.base.telemetry import count, log
from services.runtime.contract import Command
from services.runtime.shard import recovery
from services.runtime.shard.batch import Batch, Undecidable
from services.runtime.shard.commands import Answer, CommandQueue, RecordPause
from services.runtime.shard.dead_letters import StillDead, redrive
from services.runtime.shard.inbox import Inbox, RawRecord
from services.runtime.shard.resources import ProcessResources
from services.runtime.shard.snapshots import Snapshots
from services.runtime.shard.state import ShardView, Status


class ShardProcessor(ShardView):
    """One shard of one service, while this process owns it."""

    def __init__(self, shard: int, resources: ProcessResources) -> None:
        super().__init__(shard)
        self.service = resources.service
        self.store = resources.store
        self._resources = resources
        self._loop = resources.loop
        self._inbox = Inbox(self.service, shard, resources.sources, resources.clock, resources.loop)
        self._commands = CommandQueue()
        self._redrives: deque[str] = deque()
        self._snapshots = Snapshots(resources, shard)
        #: so many inputs are still to be taken one at a time, to find the one that is to blame
        self._alone = 0
        self._writing: Batch | None = None
        self._backoff = Backoff(resources.loop.retry_first_ms / 1000, resources.loop.retry_longest_ms / 1000)
        self._closing = False
        self._wake = asyncio.Event()
        self._records = RecordPause(self._wake.set)
        self._task: asyncio.Task[None] | None = None

    def backlog(self, source: str) -> int:
        """How many records of a source wait in memory or are being written."""
        writing = self._writing.taken.records if self._writing else ()
        return self._inbox.waiting(source) + sum(raw.source == source for raw in writing)

    def is_full(self, source: str) -> bool:
        """Whether no more records of a source should be offered for now; see `drained`."""
        return self._inbox.is_full(source)

    def start(self) -> "asyncio.Task[None]":
        """Begin to take the shard over; returns the task, which ends when this processor does."""
        self._task = asyncio.create_task(self._run(), name=f"shard {self.service.name}/{self.shard}")
        return self._task

    async def drained(self, source: str) -> None:
        """Wait until there is room for more records of a source, or this processor has ended."""
        await self._until(lambda: self._own.status.ended or not self._inbox.is_full(source, 0.5))

    def offer(self, records: Sequence[RawRecord]) -> None:
        """Hand over records as they came from Kafka, in the order of each topic."""
        if not self._own.status.ended:
            self._inbox.offer(records)
            self._wake.set()

    async def submit(self, command: Command) -> Answer:
        """Decide a command; the answer is durable. Raises `RetryLater` when this shard cannot be written here now.

        Raises whatever the handler returned as the command's refusal.
        """
        open_ = self._own.status in (Status.LIVE, Status.OPENING)
        if not open_ or len(self._commands) >= 10 * self._loop.commands_max:
            raise self._unavailable()
        answer = self._commands.add(command)
        self._wake.set()
        return await answer

    async def close(self) -> None:
        """Finish what is in hand and keep a snapshot; the next owner reads again what only waits in memory."""
        self._closing = True
        self._wake.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=10)
            self._task.cancel()
        self._end(Status.CLOSED)

    async def _run(self) -> None:
        try:
            await self._open()
            await self._work()
            await self._keep_snapshot(at_least=1_000)
        except Fenced as error:
            log.warning("shard.fenced", service=self.service.name, shard=self.shard, detail=error.detail)
            count("shard.fenced")
            self._end(Status.FENCED, error.detail)
        finally:
            self._end(Status.CLOSED)

    async def _work(self) -> None:
        """Take and commit batches until this processor closes."""
        while not self._closing:
            self._own.busy_since = asyncio.get_running_loop().time()
            await self._step()
            if not (self._writing or self._commands or self._redrives or self._closing):
                self._own.busy_since = None
                await self._wake.wait()
        await self._settle()

    async def _step(self) -> None:
        """One batch or redrive, committed when this returns unless more records can be decided meanwhile."""
        own = self._own
        self._wake.clear()
        if self._commands or self._redrives:
            await self._settle()
        if self._redrives:
            self._wake.set()
            await self._redrive(self._redrives[0])
            return
        batch, epoch, failed = self._next(), own.epoch, None
        try:
            await batch.decide()
        except asyncio.CancelledError:
            self._put_back(batch)
            raise
        except Exception as error:  # noqa: BLE001 -- the family decides; see `recovery`
            failed = error
        await self._settle(behind=batch)
        if own.epoch != epoch:  # loaded again: what was decided upon the failed batch is void
            return
        if failed is not None:
            await self._recover(failed, batch)
            return
        if batch:
            own.decided(batch.head, batch.taken.cursors)
            self._writing = batch
            batch.task = asyncio.create_task(self._write(batch))
        if batch.taken.records and len(self._inbox):
            self._wake.set()
            if batch.may_overlap and own.unsaved < self._loop.snapshot_every_facts:
                return
        await self._settle()

    def _next(self) -> Batch:
        """The next inputs: records and commands together, or one of them alone."""
        commands_max, records_max = self._loop.commands_max, None
        if self._alone:
            self._alone -= 1
            commands_max, records_max = (0, 1) if len(self._inbox) else (1, None)
        commands, taken = self._commands.take(commands_max), None
        if records_max or self._records.join(len(commands)):
            taken = self._inbox.take(self._own.tip_cursors, records_max)
            self._own.expect(taken.ahead)
            self._changed.set()
        return Batch(self.shard, self.service, self._own, taken, commands)

    async def _write(self, batch: Batch) -> None:
        outcomes = await batch.write(self.store)
        self._committed(batch)
        batch.reply(outcomes)

    def _committed(self, batch: Batch) -> None:
        """Take what is committed into memory, and inform relay and listeners."""
        own, taken = self._own, batch.taken
        batch.count()
        own.committed(batch.head, taken.cursors, taken.dead)
        own.cleared(taken.received)
        self._redrives.extend(batch.redrives)
        self._resources.relay.offer(self.shard, batch.recorded, own.head.seq, own.reached)
        for listener in self.service.listeners:
            listener.committed(self.shard, batch.recorded, batch.applied)

    async def _settle(self, *, behind: Batch | None = None) -> None:
        """Wait until what is being written is committed.

        If it fails, all that memory knew beyond it is void: the inputs of `behind` must be decided again.
        """
        batch, self._writing = self._writing, None
        if batch is None or batch.task is None:
            return
        try:
            await batch.task
        except asyncio.CancelledError:
            self._put_back(batch)
            raise
        except Exception as error:  # noqa: BLE001 -- the family decides; see `recovery`
            if behind is not None:
                self._put_back(behind)
            await self._recover(error, batch)
            return
        self._backoff.reset()
        await self._keep_snapshot(at_least=self._loop.snapshot_every_facts)

    async def _redrive(self, about: str) -> None:
        """Decide the dead letters of a stream again; it is free if all goes well."""
        batch = Batch(self.shard, self.service, self._own)
        try:
            async for batch in redrive(self.store, self.service, self._inbox, self.shard, self._own, about):
                self._own.decided(batch.head, {})
                await self._write(batch)
            self._own.blocked.discard(about)
        except StillDead:
            await self._open()
        except Exception as error:  # noqa: BLE001 -- the family decides; see `recovery`
            await self._recover(error, batch)
            if is_away(error):
                return  # once more
        self._redrives.popleft()

    async def _recover(self, error: Exception, batch: Batch) -> None:
        """Load what is committed and act on the verdict. Raises `Fenced` or `CancelledError` when that is the end."""
        own = self._own
        try:
            await self._load_after(error)
        except BaseException:
            self._put_back(batch)
            raise
        match recovery.judge(error, batch, own.head, own.suspects):
            case recovery.Refuse(refusal):
                batch.refuse(refusal)
                return
            case recovery.Quarantine(place, code, detail):
                own.poison[place] = (code, detail)
            case recovery.Alone():
                self._alone = batch.inputs
            case recovery.Suspect(place):
                self._alone += 1
                own.suspects[place] = own.suspects.get(place, 0) + 1
            case recovery.Retry():
                pass
        self._put_back(batch)

    async def _load_after(self, error: Exception) -> None:
        if isinstance(error, Fenced):
            raise error
        recovery.report(error, self.service.name, self.shard)
        if is_away(error):
            self._become(Status.AWAY, type(error).__name__)
        if not isinstance(error, Undecidable):
            await self._backoff.wait()
        await self._open()

    async def _open(self) -> None:
        """Take the shard over and load it, trying until it works. Raises `Fenced` when another has taken it."""
        resources, own = self._resources, self._own
        while True:
            try:
                head = await self.store.take_over(self.shard, resources.owner, expected_epoch=own.epoch)
                own.epoch = head.epoch
                loaded = await recovery.load(self.store, self.service, self.shard, head)
            except Fenced:
                raise
            except Exception as error:
                if self._closing:
                    raise asyncio.CancelledError from error
                log.warning("shard.cannot_open", service=self.service.name, shard=self.shard, error=repr(error)[:300])
                self._become(Status.AWAY, type(error).__name__)
                await self._backoff.wait()
            else:
                break
        own.adopt(loaded)
        resources.relay.resume(self.shard, own.head.seq, own.reached)
        self._become(Status.LIVE)
        self._wake.set()

    def _put_back(self, batch: Batch) -> None:
        """Return inputs that must be decided again to the front of those that wait."""
        self._inbox.put_back(batch.taken.records)
        self._commands.put_back(batch.commands)
        self._wake.set()

    def _end(self, status: Status, trouble: str = "") -> None:
        """End for good, unless it has ended already; who waits for a command must try again."""
        if not self._own.status.ended:
            self._become(status, trouble)
        self._inbox.clear()
        self._commands.refuse_all(self._unavailable())

    async def _keep_snapshot(self, *, at_least: int) -> None:
        """Store the state if it is that of the head and `at_least` facts newer than the last snapshot."""
        own = self._own
        if own.status is Status.LIVE and own.settled and own.unsaved >= at_least:
            await self._snapshots.keep(own.head, own.state)
            own.snapshot_seq = own.head.seq
