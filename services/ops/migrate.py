"""Brings a database to the schema that this code needs: roles, schemas, tables, rights. Forward only.

`python -m services.ops.migrate` migrates the database that `SEKUL_DATABASE__ADMIN_URL` names.

Promises one transaction per file, one migration at a time, a `Defect` if a file has changed since it was applied, and
the least rights: a service's role sees its own schema, and facts can only be read and added. Files are named
`0001_pre_what.sql` (before the new code starts) or `0002_post_what.sql` (once no old code runs), and never edited.
Must not touch any row that a service wrote.
"""

import asyncio
import re
import sys
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import pbkdf2_hmac, sha256
from hmac import digest
from importlib import resources

from schemas.logs import CATALOGUE
from services.ops.data_format import FORMAT, need_format
from services.runtime.base.errors import Defect
from services.runtime.base.postgres import Connection, Queries, connect
from services.settings import Settings

SQL = Queries("services.ops", "migrate.sql")
VAULT = "vault"
AUDITOR = "auditor"
#: The services that keep a copy of other logs.
_INBOX_OWNERS = ("gateway",)
_APPEND_ONLY = ("facts", "inbox")
_VAULT_WRITER, _VAULT_READER = "gateway", "notifier"
_NAME = re.compile(r"^\d{4}_(pre|post)_[a-z0-9_]+\.sql$")
_SCRAM_ROUNDS = 4096


@dataclass(frozen=True)
class Step:
    """One file to be run in one schema. `part` is the package that it comes from."""

    schema: str
    part: str
    file: str
    text: str

    @property
    def hash(self) -> str:
        """The hash of its text."""
        return sha256(self.text.encode()).hexdigest()


def plan() -> list[Step]:
    """All steps in order: for each service its log and then its own tables, at last the vault."""
    steps: list[Step] = []
    for service in CATALOGUE:
        steps += _steps(service, "services.runtime.migrations")
        if service in _INBOX_OWNERS:
            steps += _steps(service, "services.runtime.migrations.inbox")
        steps += _steps(service, f"services.{service}.migrations")
    return [*steps, *_steps(VAULT, "services.runtime.vault.migrations")]


async def migrate(url: str, password_of: Callable[[str], str]) -> list[str]:
    """Run what is not applied yet, as the owner who logs in by `url`; returns the names of what was run.

    Raises `Defect` for a database of another version.
    """
    connection = await connect(url)
    try:
        await connection.execute(SQL["lock"])
        await connection.execute(SQL["book"])
        need_format(await connection.fetchval(SQL["format_kept"]) or FORMAT, "the database")
        await connection.execute(SQL["keep_format"], FORMAT)
        for role in (*CATALOGUE, AUDITOR):
            await _role(connection, role, password_of(role))
        for schema in (*CATALOGUE, VAULT):
            await connection.execute(_statement("schema", schema))
        done = await _apply(connection, plan())
        async with connection.transaction():
            await connection.execute(_rights())
        return done
    finally:
        await connection.close()


async def pending(url: str) -> list[str]:
    """The files that `migrate` would run, on a database that was migrated before."""
    connection = await connect(url, timeout=5)
    try:
        applied = await _applied(connection)
    finally:
        await connection.close()
    return [f"{step.schema}: {step.file}" for step in plan() if (step.schema, step.part, step.file) not in applied]


def role_name(role: str) -> str:
    """The login of a service or of the auditor."""
    return f"sekul_{role}"


def _steps(schema: str, package: str) -> list[Step]:
    parent, _, name = package.rpartition(".")
    folder = resources.files(parent).joinpath(name)
    if not folder.is_dir():
        return []
    found = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda entry: entry.name)
    for entry in found:
        if not _NAME.match(entry.name):
            raise Defect("migration.name", f"{package}/{entry.name} is not named like 0001_pre_what.sql")
    return [Step(schema, package, entry.name, entry.read_text(encoding="utf-8")) for entry in found]


async def _applied(connection: Connection) -> dict[tuple[str, str, str], str]:
    rows = await connection.fetch(SQL["applied"])
    return {(row["schema"], row["part"], row["file"]): row["hash"] for row in rows}


async def _apply(connection: Connection, steps: list[Step]) -> list[str]:
    applied = await _applied(connection)
    done = []
    for step in steps:
        known = applied.get((step.schema, step.part, step.file))
        if known is not None and known != step.hash:
            raise Defect(
                "migration.changed",
                f"{step.part}/{step.file} was applied to schema {step.schema} with other text than it has now; "
                "undo the edit, and add a file with the change",
            )
        if known is None:
            async with connection.transaction():
                await connection.execute(f"SET LOCAL search_path = {step.schema}")
                await connection.execute(step.text)
                await connection.execute(SQL["enter"], step.schema, step.part, step.file, step.hash)
            done.append(f"{step.schema}: {step.file}")
    return done


async def _role(connection: Connection, role: str, password: str) -> None:
    name = role_name(role)
    if not await connection.fetchval(SQL["role_known"], name):
        await connection.execute(await connection.fetchval(SQL["create_role"], name))
    await connection.execute(await connection.fetchval(SQL["set_password"], name, _scram(name, password)))


def _scram(name: str, password: str) -> str:
    """What PostgreSQL stores of a password (RFC 5803). Salted by the name: the passwords are random keys anyway."""
    salt = sha256(name.encode()).digest()[:16]
    salted = pbkdf2_hmac("sha256", password.encode(), salt, _SCRAM_ROUNDS)
    stored = sha256(digest(salted, b"Client Key", "sha256")).digest()
    server = digest(salted, b"Server Key", "sha256")
    b64 = [b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${_SCRAM_ROUNDS}:{b64[0]}${b64[1]}:{b64[2]}"


def _rights() -> str:
    statements = []
    for service in CATALOGUE:
        tables = [table for table in _APPEND_ONLY if table != "inbox" or service in _INBOX_OWNERS]
        statements.append(_statement("full", service, service))
        statements += [_statement("append_only", service, service, table) for table in tables]
        statements.append(_statement("read_only", service, AUDITOR))
    statements.append(_statement("full", VAULT, _VAULT_WRITER))
    statements.append(_statement("read_only", VAULT, _VAULT_READER))
    return "\n".join(statements)


def _statement(name: str, schema: str, role: str = "", table: str = "") -> str:
    return SQL[name].format(schema=schema, role=role_name(role), table=table)


def main(settings: Settings) -> int:
    """Migrate what the settings name, one line per file."""
    if settings.database.admin_url is None:
        sys.stderr.write("SEKUL_DATABASE__ADMIN_URL must name the database with its owner's login\n")
        return 2
    for done in asyncio.run(migrate(settings.database.admin_url.get_secret_value(), settings.keys.role_password)):
        sys.stdout.write(f"migrated {done}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Settings()))
