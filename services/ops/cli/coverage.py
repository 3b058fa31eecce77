"""`sekul coverage`: how far each area is toward its target."""

from typing import Annotated, Literal

import typer

from services.ops.terminal import output, views
from services.ops.terminal.api import call
from services.ops.terminal.options import Data, Json, Key, Url

app = typer.Typer()


@app.command()
def coverage(
    month: Annotated[str | None, typer.Option(help="Which month, like 2026-12. [default: this one]")] = None,
    level: Annotated[Literal["city", "kecamatan", "kelurahan"], typer.Option(help="How fine.")] = "kecamatan",
    city: Annotated[str | None, typer.Option(help="One city, like 36.72. [default: all]")] = None,
    url: Url = None,
    key: Key = None,
    data: Data = None,
    *,
    json: Json = False,
) -> None:
    """Show how far each area is toward its target."""
    answer = call(url, key, data, lambda gateway: gateway.get("/v1/coverage", month=month, level=level, city=city))
    if json:
        output.as_json(answer)
        return
    output.line(views.month(answer["month"]), "bold")
    output.STDOUT.print(views.coverage(answer))
