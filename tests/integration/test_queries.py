"""Every named statement prepares against the migrated database: its tables, columns and types are there."""

from typing import Final

import pytest

from schemas.logs import CATALOGUE
from services.runtime.base.postgres import Queries, connect
from tests.unit.runtime.test_query_names import FILES

#: what stands for the names in statements that are templates
HOLES: Final = {"schema": "gateway", "table": "donors", "role": "sekul_gateway"}
#: run by every migration, several statements at once, which cannot be prepared
MIGRATIONS: Final = "services.ops/migrate.sql"
#: tables that a statement's own transaction makes first
SHADOW: Final = "CREATE TEMPORARY TABLE donors (LIKE gateway.donors INCLUDING ALL)"


@pytest.mark.parametrize(("package", "file"), [one for one in FILES if "/".join(one) != MIGRATIONS])
async def test_every_statement_prepares(package: str, file: str, postgres_url: str) -> None:
    part = package.split(".")[1]
    log = "gateway" if part == "runtime" else "ledger"
    schema = part if part in CATALOGUE else "vault" if package.endswith("vault") else log
    connection = await connect(postgres_url, server_settings={"search_path": schema})
    try:
        if file == "tables.sql":
            await connection.execute(SHADOW)
        for name, statement in Queries(package, file).items():
            words = statement.format(**HOLES) if "{schema}" in statement or "{table}" in statement else statement
            try:
                await connection.prepare(words)
            except Exception as error:  # noqa: BLE001 - the name of the statement is what helps
                pytest.fail(f"{package}/{file}: {name}: {error}")
    finally:
        await connection.close()
