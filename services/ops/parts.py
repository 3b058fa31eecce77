"""The parts of a stack, all alike: started, watched, started again when they die, stopped.

Promises that a part that ends without being stopped is started again: at once, or after a wait that grows while it
keeps ending at its start.
Must not know what a part is for.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from schemas.logs import ServiceName
from services.ops.embedded.process import Child, Server
from services.runtime.base.backoff import Backoff
from services.runtime.base.errors import Failure

_LOOK_EVERY_S = 0.05
_CONNECT_TIMEOUT_S = 5
#: a part that has run for so long is started again at once
_STEADY_AFTER_S = 3
#: The gateway answers people; the others follow the logs and catch up when it has less to do.
_NICENESS_BEHIND = 10


class Part(Protocol):
    """A server of the stack."""

    @property
    def running(self) -> bool:
        """Whether its process runs."""
        ...

    @property
    def pid(self) -> int:
        """Its process id."""
        ...

    async def start(self) -> None:
        """Start it; wait until it can be used."""
        ...

    async def stop(self) -> None:
        """End it in order."""
        ...

    def kill(self) -> None:
        """End it by SIGKILL."""
        ...


class ServiceProcess(Server):
    """A service as a process of its own: `sekul serve NAME`."""

    def __init__(self, name: ServiceName, serve: Sequence[str], env: Mapping[str, str], log: Path) -> None:
        niceness = 0 if name == "gateway" else _NICENESS_BEHIND
        self.child: Child = Child(name, [*serve, name], log=log, env=env, niceness=niceness)

    async def start(self) -> None:
        """Start the process; its own route reports when it is ready."""
        self.child.spawn()

    def last_words(self) -> str:
        """The end of its log."""
        return self.child.last_words()


class Watch:
    """Keeps one part running until it is asked to stop."""

    def __init__(self, name: str, part: Part, pid_file: Path, announce: Callable[[str], None]) -> None:
        self.name = name
        self.part = part
        self._pid_file = pid_file
        self._announce = announce
        self._backoff = Backoff(0.2, 5)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the part."""
        await self.part.start()
        self._pid_file.parent.mkdir(parents=True, exist_ok=True)
        self._pid_file.write_text(f"{self.part.pid}\n", encoding="utf-8")

    def keep(self) -> None:
        """From now on, start the part again whenever it ends."""
        if self._task is None:
            self._task = asyncio.create_task(self._keep(), name=f"watch {self.name}")

    async def stop(self) -> None:
        """Stop watching, then stop the part."""
        await self.leave()
        await self.part.stop()
        self._pid_file.unlink(missing_ok=True)

    async def leave(self) -> None:
        """Stop watching: from now on the part stays as it is."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        since = loop.time()
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            if self.part.running:
                continue
            self._report(f"{self.name} has ended; starting it again")
            if loop.time() - since > _STEADY_AFTER_S:
                self._backoff.reset()
            else:
                await self._backoff.wait()
            try:
                await self.start()
            except (Failure, OSError) as error:
                self._report(f"{self.name} could not be started again: {error}")
            since = loop.time()

    def _report(self, line: str) -> None:
        with suppress(OSError):  # such as a full disk under the supervisor's own output
            self._announce(line)


async def out_of_reach(servers: str) -> str:
    """Why none of the servers (`host:port`, comma between) takes a connection; nothing when one does."""
    why = []
    for server in servers.split(","):
        host, _, port = server.strip().rpartition(":")
        try:
            async with asyncio.timeout(_CONNECT_TIMEOUT_S):
                _, writer = await asyncio.open_connection(host, int(port))
        except (OSError, ValueError) as error:
            why.append(f"{server}: {error or type(error).__name__}")
            continue
        writer.close()
        return ""
    return "; ".join(why)
