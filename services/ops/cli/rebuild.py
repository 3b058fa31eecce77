"""`sekul rebuild`: rebuilds a service's tables from the logs."""

from typing import Annotated

import typer
import uvloop

from schemas.logs import ServiceName
from services.ops import rebuild as rebuilding
from services.ops.local import settings_of
from services.ops.terminal import output, views
from services.ops.terminal.options import Data, data_of

app = typer.Typer()


@app.command()
def rebuild(service: Annotated[ServiceName, typer.Argument(help="Which service.")], data: Data = None) -> None:
    """Rebuild every table of a service except its log; the service may run meanwhile."""
    with output.counting("facts") as forward:
        rows = uvloop.run(rebuilding.rebuild(service, settings_of(data_of(data)), forward))
    output.line(f"{service}  {views.count(rows)} rows rebuilt")
