"""The loop that sends: takes what is due on the shards of this process, tries to reach people, reports the results.

Promises that a notice is tried by one task at a time, and that what was sent is recorded before it could be tried
again in this process. A send and its record are not atomic: after a crash between them, or when a shard changes
its owner at that moment, the notice is sent a second time, with the same Message-ID (e-mail) or `webhook-id`, so
that receivers can tell. Only the receiver can rule that out, and losing notices would be worse.

Must not decide what is owed, nor write anything but by commands to the shard.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol

from schemas.facts.notifier import NoticesFailed, NoticesSent
from services.notifier.domain.identity import place_of
from services.notifier.handlers.reports import Report, Reported
from services.notifier.outbound.channels import Channels
from services.notifier.outbound.due import Due, Job
from services.notifier.outbound.reports import Reporter
from services.notifier.outbound.results import Later, Result
from services.runtime.base.backoff import Backoff
from services.runtime.base.errors import RetryLater
from services.runtime.base.postgres import is_away
from services.runtime.base.telemetry import counter, log
from services.runtime.contract import Command

if TYPE_CHECKING:
    from uuid import UUID

POLL_S: Final = 0.5
BATCH_NOTICES_MAX: Final = 1_000
#: how many notices may be in flight at once, and how many may wait in memory
CALLS_MAX: Final = 64
JOBS_MAX: Final = 256
#: how long a stop waits for calls in flight
DRAIN_S: Final = 5.0

_SENT: Final = counter("notices.sent", "Notices handed to their channel, such as a mail server.")
_FAILED: Final = counter("notices.failed", "Notices given up after their last attempt.")


class Shards(Protocol):
    """The shards of this process, as far as the sender needs them."""

    def owned(self) -> Sequence[int]:
        """The shards that can be written here now."""
        ...

    def holds(self, shard: int) -> bool:
        """Whether a shard is this process's, though it may be unable to write for a moment."""
        ...

    async def submit(self, shard: int, command: Command) -> None:
        """Have a command decided, durably. Raises `RetryLater` when the shard cannot be written here now."""
        ...


class Sender:
    """Sends what is due; see the module's promise. `wake` is set when something new may be due."""

    def __init__(
        self, *, due: Due, shards: Shards, channels: Channels, reporter: Reporter, wake: asyncio.Event
    ) -> None:
        self._due = due
        self._shards = shards
        self._channels = channels
        self._reporter = reporter
        self._wake = wake
        self._calls = asyncio.Semaphore(CALLS_MAX)
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        #: notices whose outcome could not be recorded: not tried again, or they would be sent at every turn
        self._stuck: set[UUID] = set()

    async def run(self) -> None:
        """Send until cancelled; then wait briefly for calls in flight."""
        backoff = Backoff(0.2, 5.0)
        try:
            while True:
                self._wake.clear()
                try:
                    taken = await self.turn()
                except Exception as error:
                    if not is_away(error):
                        raise
                    log.warning("sender.database_away", error=type(error).__name__)
                    await backoff.wait()
                    continue
                backoff.reset()
                if not taken:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(POLL_S):
                            await self._wake.wait()
        finally:
            await self.drain(DRAIN_S)

    async def turn(self) -> int:
        """Take what is due once, on all shards. Returns the number of notices; calls continue in the background."""
        now, taken = self._reporter.clock.now(), 0
        for shard in await self._due.busy(list(self._shards.owned()), now):
            busy = [*self._tasks, *self._stuck]
            jobs = await self._due.jobs(shard, now, excluding=busy, limit=BATCH_NOTICES_MAX)
            inside = [job for job in jobs if _stays_inside(job)][:BATCH_NOTICES_MAX]
            if inside and await self._settle(shard, inside):
                taken += len(inside)
            for job in jobs:
                if not _stays_inside(job):
                    await self._launch(job)
                    taken += 1
        return taken

    async def drain(self, seconds: float) -> None:
        """Wait for calls in flight, at most some seconds."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks.values(), timeout=seconds)
            for task in late:
                task.cancel()

    async def _settle(self, shard: int, jobs: list[Job]) -> bool:
        """Record what needs no call: mailbox and suppression. Returns false when the shard cannot write now."""
        reports: list[Report] = []
        for job in jobs:
            reports.extend(self._reporter.reports(job, [await self._attempt(job, n) for n in range(len(job.targets))]))
        try:
            await self._shards.submit(shard, Reported(at=self._reporter.clock.now(), reports=tuple(reports)))
        except RetryLater:
            return False
        _count(reports)
        return True

    async def _launch(self, job: Job) -> None:
        if len(self._tasks) >= JOBS_MAX:
            await asyncio.wait(self._tasks.values(), return_when=asyncio.FIRST_COMPLETED)
        task = asyncio.create_task(self._carry_out(job), name=job.notice.name)
        self._tasks[job.notice.id] = task
        task.add_done_callback(lambda _task: self._tasks.pop(job.notice.id))

    async def _carry_out(self, job: Job) -> None:
        async with self._calls:
            if not self._shards.holds(place_of(job.notice.id).shard):
                return
            results = await asyncio.gather(*(self._attempt(job, number) for number in range(len(job.targets))))
        reports = tuple(self._reporter.reports(job, results))
        try:
            await self._record(place_of(job.notice.id).shard, reports)
        except Exception as error:  # noqa: BLE001 -- any refusal means the same: never send what cannot be recorded
            self._stuck.add(job.notice.id)
            log.error("sender.unrecorded", notice=job.notice.name, error=type(error).__name__)

    async def _attempt(self, job: Job, number: int) -> Result:
        try:
            return await self._channels.attempt(job.notice, job.contact, job.targets[number])
        except Exception as error:  # noqa: BLE001 -- one notice that cannot be sent must not hold up all others
            log.error("sender.defect", notice=job.notice.name, error=type(error).__name__)
            return Later("sender.defect")

    async def _record(self, shard: int, reports: tuple[Report, ...]) -> None:
        """Record what was sent, however long it takes, while this process owns the shard."""
        backoff = Backoff(0.1, 2.0)
        while self._shards.holds(shard):
            try:
                await self._shards.submit(shard, Reported(at=self._reporter.clock.now(), reports=reports))
            except RetryLater:
                await backoff.wait()
            else:
                _count(reports)
                return
        log.warning("sender.shard_lost", shard=shard, reports=len(reports))


def _stays_inside(job: Job) -> bool:
    return all(target.channel == "mailbox" for target in job.targets)


def _count(reports: Sequence[Report]) -> None:
    _SENT.inc(sum(one.result is NoticesSent for one in reports))
    _FAILED.inc(sum(one.result is NoticesFailed for one in reports))
