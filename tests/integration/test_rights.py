"""The rights that migrations give: facts are append-only, and each service sees its own schema alone."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from services.ops.migrate import AUDITOR, migrate, role_name
from services.runtime.base.postgres import Connection, connect
from tests.support.postgres import KEYS, role_url

_FACT = (
    "INSERT INTO {schema}.facts (shard, seq, stream, kind, version, at, body, actor, cause, trace, chain)"
    " VALUES (0, 1, 'wrk_x', 'thing.happened', 1, '2026-11-24Z', '{{}}', 'service/matcher', 'command', '', '')"
)


@pytest.fixture(scope="module")
async def matcher(postgres_url: str) -> AsyncIterator[Connection]:
    connection = await connect(role_url(postgres_url, "matcher"))
    try:
        await connection.execute(_FACT.format(schema="matcher"))
        yield connection
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE matcher.facts SET body = 'x'",
        "DELETE FROM matcher.facts",
        "TRUNCATE matcher.facts",
        "DROP TABLE matcher.facts",
        "ALTER TABLE matcher.facts DISABLE TRIGGER ALL",
        "CREATE TABLE matcher.mine (i int)",
        "SELECT * FROM ledger.facts",
        "SELECT * FROM gateway.inbox",
        "SELECT * FROM vault.persons",
        "SELECT * FROM migrations.applied",
        "CREATE TABLE public.mine (i int)",
    ],
)
async def test_a_service_cannot(matcher: Connection, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await matcher.execute(statement)


async def test_a_service_reads_and_adds_its_own_facts(matcher: Connection) -> None:
    assert await matcher.fetchval("SELECT count(*) FROM matcher.facts") == 1


async def test_the_gateway_cannot_change_its_copy_of_other_logs(postgres_url: str) -> None:
    gateway = await connect(role_url(postgres_url, "gateway"))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await gateway.execute("DELETE FROM gateway.inbox")
    await gateway.close()


async def test_the_notifier_reads_the_vault_and_cannot_write_it(postgres_url: str) -> None:
    notifier = await connect(role_url(postgres_url, "notifier"))
    assert await notifier.fetch("SELECT person FROM vault.persons") == []
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await notifier.execute("DELETE FROM vault.lookups")
    await notifier.close()


async def test_the_auditor_reads_every_log_and_writes_none(postgres_url: str) -> None:
    login = f"{role_name(AUDITOR)}:{KEYS.role_password(AUDITOR)}"
    auditor = await connect(f"postgresql://{login}@{postgres_url.rpartition('@')[2]}")
    for schema in ("gateway", "matcher", "ledger", "notifier"):
        await auditor.fetch(f"SELECT * FROM {schema}.facts")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await auditor.execute(_FACT.format(schema=schema))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await auditor.fetch("SELECT * FROM vault.persons")
    await auditor.close()


async def test_migrating_again_applies_nothing(postgres_url: str) -> None:
    assert await migrate(postgres_url, KEYS.role_password) == []


async def test_a_file_that_changed_after_it_was_applied_stops_the_migration(postgres_url: str) -> None:
    owner = await connect(postgres_url)
    await owner.execute("UPDATE migrations.applied SET hash = 'other' WHERE schema = 'ledger'")
    with pytest.raises(Exception, match="was applied to schema ledger with other text"):
        await migrate(postgres_url, KEYS.role_password)
    await owner.close()
