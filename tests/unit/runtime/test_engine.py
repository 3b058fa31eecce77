"""An engine on logs and topics in memory: shards come and go, are fenced and read again, and readiness shows it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest

from schemas.logs import CATALOGUE
from services.runtime.base.clock import SystemClock
from services.runtime.base.errors import RetryLater
from services.runtime.base.settings import Loop, RuntimeSettings
from services.runtime.contract import Service
from services.runtime.eventlog.memory import MemoryLog
from services.runtime.kafka.memory import MemoryBroker, MemoryClient, MemorySubscription
from services.runtime.process.engine import Engine
from services.runtime.shard.state import Status
from tests.support import toys
from tests.support.shard import AT
from tests.support.virtual_time import run

SETTINGS = RuntimeSettings(shards=2, loop=Loop(retry_first_ms=1, retry_longest_ms=2))


class Database:
    """Answers."""

    async def fetchval(self, _query: str) -> int:
        return 1


class Client(MemoryClient):
    """A client that connects."""

    def __init__(self, broker: MemoryBroker, _settings: object, own: Any, _shards: int, receive: Any) -> None:
        super().__init__(broker, own)
        self._listen = partial(broker.listen, receive)

    async def start(self) -> None:
        self._stop = self._listen()

    async def stop(self) -> None:
        self._stop()


class Member(MemorySubscription):
    """A member of a group to which a test assigns shards; it reads all the time."""

    def __init__(
        self, broker: MemoryBroker, _settings: object, *, sources: Any, deliver: Any, assigned: Any, **_: str
    ) -> None:
        super().__init__(broker, sources, deliver)
        self.assigned = assigned
        self.offsets: dict[tuple[str, int], int] = {}

    async def start(self) -> None:
        self._reading = asyncio.create_task(self._read())

    async def stop(self) -> None:
        self._reading.cancel()

    async def commit(self, offsets: Mapping[tuple[str, int], int]) -> None:
        self.offsets.update(offsets)

    async def _read(self) -> None:
        while True:
            await asyncio.sleep(0.01)
            for shard, source in self.readable():
                self.poll(shard, source, 100)


class Group:
    """Processes on one broker, and what each service has committed."""

    def __init__(self) -> None:
        self.broker = MemoryBroker()
        self.logs = {name: MemoryLog(log) for name, log in CATALOGUE.items()}

    def engine(self, service: Service) -> Engine:
        """A process that has not started."""
        database: Any = Database()
        client: Any = partial(Client, self.broker)
        subscription: Any = partial(Member, self.broker)
        store = self.logs[service.log.owner]
        return Engine(
            service,
            SETTINGS,
            database,
            SystemClock(),
            store=lambda _pool, _log: store,
            client=client,
            subscription=subscription,
        )

    @asynccontextmanager
    async def running(self, service: Service, *shards: int) -> AsyncIterator[Engine]:
        """A process with these shards, ready."""
        engine = self.engine(service)
        await engine.start()
        await assign(engine, *shards)
        await until(lambda: engine.readiness().ready)
        try:
            yield engine
        finally:
            await engine.stop()

    async def answers(self) -> list[str]:
        """The donors that the matcher has answered, over all shards."""
        facts = [one.fact async for chunk in self.logs["matcher"].fold(0) for one in chunk]
        return [fact.donor for fact in facts]  # type: ignore[attr-defined]


async def assign(engine: Engine, *shards: int) -> None:
    """Have the group assign shards to a process."""
    subscription: Any = engine._subscription
    await subscription.assigned(set(shards))


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; time passes at once."""
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.05)


async def register(engine: Engine, *numbers: int) -> list[str]:
    """Register donors with a toy gateway. Returns their ids."""
    donors = [toys.donor(number, AT) for number in numbers]
    for donor in donors:
        await engine.processor(0).submit(toys.Register(at=AT, donor=donor))
    return donors


def cursor(engine: Engine, source: str = "gateway") -> int:
    """How far a process has come with a source of shard 0."""
    found = engine.processor(0).cursors.get(source)
    return found.seq if found else 0


def test_a_process_without_shards_is_not_ready() -> None:
    async def story() -> None:
        engine = Group().engine(toys.matcher())
        assert engine.readiness().why == "kafka.connecting"
        await engine.start()
        assert engine.readiness().why.startswith("shard.none")
        await engine.stop()

    run(story())


def test_shards_are_served_while_they_are_assigned() -> None:
    async def story() -> None:
        async with Group().running(toys.matcher(), 0, 1) as engine:
            assert engine.owned == [0, 1]
            await assign(engine, 1)
            assert engine.owned == [1]
            with pytest.raises(RetryLater, match="not served by this process"):
                engine.processor(0)
            await assign(engine, 0, 1)
            await until(lambda: engine.owned == [0, 1])

    run(story())


def test_facts_of_one_process_are_applied_once_by_the_next_owner_of_a_shard() -> None:
    async def story() -> None:
        group = Group()
        async with group.running(toys.gateway(), 0) as gateway:
            async with group.running(toys.matcher(), 0) as former:
                donors = await register(gateway, 1, 2)
                await until(lambda: cursor(former) == 2)
            donors += await register(gateway, 3)
            async with group.running(toys.matcher(), 0) as latter:
                await until(lambda: cursor(latter) == 3)
                assert await group.answers() == donors

    run(story())


def test_a_fenced_shard_is_not_ready_and_is_taken_again_while_it_is_assigned() -> None:
    async def story() -> None:
        group = Group()
        async with group.running(toys.gateway(), 0) as gateway, group.running(toys.matcher(), 0) as matcher:
            await group.logs["matcher"].take_over(0, "another process")
            donors = await register(gateway, 1)
            await until(lambda: matcher.processor(0).status is Status.FENCED)
            assert matcher.readiness().shards[0].code == "shard.fenced"
            await until(lambda: matcher.readiness().ready)
            await until(lambda: cursor(matcher) == 1)
            assert await group.answers() == donors

    run(story())


def test_a_record_that_the_topic_lost_is_published_again_on_request() -> None:
    async def story() -> None:
        group = Group()
        async with group.running(toys.gateway(), 0) as gateway:
            donors = await register(gateway, 1, 2, 3)
            await until(lambda: group.broker.partition("gateway", 0).end == 3)
            group.broker.lose("gateway", 0, 1)
            async with group.running(toys.matcher(), 0) as matcher:
                await until(lambda: cursor(matcher) == 3)
                assert await group.answers() == donors

    run(story())


def test_a_topic_that_lost_everything_is_filled_again() -> None:
    async def story() -> None:
        group = Group()
        async with group.running(toys.gateway(), 0) as gateway:
            await register(gateway, 1, 2)
            await until(lambda: group.broker.partition("gateway", 0).end == 2)
            group.broker.wipe()
            await until(lambda: group.broker.partition("gateway", 0).end == 2)

    run(story())


def test_the_offsets_of_applied_events_are_committed_as_a_hint() -> None:
    async def story() -> None:
        group = Group()
        async with group.running(toys.gateway(), 0) as gateway, group.running(toys.matcher(), 0) as matcher:
            await register(gateway, 1, 2)
            subscription: Any = matcher._subscription
            await until(lambda: subscription.offsets.get(("gateway", 0)) == 2)

    run(story())
