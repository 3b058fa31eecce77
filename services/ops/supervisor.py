"""`sekul up`: all of Gemet Sekul on one machine, from an empty folder to four services that answer.

Promises that what dies is started again, that a second stack on the same folder is refused, and that stopping drains
the services before Kafka, and Kafka before PostgreSQL. Must not hold anything that a restart could not find again.
"""

import asyncio
import fcntl
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal, Self

import httpx

from schemas.logs import CATALOGUE, ServiceName
from services.ops import stack_secrets
from services.ops.embedded.kafka import Kafka
from services.ops.embedded.postgres import Postgres
from services.ops.embedded.process import LOOPBACK, free_ports, port_taken
from services.ops.local import Folder, Shape, settings_of, shape_of, without_login
from services.ops.migrate import migrate
from services.ops.parts import Part, ServiceProcess, Watch, out_of_reach
from services.runtime.base.errors import Defect, Failure, RetryLater
from services.runtime.base.postgres import is_away
from services.runtime.base.settings import environment
from services.settings import Settings

_READY_TIMEOUT_S = 90
_LOOK_EVERY_S = 0.1
_SERVICES: tuple[ServiceName, ...] = tuple(CATALOGUE)


@dataclass(frozen=True)
class Wanted:
    """What a stack is asked for. What is left out stays as it was in the folder, or as the settings say."""

    data: Path
    #: the gateway's port; the others take the three that follow. 0: free ones
    port: int | None = None
    #: addresses of servers elsewhere; without them the embedded ones
    kafka: str | None = None
    database: str | None = None
    clock: Literal["system", "virtual"] | None = None
    shards: int | None = None
    #: more settings for the services, as names of the environment
    env: Mapping[str, str] = field(default_factory=dict)
    #: the command that runs a service, but for its name
    serve: tuple[str, ...] = (sys.executable, "-m", "services.cli", "serve")


def _silent(_line: str) -> None:
    """Say nothing."""


class Stack:
    """A running Gemet Sekul: `async with Stack(Wanted(data)) as stack: ...`."""

    def __init__(self, wanted: Wanted, announce: Callable[[str], None] = _silent) -> None:
        self.wanted = wanted
        self.folder = Folder(wanted.data.resolve())
        self.settings = Settings()
        #: whether the operator's key was made by this start, so that nobody has seen it yet
        self.operator_key_is_new = False
        self._announce = announce
        self._watches: dict[str, Watch] = {}
        self._lock: IO[str] | None = None

    async def __aenter__(self) -> Self:
        """Start everything and wait until every service is ready."""
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop everything in order."""
        await self.stop()

    @property
    def url(self) -> str:
        """Where the gateway answers."""
        return self.url_of("gateway")

    def url_of(self, service: ServiceName) -> str:
        """Where a service answers."""
        return f"http://{LOOPBACK}:{self.settings.http.port_of(service)}"

    @property
    def operator_key(self) -> str:
        """The API key that may do everything."""
        return self.settings.operator_key.get_secret_value()

    def pid(self, name: str) -> int:
        """The process id of a part: a service, `kafka` or `postgres`."""
        return self._watches[name].part.pid

    def running(self, name: str) -> bool:
        """Whether a part's process runs."""
        return self._watches[name].part.running

    def kill(self, name: str) -> None:
        """End a part by SIGKILL; it is started again soon after."""
        self._watches[name].part.kill()

    def send(self, name: str, number: signal.Signals) -> None:
        """Send a part a signal, such as SIGSTOP."""
        os.kill(self.pid(name), number)

    async def hold(self, name: str) -> None:
        """Stop a part in order, and keep it stopped until `release`."""
        await self._watches[name].stop()

    async def release(self, name: str) -> None:
        """Start a part again that was held."""
        await self._watches[name].start()
        self._watches[name].keep()

    async def wipe_kafka(self) -> None:
        """Kill the embedded Kafka and start it again with an empty disk."""
        watch = self._watches["kafka"]
        if not isinstance(watch.part, Kafka):
            raise Defect("kafka.elsewhere", "only an embedded Kafka can be wiped")
        await watch.leave()
        watch.part.kill()
        await watch.part.clear()
        await self.release("kafka")

    async def ready(self, names: Sequence[ServiceName] = _SERVICES, timeout_s: float = _READY_TIMEOUT_S) -> None:
        """Wait until services say that they are ready. Raises `RetryLater` with the last report."""
        report = ""
        async with httpx.AsyncClient(timeout=5) as client:
            for name in names:
                try:
                    async with asyncio.timeout(timeout_s):
                        while report := await _unready(client, self.url_of(name)):
                            await asyncio.sleep(_LOOK_EVERY_S)
                except TimeoutError as error:
                    waited = f"the {name} is not ready after {timeout_s:.0f} s: {report}"
                    raise RetryLater("service.not_ready", waited) from error

    async def stop(self) -> None:
        """Drain the services together, then end Kafka, then PostgreSQL."""
        await asyncio.gather(*(self._watches[name].stop() for name in _SERVICES if name in self._watches))
        for name in ("kafka", "postgres"):
            if name in self._watches:
                await self._watches[name].stop()
        self._watches.clear()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    async def _start(self) -> None:
        self.folder.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = _locked(self.folder)
        self.operator_key_is_new = stack_secrets.ensure(self.folder.data, Settings()).fresh
        stack_secrets.private(self.folder.shape, self._shape().model_dump_json())
        self.settings = settings_of(self.folder.data)
        both = await asyncio.gather(self._start_kafka(), self._start_database(), return_exceptions=True)
        for failure in both:
            if isinstance(failure, BaseException):
                raise failure
        self.settings = settings_of(self.folder.data)
        await self._start_services()
        for watch in self._watches.values():
            watch.keep()

    def _shape(self) -> Shape:
        """What this start decides; the number of shards is part of the data and stays."""
        wanted, base = self.wanted, Settings()
        former = shape_of(self.folder)
        shards = wanted.shards or (former.shards if former else base.shards)
        if former and shards != former.shards:
            raise Defect(
                "shards.fixed", f"{self.folder.data} was made with {former.shards} shards and keeps that number"
            )
        clock = wanted.clock or (former.clock if former else base.clock)
        return Shape(shards=shards, clock=clock, ports=self._ports(base))

    def _ports(self, base: Settings) -> dict[ServiceName, int]:
        if self.wanted.port == 0:
            return dict(zip(_SERVICES, free_ports(str(self.folder.data), len(_SERVICES)), strict=True))
        first = self.wanted.port
        ports = {name: base.http.port_of(name) if first is None else first + i for i, name in enumerate(_SERVICES)}
        for name, port in ports.items():
            if port_taken(port):
                raise Defect("port.taken", f"port {port}, for the {name}, is in use; take another with --port")
        return ports

    async def _start_kafka(self) -> None:
        if self.wanted.kafka is None:
            self._announce("starting Apache Kafka")
            kafka = Kafka(self.folder.kafka)
            await self._watch("kafka", kafka).start()
        elif why := await out_of_reach(self.wanted.kafka):
            raise RetryLater("kafka.away", f"Kafka cannot be reached: {why}")
        stack_secrets.private(self.folder.kafka_address, self.wanted.kafka or kafka.servers)

    async def _start_database(self) -> None:
        if self.wanted.database is None:
            self._announce("starting PostgreSQL")
            postgres = Postgres(self.folder.postgres)
            await self._watch("postgres", postgres).start()
        url = self.wanted.database or postgres.url()
        stack_secrets.private(self.folder.database_url, url)
        try:
            for done in await migrate(url, self.settings.keys.role_password):
                self._announce(f"migrated {done}")
        except Failure:
            raise
        except Exception as error:
            family = RetryLater if is_away(error) else Defect
            raise family("database.unfit", f"the database {without_login(url)} cannot be used: {error}") from error

    async def _start_services(self) -> None:
        self._announce(f"starting {', '.join(_SERVICES)}")
        processes = {
            name: ServiceProcess(name, self.wanted.serve, self._environment(), self.folder.log(name))
            for name in _SERVICES
        }
        for name, process in processes.items():
            await self._watch(name, process).start()
        ready = asyncio.create_task(self.ready())
        try:
            while not ready.done():
                await asyncio.wait([ready], timeout=_LOOK_EVERY_S)
                for name, process in processes.items():
                    if not process.running:
                        raise Defect("service.ended", f"the {name} ended at its start:\n{process.last_words()}")
            await ready
        finally:
            ready.cancel()

    def _watch(self, name: str, part: Part) -> Watch:
        self._watches[name] = Watch(name, part, self.folder.pid(name), self._announce)
        return self._watches[name]

    def _environment(self) -> dict[str, str]:
        """What the services receive: addresses and keys, and never the owner's login to the database."""
        settings = self.settings
        variables = {
            "SEKUL_DATA": str(self.folder.data),
            "SEKUL_SHARDS": str(settings.shards),
            "SEKUL_CLOCK": settings.clock,
            "SEKUL_MASTER_KEY": settings.master_key.get_secret_value(),
            "SEKUL_OPERATOR_KEY": self.operator_key,
            "SEKUL_KAFKA__SERVERS": settings.kafka.servers,
            "SEKUL_DATABASE__URL": without_login(settings.database.url),
        }
        variables |= {f"SEKUL_HTTP__{name.upper()}_PORT": str(settings.http.port_of(name)) for name in _SERVICES}
        return environment(**variables | dict(self.wanted.env))


async def up(wanted: Wanted, announce: Callable[[str], None]) -> None:
    """Run a stack until SIGINT or SIGTERM."""
    this = asyncio.current_task()
    if this is None:
        raise Defect("up.no_task", "up must run in a task of its own")
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, this.cancel)
    try:
        async with Stack(wanted, announce) as stack:
            if stack.operator_key_is_new:
                announce(f"operator key, shown this once: {stack.operator_key}")
            announce(f"Gemet Sekul is up: {stack.url}/console (Ctrl-C ends it)")
            await asyncio.Event().wait()
    except asyncio.CancelledError:
        announce("stopped")


def _locked(folder: Folder) -> IO[str]:
    lock = folder.lock.open("w", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise Defect("data.in_use", f"another sekul runs from {folder.data}; end it, or take another --data") from error
    return lock


async def _unready(client: httpx.AsyncClient, url: str) -> str:
    """Why a service is not ready, or nothing when it is."""
    try:
        answer = await client.get(f"{url}/readyz")
    except httpx.HTTPError as error:
        return str(error) or type(error).__name__
    return "" if answer.status_code == httpx.codes.OK else answer.text
