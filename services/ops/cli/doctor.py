"""`sekul doctor`: what is wrong with this machine or with what runs from a data folder, and how to repair it."""

import asyncio
from dataclasses import asdict

import typer
from rich.text import Text

from services.ops.doctor import examine, healthy
from services.ops.terminal import output
from services.ops.terminal.options import Data, Json, data_of

app = typer.Typer()
_STYLES = {"good": "green", "doubtful": "yellow", "bad": "red"}


@app.command()
def doctor(data: Data = None, *, json: Json = False) -> None:
    """Examine this machine and what runs from a data folder. Exit code 1 if anything is bad."""
    found = asyncio.run(examine(data_of(data)))
    if json:
        output.as_json([asdict(one) for one in found])
    else:
        rows = [(Text(one.state, style=_STYLES[one.state]), one.what, one.detail, one.fix) for one in found]
        output.table(("state", "what", "found", "fix"), rows)
    raise typer.Exit(0 if healthy(found) else 1)
