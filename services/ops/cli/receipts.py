"""`sekul receipts`: BPJS's receipts are imported."""

import typer

from services.ops.terminal.imports import Report, Source, import_file
from services.ops.terminal.options import Data, Json, Key, Url

app = typer.Typer(no_args_is_help=True)


@app.callback()
def group() -> None:
    """BPJS's receipts: import a file."""


@app.command("import")
def import_receipts(
    file: Source, report: Report = None, url: Url = None, key: Key = None, data: Data = None, *, json: Json = False
) -> None:
    """Record BPJS's receipt, a row per worker and month. Exit code 1 if a row is refused; the others count."""
    import_file("receipts", file, (url, key, data), report, json=json)
