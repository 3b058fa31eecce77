"""A file is sent to the gateway, followed until it is read, and its outcome printed.

Used by `sekul workers import` and `sekul receipts import`.
"""

import asyncio
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from services.ops.client import Gateway
from services.ops.terminal import output, views
from services.ops.terminal.api import call
from services.runtime.base.errors import RetryLater

_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_POLL_S: Final = 0.25
#: an import of which no further row is read for so long is not waited for
_STALLED_S: Final = 120
_SHOWN: Final = 10
Source = Annotated[Path, typer.Argument(metavar="FILE", help="CSV or XLSX.", exists=True, dir_okay=False)]
Report = Annotated[Path | None, typer.Option(help="Where the row-by-row report goes.", dir_okay=False)]


def import_file(
    of: str,
    file: Path,
    connection: tuple[str | None, str | None, Path | None],
    report: Path | None,
    *,
    json: bool,
    **query: Any,
) -> None:
    """Send a file and print what becomes of its rows. Ends the command with exit code 1 if a row is refused."""
    content, media = file.read_bytes(), _XLSX if file.suffix.lower() in {".xlsx", ".xlsm"} else "text/csv"
    outcome, lines = call(*connection, lambda gateway: _import(gateway, of, media, content, **query))
    if report is not None:
        report.write_bytes(lines)
    if json:
        output.as_json(outcome)
    else:
        _print(outcome, lines)
    raise typer.Exit(1 if outcome.get("problem") or outcome["refused"] else 0)


async def _import(gateway: Gateway, of: str, media: str, content: bytes, **query: Any) -> tuple[dict[str, Any], bytes]:
    """Send a file and wait until all of it is read; returns the outcome and the report."""
    sent = await gateway.upload(f"/v1/imports/{of}", content, media, **query)
    outcome = await _finished(gateway, sent["id"])
    return outcome, await gateway.file(f"/v1/imports/{sent['id']}/report")


async def _finished(gateway: Gateway, import_id: str) -> dict[str, Any]:
    """Returns the outcome of an import. Raises `RetryLater` if no further row is read for a while."""
    columns = (TextColumn("rows"), BarColumn(), MofNCompleteColumn())
    loop = asyncio.get_running_loop()
    rows, since = -1, loop.time()
    with Progress(*columns, console=output.STDERR, transient=True, disable=not output.STDERR.is_terminal) as bar:
        task = bar.add_task("", total=None)
        while True:
            state: dict[str, Any] = await gateway.get(f"/v1/imports/{import_id}")
            bar.update(task, completed=state["rows"], total=state["rows_expected"])
            if state["status"] == "done":
                return state
            if state["rows"] != rows:
                rows, since = state["rows"], loop.time()
            elif loop.time() - since > _STALLED_S:
                why = f"{import_id} has read no row for {_STALLED_S} s and goes on without this command"
                raise RetryLater("import.stalled", f"{why}; GET /v1/imports/{import_id} shows its state")
            await asyncio.sleep(_POLL_S)


def _print(outcome: dict[str, Any], lines: bytes) -> None:
    names = ("rows", "accepted", "refused", "duplicates")
    output.line(f"{outcome['id']}  " + ", ".join(f"{views.count(outcome[name])} {name}" for name in names))
    for line in [line for line in lines.decode().splitlines()[1:] if line.split(",")[1] == "refused"][:_SHOWN]:
        output.line(f"  row {line}")
    if outcome["refused"] > _SHOWN:
        output.line(f"  and {outcome['refused'] - _SHOWN} more; --report writes all of them")
    if outcome.get("problem"):
        output.line(f"the import ended before the last row: {outcome['problem']['detail']}")
