"""One life of the whole system: four real processes, real Kafka and PostgreSQL, the load, and faults beside it.

A fault is a coroutine that waits for its moments, which are numbers of the load's writes drawn from a seed, and then
does its worst. Promises to return an end state only when every reader is at the head of its sources and `sekul verify`
holds.
"""

import asyncio
import random  # noqa: TID251 - seeded: a failure names its seed
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from schemas.logs import ServiceName
from services.ops.local import settings_of
from services.ops.parts import ServiceProcess
from services.ops.supervisor import Stack, Wanted
from services.ops.verify.run import verify
from services.runtime.base.postgres import connect, is_away
from tests.support import end_state
from tests.support.caller import Caller
from tests.support.end_state import EndState
from tests.support.load import BEGINS, SHARDS, Load
from tests.support.post import Post, post_office

#: how many writes a life has, at least
WRITES: Final = 190
SESSION_MS: Final = 6_000
_PATIENCE_S: Final = 120
_LIFE_S: Final = 420
_LOOK_S: Final = 0.05
#: how long a turn of the clock takes at least
_TURN_S: Final = 0.3


@dataclass
class Scene:
    """What faults may touch."""

    stack: Stack
    load: Load
    office: Post
    chance: random.Random
    #: while it is closed, the load holds its breath before each write
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    #: how long it takes breath before each write
    pace_s: float = 0
    _begun: list[str] = field(default_factory=list)
    _over: bool = False
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def database(self) -> str:
        """The database with its owner's login."""
        return self.stack.folder.database_url.read_text(encoding="utf-8").strip()

    async def moment(self, first: int = 1, last: int = WRITES - 10) -> None:
        """Wait for a moment within a stretch of the load."""
        number = self.chance.randint(first, last)
        await self._until(lambda: len(self._begun) >= number)
        await asyncio.sleep(self.chance.random() * 0.1)

    async def during(self, what: str, times: int) -> None:
        """Wait until one of the writes whose names begin so is under way; there must be so many of them."""
        number = self.chance.randint(1, times)
        await self._until(lambda: sum(one.startswith(what) for one in self._begun) >= number)
        await asyncio.sleep(self.chance.random() * _TURN_S)

    async def _until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            assert not self._over, "the load ended before the moment of a fault came"
            self._changed.clear()
            await self._changed.wait()

    async def more(self, writes: int, at_most_s: float) -> int:
        """Wait for some more writes, but no longer than that. Returns how many began."""
        before = len(self._begun)
        with suppress(TimeoutError):
            async with asyncio.timeout(at_most_s):
                await self._until(lambda: len(self._begun) >= before + writes)
        return len(self._begun) - before

    async def kill(self, name: str) -> None:
        """Kill a part by SIGKILL while the load is played; a part that is just being started again, once it runs."""
        async with asyncio.timeout(_PATIENCE_S):
            while not self.stack.running(name):
                await asyncio.sleep(_LOOK_S)
        assert not self._over, f"the load ended before the {name} was killed"
        self.stack.kill(name)

    async def begin(self, once: str) -> None:
        """The load begins a write: now, or when the gate opens, and at its pace."""
        await self.gate.wait()
        self._begun.append(once)
        self._changed.set()
        await asyncio.sleep(self.pace_s)

    async def play(self) -> None:
        """Play the load to its end."""
        await self.load.play()
        self._over = True
        self._changed.set()

    async def settled(self) -> None:
        """Wait until every reader is at the head of its sources. Raises `AssertionError` with those that are not."""
        left = "nothing could be asked"
        try:
            async with asyncio.timeout(_PATIENCE_S):
                while left:
                    try:
                        connection = await connect(self.database, timeout=5)
                        try:
                            while left := await end_state.quiet(connection):
                                await asyncio.sleep(_LOOK_S)
                        finally:
                            await connection.close()
                    except Exception as error:
                        if not is_away(error):
                            raise
                        left = f"the database is away: {error}"
                        await asyncio.sleep(_LOOK_S)
        except TimeoutError:
            raise AssertionError(f"not settled after {_PATIENCE_S} s: {left}") from None

    def second(self, service: ServiceName, port: int) -> ServiceProcess:
        """Another process of a service, under a name of its own."""
        env = self.stack._environment() | {
            "SEKUL_INSTANCE": "second",
            f"SEKUL_HTTP__{service.upper()}_PORT": str(port),
        }
        return ServiceProcess(service, self.stack.wanted.serve, env, self.stack.folder.log(f"{service}-second"))


Fault = Callable[[Scene], Coroutine[Any, Any, None]]


@asynccontextmanager
async def scene(data: Path, *, seed: int, load_seed: int) -> AsyncIterator[Scene]:
    """A stack in which nothing has happened yet, and its client."""
    with post_office(str(data), delay_s=0.02) as office:
        env = {
            "SEKUL_CLOCK_START": BEGINS.isoformat(),
            "SEKUL_INSTANCE": "first",
            "SEKUL_KAFKA__SESSION_TIMEOUT_MS": str(SESSION_MS),
            "SEKUL_NOTICES__CHANNELS": '["mailbox","email"]',
            "SEKUL_NOTICES__SMTP_HOST": "127.0.0.1",
            "SEKUL_NOTICES__SMTP_PORT": str(office.port),
            "SEKUL_NOTICES__SMTP_TLS": "none",
        }
        wanted = Wanted(data, port=0, clock="virtual", shards=SHARDS, env=env)
        async with Stack(wanted, _log_to(data)) as stack, Caller([stack.url], stack.operator_key) as caller:
            here = Scene(stack, Load(caller, load_seed), office, random.Random(seed))  # noqa: S311 - nothing secret
            here.load.settled, caller.before = here.settled, here.begin
            here.gate.set()
            yield here


async def live(here: Scene, *faults: Fault) -> EndState:
    """Play the load with faults beside it. Returns the end state, which obeys all laws."""
    async with asyncio.timeout(_LIFE_S), asyncio.TaskGroup() as group:
        for fault in faults:
            group.create_task(fault(here))
        group.create_task(here.play())
    await here.settled()
    await here.stack.ready()
    await here.settled()
    broken = [one async for one in verify(settings_of(here.stack.folder.data)) if one.state == "broken"]
    assert not broken, "\n".join(f"{one.law}: {one.detail}" for one in broken)
    return await end_state.read(here.database, here.load.names)


def _log_to(data: Path) -> Callable[[str], None]:
    """Keep what the supervisor reports, for the search for a cause."""

    def tell(line: str) -> None:
        with (data / "logs" / "stack.log").open("a", encoding="utf-8") as log:
            log.write(f"{line}\n")

    (data / "logs").mkdir(parents=True, exist_ok=True)
    return tell


def last_words(here: Scene, lines: int = 15) -> str:
    """The end of every log, for the message of a failure."""
    files: Sequence[Path] = sorted((here.stack.folder.data / "logs").glob("*.log"))
    ends = (file.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:] for file in files)
    return "\n".join(f"== {file.name}\n" + "\n".join(end) for file, end in zip(files, ends, strict=True))


def say(*words: object) -> None:
    """Print for the reader of a failure."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
