"""`sekul up` and `sekul migrate`: everything on one machine, and the database's schema."""

import asyncio
from pathlib import Path
from typing import Annotated, Literal

import typer

from services.ops import migrate as migrations
from services.ops.cli.options import Data, data_of
from services.ops.cli.output import note
from services.ops.local import settings_of
from services.ops.reaching import database
from services.ops.supervisor import Wanted
from services.ops.supervisor import up as run
from services.runtime.base.errors import Defect

commands = typer.Typer()


@commands.command()
def up(
    data: Data = None,
    port: Annotated[int | None, typer.Option(help="The gateway's port; the others take the three after it.")] = None,
    kafka: Annotated[str | None, typer.Option(help="Brokers elsewhere, host:port, comma between.")] = None,
    database: Annotated[str | None, typer.Option(help="PostgreSQL elsewhere, with its owner's login.")] = None,
    clock: Annotated[
        Literal["system", "virtual"] | None, typer.Option(help="virtual: days pass by `POST /v1/clock/advance` only.")
    ] = None,
) -> None:
    """Run all services on this machine, with Apache Kafka and PostgreSQL of their own unless told of others."""
    wanted = Wanted(data=data_of(data), port=port, kafka=kafka, database=database, clock=clock)
    asyncio.run(run(wanted, note))


@commands.command()
def migrate(data: Data = None) -> None:
    """Bring the database to the schema that this version needs."""
    asyncio.run(_migrate(data_of(data)))


async def _migrate(data: Path) -> None:
    settings = settings_of(data)
    admin = settings.database.admin_url
    if admin is None:
        raise Defect("database.owner_unknown", "set SEKUL_DATABASE__ADMIN_URL to the database with its owner's login")
    url = admin.get_secret_value()
    await (await database(url)).close()
    done = await migrations.migrate(url, settings.keys.role_password)
    for step in done:
        note(f"migrated {step}")
    if not done:
        note("nothing to migrate")
