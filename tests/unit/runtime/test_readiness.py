"""Ready means progress: what cannot be read, written or published is reported with its shard and its reason."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from services.runtime.eventlog.store import Cursor
from services.runtime.process import watchdog as module
from services.runtime.process.readiness import BEHIND_S, SILENT_S, Advance, Contact, Obstacle, Readiness
from services.runtime.process.tasks import Tasks
from services.runtime.process.watchdog import ObservedShard, Watchdog
from services.runtime.shard.state import ShardView, Status


class Shard(ShardView):
    """A shard processor as far as the watch looks at it."""

    def __init__(self, status: Status, trouble: str = "", busy_since: float | None = None) -> None:
        super().__init__(8)
        self._own.cursors = {"gateway": Cursor(5)}
        self._own.busy_since = busy_since
        self._become(status, trouble)


@dataclass
class Around:
    """The database, the topics and the relay of a process."""

    error: Exception | None = None
    publishing: str = ""
    ends: dict[int, tuple[int, int]] = field(default_factory=dict)
    republished: list[int] = field(default_factory=list)

    async def fetchval(self, _query: str) -> int:
        return int(await self._answer() or 1)

    async def ranges(self, _shards: Any) -> dict[int, tuple[int, int]]:
        await self._answer()
        return self.ends

    async def _answer(self) -> int:
        if self.error is not None:
            raise self.error
        return 0

    def published(self) -> dict[int, int]:
        return {8: 100}

    def obstacle(self, _shard: int) -> str:
        return self.publishing

    def republish_all(self, shard: int) -> None:
        self.republished.append(shard)


@pytest.fixture
def around() -> Around:
    return Around()


@pytest.fixture
async def watch(around: Around) -> Watchdog:
    given: Any = around
    watch = Watchdog(given, given, given, 0.001)
    watch.connected()
    return watch


def seen(shard: Shard, *, assigned: bool = True, lag: int = 0) -> list[ObservedShard]:
    return [ObservedShard(shard, assigned=assigned, lag={"gateway": lag})]


async def test_a_process_is_ready_when_all_its_shards_are_live(watch: Watchdog) -> None:
    assert watch.readiness(seen(Shard(Status.LIVE))) == Readiness(None, {})


@pytest.mark.parametrize(
    ("shard", "code"),
    [
        (Shard(Status.OPENING), "shard.opening"),
        (Shard(Status.AWAY, "DiskFullError"), "database.away"),
        (Shard(Status.FENCED, "another owner"), "shard.fenced"),
        (Shard(Status.CLOSED), "shard.closed"),
    ],
)
async def test_a_shard_that_is_not_live_keeps_its_process_from_ready(watch: Watchdog, shard: Shard, code: str) -> None:
    now = watch.readiness(seen(shard))
    assert not now.ready
    assert {number: (one.code, one.detail) for number, one in now.shards.items()} == {8: (code, shard.trouble)}


async def test_a_batch_that_takes_too_long_stalls_its_shard(watch: Watchdog) -> None:
    shard = Shard(Status.LIVE, busy_since=asyncio.get_running_loop().time() - 6)
    assert watch.readiness(seen(shard)).why == "shard 8: shard.stalled: nothing committed for 6 s"


async def test_a_shard_that_cannot_be_published_is_not_ready(watch: Watchdog, around: Around) -> None:
    around.publishing = "InvalidTimestampError"
    assert watch.readiness(seen(Shard(Status.LIVE))).why == "shard 8: kafka.publishing: InvalidTimestampError"


async def test_a_shard_that_the_group_does_not_assign_is_not_ready(watch: Watchdog) -> None:
    assert watch.readiness(seen(Shard(Status.LIVE), assigned=False)).shards[8].code == "kafka.unassigned"


async def test_a_process_without_shards_is_not_ready(watch: Watchdog) -> None:
    assert watch.readiness([]).why.startswith("shard.none")


async def until(watch: Watchdog, code: str | None) -> None:
    async with asyncio.timeout(5):
        while (found := watch.readiness(seen(Shard(Status.LIVE))).process) is None or found.code != code:
            if found is None and code is None:
                return
            await asyncio.sleep(0.001)


async def test_kafka_and_the_database_are_missed_though_nothing_is_written(
    watch: Watchdog, around: Around, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PROBE_EVERY_S", 0.001)
    loops = [asyncio.create_task(watch.audit()), asyncio.create_task(watch.probe_database())]
    try:
        around.error = OSError("connection refused")
        await until(watch, "database.away")
        around.error = None
        await until(watch, None)
        loops[1].cancel()
        around.error = OSError("connection refused")
        await until(watch, "kafka.away")
    finally:
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)


async def test_a_topic_that_lost_records_is_published_again(watch: Watchdog, around: Around) -> None:
    around.ends = {8: (0, 40)}
    audit = asyncio.create_task(watch.audit())
    async with asyncio.timeout(5):
        while not around.republished:
            await asyncio.sleep(0.001)
    audit.cancel()
    assert around.republished[0] == 8


def test_a_silent_server_is_away_after_a_while() -> None:
    contact = Contact("kafka.away", answered_at=100)
    assert contact.obstacle(100 + SILENT_S) is None
    assert contact.obstacle(101 + SILENT_S) == Obstacle("kafka.away", "no answer for 6 s")


def test_a_reader_counts_as_stuck_only_when_it_applies_nothing_for_long() -> None:
    advance = Advance()
    place = (8, "gateway")
    assert advance.obstacle(place, applied=5, lag=3, now=100) is None
    assert advance.obstacle(place, applied=6, lag=3, now=100 + BEHIND_S + 1) is None
    assert advance.obstacle(place, applied=6, lag=0, now=200 + BEHIND_S) is None
    assert advance.obstacle((8, "ledger"), applied=6, lag=3, now=201 + 2 * BEHIND_S) is None
    stuck = advance.obstacle(place, applied=6, lag=3, now=201 + 2 * BEHIND_S)
    assert stuck == Obstacle("shard.behind", "nothing of the gateway applied for 31 s, 3 to apply")


async def test_the_failure_of_a_background_task_is_reported() -> None:
    async def fails() -> None:
        raise OSError(28, "No space left on device")

    tasks = Tasks()
    tasks.start(fails(), "fails")
    async with asyncio.timeout(5):
        with pytest.raises(OSError, match="No space left"):
            await tasks.failure()
    await tasks.cancel()


async def test_cancelled_tasks_are_no_failure() -> None:
    tasks = Tasks()
    tasks.start(asyncio.sleep(60), "sleeps")
    await tasks.cancel()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await tasks.failure()
