"""A gateway without Kafka: its own shards, log, tables and HTTP routes on a real PostgreSQL.

Facts of other services are fed to the shards as records, as Kafka would deliver them; the test sets their answers to
questions.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast

import httpx
from starlette.types import ASGIApp

from schemas.base import Fact
from schemas.days import MORNING
from schemas.envelope import GENESIS
from schemas.logs import ServiceName, sources_of
from services.context import Context
from services.gateway import app as gateway
from services.gateway.api.app import Api
from services.gateway.api.app_state import AppState
from services.gateway.outbound.peers import Peers
from services.runtime.base import telemetry
from services.runtime.base.clock import VirtualClock
from services.runtime.base.errors import RetryLater
from services.runtime.base.postgres import Pool, open_pool
from services.runtime.base.settings import Database
from services.runtime.base.sharding import shard_of
from services.runtime.contract import Recorded, Service
from services.runtime.eventlog.progress import Progress
from services.runtime.eventlog.store import EventLog
from services.runtime.process.readiness import Readiness
from services.runtime.shard.inbox import RawRecord
from services.runtime.shard.processor import ShardProcessor
from services.runtime.shard.resources import ProcessResources
from services.settings import Http, Settings
from tests.support import events
from tests.support.postgres import MASTER_KEY, role_url

if TYPE_CHECKING:
    from services.runtime.process.engine import Engine

OPERATOR = "operator-key-of-tests"
DAY = date(2026, 11, 24)
SHARDS = 4
#: answers of the other services: path -> JSON, or a function of the request
Answers = dict[str, Any]


class QuietRelay:
    """A relay that publishes nothing, but lets the progress be known."""

    lag = 0

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def resume(self, shard: int, seq: int, cursors: Mapping[str, int]) -> None:
        """Note how far a shard is."""
        self._progress.note("gateway", shard, seq, cursors)

    def offer(self, shard: int, recorded: list[Recorded], seq: int, cursors: Mapping[str, int]) -> None:
        """Note how far a shard is."""
        self._progress.note("gateway", shard, seq, cursors)


class TwinEngine:
    """What the gateway needs of an engine, with all shards in this process."""

    def __init__(self, service: Service, settings: Settings, pool: Pool, clock: VirtualClock) -> None:
        self.service = service
        self.progress = Progress(clock, settings.shards)
        self.relay = QuietRelay(self.progress)
        around = ProcessResources(
            service=service,
            sources=sources_of("gateway"),
            store=EventLog(pool, service.log),
            relay=self.relay,  # type: ignore[arg-type]
            loop=settings.loop,
            clock=clock,
            owner="twin",
        )
        self.processors = {shard: ShardProcessor(shard, around) for shard in range(settings.shards)}
        #: shards that another process has, as far as this one knows
        self.elsewhere: set[int] = set()

    async def start(self) -> None:
        """Take all shards over."""
        for shard in self.processors.values():
            shard.start()
        await asyncio.gather(*(shard.opened() for shard in self.processors.values()))

    async def stop(self) -> None:
        """Let all shards go."""
        await asyncio.gather(*(shard.close() for shard in self.processors.values()))

    def processor(self, shard: int) -> ShardProcessor:
        """The processor of a shard."""
        if shard in self.elsewhere:
            raise RetryLater("shard.elsewhere", f"shard {shard} is not served by this process now")
        return self.processors[shard]

    @property
    def owned(self) -> list[int]:
        """All shards."""
        return [shard for shard in self.processors if shard not in self.elsewhere]

    def readiness(self) -> Readiness:
        """Always ready."""
        return Readiness(None, {})

    def lag(self) -> dict[ServiceName, int]:
        """Nothing is ever behind."""
        return {}


@dataclass
class Twin:
    """A gateway, its clients and its peers."""

    settings: Settings
    engine: TwinEngine
    pool: Pool
    clock: VirtualClock
    state: AppState
    app: ASGIApp
    client: httpx.AsyncClient
    answers: Answers
    asked: list[httpx.Request]
    _ends: dict[tuple[str, int], tuple[int, bytes]] = field(default_factory=dict)

    async def tell(
        self, source: ServiceName, shard: int, *facts: Fact, at: datetime | None = None, cause: str = "command"
    ) -> str:
        """Let another service record facts, and wait until the gateway has them; returns the last one's position."""
        processor = self.engine.processors[shard]
        processor.offer([self._raw(source, shard, fact, at or self.clock.now(), cause) for fact in facts])
        async with asyncio.timeout(10):
            while source not in processor.cursors or processor.cursors[source].seq < self._ends[source, shard][0]:
                await asyncio.sleep(0.002)
        return f"{source}/{shard}/{self._ends[source, shard][0]}"

    def _raw(self, source: ServiceName, shard: int, fact: Fact, at: datetime, cause: str) -> RawRecord:
        seq, previous = self._ends.get((source, shard), (0, GENESIS))
        one = events.recorded(
            fact,
            service=source,
            shard=shard,
            seq=seq + 1,
            at=at,
            cause=cause,
            trace=telemetry.traceparent(),
            previous=previous,
        )
        self._ends[source, shard] = (one.seq, one.chain)
        return events.raw(one)

    async def facts(self, kind: str | None = None) -> list[Recorded]:
        """The gateway's log of all shards, or the facts of one kind in it."""
        found: list[Recorded] = []
        for processor in self.engine.processors.values():
            async for chunk in processor.store.fold(processor.shard):
                found += chunk
        return [one for one in found if kind in {None, one.kind}]

    def shard(self, key: str) -> int:
        """The shard of a city or a donor."""
        return shard_of(key, SHARDS)

    def caller(self, key: str | None) -> httpx.AsyncClient:
        """A client with another key, or without one."""
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://gateway", headers=headers)


@asynccontextmanager
async def twin(url: str, **http: Any) -> AsyncIterator[Twin]:
    """A gateway on a migrated database; further arguments are settings of HTTP."""
    settings = Settings(
        shards=SHARDS,
        master_key=MASTER_KEY,
        operator_key=OPERATOR,
        clock="virtual",
        database=Database(url=url),
        http=Http(**http),
    )
    answers, asked = Answers(), list[httpx.Request]()
    clock = VirtualClock(DAY, MORNING)
    async with open_pool(role_url(url, "gateway"), schema="gateway", size=12) as pool:
        service = gateway.service(settings)
        engine = TwinEngine(service, settings, pool, clock)
        context = Context(settings, pool, cast("Engine", engine), clock)
        peers = Peers(settings, httpx.MockTransport(_answering(answers, asked)))
        state = gateway.make_state(context, peers)
        app = Api(state)
        await engine.start()
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        headers = {"Authorization": f"Bearer {OPERATOR}"}
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://gateway", headers=headers) as client:
                yield Twin(settings, engine, pool, clock, state, app, client, answers, asked)
        finally:
            await engine.stop()
            await peers.close()


def _answering(answers: Answers, asked: list[httpx.Request]) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        found = answers.get(request.url.path)
        if found is None:
            raise httpx.ConnectError("away", request=request)
        if callable(found):
            found = found(request)
        if isinstance(found, httpx.Response):
            return found
        return httpx.Response(200, json=found)

    return answer
