"""`sekul migrate`: the database gets the schema that this version needs."""

import asyncio
from pathlib import Path

import typer

from services.ops import migrate as migrations
from services.ops.database import connected
from services.ops.local import admin_url, settings_of
from services.ops.terminal.options import Data, data_of
from services.ops.terminal.output import note

app = typer.Typer()


@app.command()
def migrate(data: Data = None) -> None:
    """Bring the database to the schema that this version needs."""
    asyncio.run(_migrate(data_of(data)))


async def _migrate(data: Path) -> None:
    settings = settings_of(data)
    url = admin_url(settings)
    await (await connected(url)).close()
    done = await migrations.migrate(url, settings.keys.role_password)
    for step in done:
        note(f"migrated {step}")
    if not done:
        note("nothing to migrate")
