"""The composition root: builds one service from its parts and runs it until SIGTERM or the failure of a part.

The only place that knows all services by name. SIGTERM drains: no new requests, batches in hand are committed and
published, the group is left.
"""

import asyncio
import signal
from collections.abc import Sequence
from contextlib import AsyncExitStack, nullcontext
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from schemas import STALE
from schemas.days import MORNING, jakarta_day
from schemas.facts.common import DayBegan
from schemas.logs import ServiceName
from services.context import Context
from services.runtime.base import collector, telemetry
from services.runtime.base.clock import Clock, SystemClock, VirtualClock
from services.runtime.base.postgres import Pool, Queries, open_pool
from services.runtime.contract import Received, Recorded, Service
from services.runtime.process import health
from services.runtime.process.engine import Engine
from services.settings import Settings

_SQL = Queries("services.ops", "serve.sql")
HEAD_BYTES_MAX: Final = 64 * 1024
JOINED_BYTES_MAX: Final = 16 * 1024


async def clock_of(settings: Settings, pool: Pool) -> Clock:
    """The clock that the settings ask for; a virtual one goes on from the last day in the log."""
    system = SystemClock()
    if settings.clock == "system":
        return system
    last = await last_day_at(pool)
    if last is None and settings.clock_start is not None:
        return VirtualClock(settings.clock_start, MORNING)
    return VirtualClock(jakarta_day(last or system.now()), MORNING)


async def last_day_at(pool: Pool) -> datetime | None:
    """When the newest day of a service's log began, over all shards."""
    at: datetime | None = await pool.fetchval(_SQL["last_day_at"])
    return at


class ClockHand:
    """Turns a virtual clock to the newest day that began in the service's log."""

    def __init__(self, clock: VirtualClock, pool: Pool) -> None:
        self._clock = clock
        self._pool = pool

    async def opened(self) -> None:
        """Turn it when a shard is taken over: its former owner may have begun days meanwhile."""
        last = await last_day_at(self._pool)
        if last is not None:
            self._clock.day = max(self._clock.day, jakarta_day(last))

    def committed(self, _shard: int, recorded: Sequence[Recorded], _received: Sequence[Received]) -> None:
        """Look for days among the facts just committed."""
        for one in recorded:
            if isinstance(one.fact, DayBegan):
                self._clock.day = max(self._clock.day, one.fact.day)


async def serve(name: ServiceName, settings: Settings) -> None:
    """Run a service until SIGTERM or SIGINT. Raises what stopped one of its loops."""
    telemetry.set_up(settings.telemetry, name)
    if STALE:
        telemetry.log.warning("process.compiled_modules_not_used", why=STALE)
    module: Any = import_module(f"services.{name}.app")
    collector.calm()
    async with AsyncExitStack() as stack:
        url = settings.database_url(name)
        pool = await stack.enter_async_context(
            open_pool(url, schema=name, size=settings.database.pool_size_max, name=f"sekul {name}")
        )
        clock = await clock_of(settings, pool)
        service: Service = module.service(settings)
        if isinstance(clock, VirtualClock):
            hand = ClockHand(clock, pool)
            service = replace(service, listeners=(*service.listeners, hand), opened=hand.opened)
        engine = Engine(service, settings, pool, clock)
        context = Context(settings, pool, engine, clock)
        app = module.asgi(context)
        if name == "gateway":
            app = _with_console(app, settings)
        server = _server(context, app, settings.http.port_of(name))
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        http = asyncio.create_task(server.serve(), name="http")
        run = asyncio.create_task(_run(engine), name="engine")
        loops = [asyncio.ensure_future(loop()) for loop in module.background(context)]
        stop = asyncio.create_task(stopping.wait(), name="signal")
        try:
            await _first_end(stop, http, run, loops)
        finally:
            server.should_exit = True
            for task in (run, *loops):
                task.cancel()
            await asyncio.gather(run, *loops, return_exceptions=True)
            await engine.stop()
            await asyncio.wait([http], timeout=5)


def _with_console(app: Any, settings: Settings) -> Any:
    """The pages in front of the gateway's API. The other services do not load what they need: it is slow to import."""
    console: Any = import_module("services.console.app")
    session: Any = import_module("services.console.session")
    return console.Console(app, session.Sessions(settings.keys.sessions, SystemClock()))


async def _run(engine: Engine) -> None:
    await engine.start()
    await engine.failure()


async def _first_end(
    stop: "asyncio.Task[Any]", http: "asyncio.Task[None]", run: "asyncio.Task[None]", loops: list[Any]
) -> None:
    """Wait for the signal; a loop, a shard or the HTTP server that fails before it ends the process with its error."""
    watched = {stop, http, run, *loops}
    while not stop.done():
        done, _ = await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stop}:
            task.result()
            if task is http:
                return
        watched -= done - {stop}


class _Server(uvicorn.Server):
    """Uvicorn without its signal handlers: the composition root has its own."""

    def install_signal_handlers(self) -> None:
        """Leave the signals alone."""

    def capture_signals(self) -> Any:
        """Leave the signals alone."""
        return nullcontext()


class _Transport:
    """Sends what is written in one turn of the event loop in one piece: mostly the head and the body of an answer."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._parts: list[bytes] = []
        self._soon = asyncio.get_running_loop().call_soon

    def write(self, data: bytes) -> None:
        """Send soon; at once what is too long to wait."""
        if not self._parts:
            self._soon(self._flush)
        self._parts.append(data)
        if len(data) > JOINED_BYTES_MAX:
            self._flush()

    def close(self) -> None:
        """Send what is left, and close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._parts:
            data = b"".join(self._parts)
            self._parts.clear()
            self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class _Protocol(HttpToolsProtocol):
    """HTTP with a bound on the head of a request, which httptools itself has not: memory is no caller's to fill."""

    _head_bytes: int | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Serve a connection."""
        super().connection_made(_Transport(transport))  # type: ignore[arg-type]

    def on_message_begin(self) -> None:
        """Count from here."""
        super().on_message_begin()
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        """Stop counting."""
        self._head_bytes = None
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Parse, and hang up on a head that does not end."""
        super().data_received(data)
        if self._head_bytes is not None:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES_MAX:
                self.transport.close()


def _server(context: Context, app: ASGIApp, port: int) -> uvicorn.Server:
    probes = health.routes(context.engine)
    paths, of_process = {route.path for route in probes}, Starlette(routes=probes)

    async def root(scope: Scope, receive: Receive, send: Send) -> None:
        await (of_process if scope.get("path") in paths else app)(scope, receive, send)

    config = uvicorn.Config(
        root,
        host=context.settings.http.host,
        port=port,
        http=_Protocol,
        ws="none",
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    return _Server(config)
