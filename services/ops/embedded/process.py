"""A program as a child of this one: it logs to a file, receives no Ctrl-C, and ends when this process ends.

Promises that no child outlives its parent on Linux, even one killed by -9 (`PR_SET_PDEATHSIG`, through util-linux's
setpriv). Must not know which program it runs. Works under any event loop, and none is kept.
"""

import asyncio
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from zlib import crc32

from services.runtime.base.errors import Defect

LOOPBACK = "127.0.0.1"
#: Below the range from which systems draw ports for outgoing connections, so that none of those takes a reserved one.
PORTS = range(18_000, 32_000)
_LOOK_EVERY_S = 0.05
#: how long a program that lets others go first may take for its start without doing so
_NICE_AFTER_S = 5.0
#: the ports that this process has reserved, each with the seed that it was chosen for
_reserved: dict[int, str] = {}


class Child:
    """One program. `farewell` is the signal that asks it to end; `user` runs it as somebody else than root.

    `niceness` lets siblings go first, once the program has started. It stays in the session of its parent: Linux
    divides cores by session first, and applies niceness only within one.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        farewell: signal.Signals = signal.SIGTERM,
        user: str = "",
        niceness: int = 0,
    ) -> None:
        self.name = name
        self.log = log
        self._argv = [*_wrapper(farewell, user), *argv]
        self._env = env
        self._farewell = farewell
        self._niceness = niceness
        self._process: subprocess.Popen[bytes] | None = None

    def spawn(self) -> None:
        """Start the program; its output goes to the end of the log file."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._env, process_group=0
            )
        if self._niceness:
            asyncio.get_running_loop().call_later(_NICE_AFTER_S, _yield_to_others, self._process, self._niceness)

    @property
    def pid(self) -> int:
        """The process id of the program that runs, or ran last."""
        if self._process is None:
            raise Defect("child.not_started", f"{self.name} was never started")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the program runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """The exit code, or `None` while it runs; minus the signal, if a signal ended it."""
        return None if self._process is None else self._process.poll()

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if the program still runs."""
        if self._process is not None:
            self._process.send_signal(number)

    def kill(self) -> None:
        """End the program by SIGKILL, as a power cut would, and wait until it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    async def ended(self, timeout_s: float | None = None) -> bool:
        """Wait until the program has ended; returns `False` if it still runs after `timeout_s`."""
        loop = asyncio.get_running_loop()
        deadline = None if timeout_s is None else loop.time() + timeout_s
        while self.running:
            if deadline is not None and loop.time() > deadline:
                return False
            await asyncio.sleep(_LOOK_EVERY_S)
        return True

    async def stop(self, timeout_s: float = 20) -> None:
        """Ask the program to end, even one that SIGSTOP has stopped; kill it after `timeout_s`."""
        self.send(self._farewell)
        self.send(signal.SIGCONT)
        if not await self.ended(timeout_s):
            self.kill()

    def last_words(self, lines: int = 12) -> str:
        """The end of the log, for the message of a failed start."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


class Server(ABC):
    """A program that serves until it is stopped; the subclass starts it as `child`."""

    child: Child | None = None

    @property
    def pid(self) -> int:
        """The process id. Raises `Defect` if the server was never started."""
        return self.started().pid

    @property
    def running(self) -> bool:
        """Whether the process runs."""
        return self.child is not None and self.child.running

    @abstractmethod
    async def start(self) -> None:
        """Start the server."""

    async def stop(self) -> None:
        """Ask the server to end and wait until it has ended."""
        if self.child is not None:
            await self.child.stop()

    def kill(self) -> None:
        """End the server by SIGKILL."""
        self.started().kill()

    async def restart(self) -> None:
        """Start the server again after `stop` or `kill`, on the same port."""
        await self.stop()
        await self.start()

    def started(self) -> Child:
        """The process. Raises `Defect` if the server was never started."""
        if self.child is None:
            raise Defect("server.not_started", f"{type(self).__name__} was never started")
        return self.child


def _yield_to_others(process: "subprocess.Popen[bytes]", niceness: int) -> None:
    if process.poll() is None:
        os.setpriority(os.PRIO_PGRP, process.pid, niceness)


def _wrapper(farewell: signal.Signals, user: str) -> list[str]:
    """The words before a command that tie it to its parent and, if asked, change its user.

    A program that refuses to run as root keeps root's right to walk into private folders (a clone under /root, a
    temporary folder), so that no permission of any folder on the way has to be widened.
    """
    if sys.platform != "linux":
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise Defect("setpriv.absent", "the command setpriv is missing; it is in the package util-linux")
    words = [setpriv, "--pdeathsig", farewell.name.removeprefix("SIG")]
    if user:
        group = str(pwd.getpwnam(user).pw_gid)
        words += ["--reuid", user, "--regid", group, "--clear-groups", "--bounding-set=-all,+dac_override"]
        words += ["--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override"]
    return [*words, "--"]


def port_taken(port: int) -> bool:
    """Whether something listens on a port of this machine already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
    return False


def free_ports(seed: str, count: int = 1) -> list[int]:
    """Returns and reserves ports on which nothing listens; the same seed leads to the same ports while they are free.

    A reserved port is not returned for another seed as long as this process lives, though nothing listens on it yet.
    """
    start = crc32(seed.encode()) % len(PORTS)
    candidates = [*PORTS[start:], *PORTS[:start]]
    return list(islice((port for port in candidates if not port_taken(port) and _reserve(port, seed)), count))


def remembered_port(file: Path, wanted: int | None = None) -> int:
    """Returns the port wanted, which must be free; else the one written in `file`, if it is free; else another.

    Raises `Defect` if the port wanted is taken.
    """
    seed = str(file.resolve())
    if wanted is not None:
        if port_taken(wanted):
            raise Defect("port.taken", f"port {wanted} is in use; stop the program that listens there")
        _reserve(wanted, seed)
        return _written(file, wanted)
    known = int(file.read_text(encoding="utf-8")) if file.exists() else None
    if known and not port_taken(known) and _reserve(known, seed):
        return known
    return _written(file, free_ports(seed)[0])


def _written(file: Path, port: int) -> int:
    file.write_text(f"{port}\n", encoding="utf-8")
    return port


def _reserve(port: int, seed: str) -> bool:
    """Returns whether the port is now reserved for the seed.

    On Linux a reservation holds against all processes of the machine: it is a name in the abstract socket namespace,
    which the kernel frees when this process ends. Elsewhere it holds within this process.
    """
    if port in _reserved:
        return _reserved[port] == seed
    if sys.platform == "linux":
        with socket.socket(socket.AF_UNIX) as reservation:
            try:
                reservation.bind(f"\0sekul-port-{port}")
            except OSError:
                return False
            reservation.detach()
    _reserved[port] = seed
    return True
