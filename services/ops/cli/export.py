"""`sekul export`: every log as files, for anybody's own checks."""

from pathlib import Path
from typing import Annotated

import typer
import uvloop

from services.ops import export as exports
from services.ops.local import admin_url, settings_of
from services.ops.terminal import output, views
from services.ops.terminal.options import Data, data_of

app = typer.Typer()


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.", file_okay=False)], data: Data = None
) -> None:
    """Write every log as JSON Lines, for `sekul verify --offline DIR` and for anybody's own tools."""
    url = admin_url(settings_of(data_of(data)))
    with output.counting("facts") as forward:
        facts = uvloop.run(exports.export(url, folder, forward))
    output.line(f"{folder}  {views.count(facts)} facts")
