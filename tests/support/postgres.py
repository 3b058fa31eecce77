"""A real PostgreSQL for tests: one server per run, a migrated database of its own for each module that asks."""

import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from schemas.logs import ServiceName
from services.ops.embedded.postgres import Postgres
from services.ops.migrate import migrate, role_name
from services.runtime.base.keys import Keys

#: Roles belong to the whole server, so all tests derive their passwords from one key.
MASTER_KEY = "dGhpcyBtYXN0ZXIga2V5IGlzIGZvciB0ZXN0cyBvbmw="
KEYS = Keys.derive(MASTER_KEY)

_numbers = count(1)


@pytest.fixture(scope="session")
async def postgres() -> AsyncIterator[Postgres]:
    """The server of this run. A test that kills it starts it again with `await postgres.restart()`."""
    folder = Path(tempfile.mkdtemp(prefix="sekul-postgres-"))
    server = Postgres(folder)
    try:
        await server.start()
        yield server
    finally:
        if server.running:
            # without a last checkpoint of all the databases that are thrown away
            os.kill(server.pid, signal.SIGQUIT)
        await server.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
async def postgres_url(postgres: Postgres) -> str:
    """A fresh, migrated database: its address with the owner's login."""
    return await fresh_database(postgres)


async def fresh_database(postgres: Postgres) -> str:
    """Make and migrate a new database; returns its address with the owner's login."""
    if not postgres.running:
        await postgres.restart()
    url = await postgres.create_database(f"test_{next(_numbers)}")
    await migrate(url, KEYS.role_password)
    return url


def role_url(url: str, role: ServiceName) -> str:
    """The same database with the login of a service's role."""
    return f"postgresql://{role_name(role)}:{KEYS.role_password(role)}@{url.rpartition('@')[2]}"
