"""A database of another version is refused before anything in it is changed."""

import pytest

from services.ops.embedded.postgres import Postgres
from services.ops.migrate import migrate
from services.runtime.base.errors import Defect
from services.runtime.base.postgres import connect
from tests.support.postgres import KEYS, fresh_database


async def test_a_database_of_version_0_1_is_refused(postgres: Postgres) -> None:
    url = await fresh_database(postgres)
    connection = await connect(url)
    await connection.execute("DROP TABLE migrations.format")
    await connection.close()
    with pytest.raises(Defect, match=r"the database holds data of version 0\.1"):
        await migrate(url, KEYS.role_password)


async def test_a_database_of_this_version_is_migrated_again(postgres: Postgres) -> None:
    url = await fresh_database(postgres)
    assert await migrate(url, KEYS.role_password) == []
