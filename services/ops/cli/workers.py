"""`sekul workers`: a list of workers is imported."""

from typing import Annotated

import typer

from services.ops.terminal.imports import Report, Source, import_file
from services.ops.terminal.options import Data, Json, Key, Url

app = typer.Typer(no_args_is_help=True)


@app.callback()
def group() -> None:
    """Workers: import a list."""


@app.command("import")
def import_workers(
    file: Source,
    city: Annotated[str | None, typer.Option(help="Where names of kelurahan are looked up, like 36.72.")] = None,
    report: Report = None,
    url: Url = None,
    key: Key = None,
    data: Data = None,
    *,
    json: Json = False,
) -> None:
    """Register the workers of a list. Exit code 1 if a row is refused; the others are registered all the same."""
    import_file("workers", file, (url, key, data), report, json=json, city=city)
