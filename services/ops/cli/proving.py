"""`sekul verify`, `sekul export`, `sekul rebuild`: what must hold, a copy for others, tables made again."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from schemas.logs import ServiceName
from services.ops import boards
from services.ops import export as exports
from services.ops import rebuild as rebuilding
from services.ops.cli import output
from services.ops.cli.options import Data, Json, data_of
from services.ops.local import settings_of
from services.ops.verify import offline as files
from services.ops.verify.finding import Finding
from services.ops.verify.run import database_of
from services.ops.verify.run import verify as check
from services.runtime.base.collector import calm

commands = typer.Typer()


@commands.command()
def verify(
    offline: Annotated[
        Path | None, typer.Option(help="Check an export instead, without any server.", file_okay=False)
    ] = None,
    data: Data = None,
    *,
    json: Json = False,
) -> None:
    """Check everything that must hold: chains, gaps, topics, books, iuran, slots, matching, tables, notices."""
    calm()
    if offline is not None:
        broken = [_tell(finding, json=json) for finding in files.verify(offline)]
    else:
        broken = uvloop.run(_told(check(settings_of(data_of(data))), json=json))
    raise typer.Exit(1 if any(broken) else 0)


async def _told(findings: AsyncIterator[Finding], *, json: bool) -> list[bool]:
    return [_tell(finding, json=json) async for finding in findings]


def _tell(finding: Finding, *, json: bool) -> bool:
    """Print a finding; gives whether a law is broken."""
    if json:
        output.as_json_line(asdict(finding))
    else:
        output.say(boards.law(finding))
    return finding.state == "broken"


@commands.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.", file_okay=False)], data: Data = None
) -> None:
    """Write every log as JSON Lines, for `sekul verify --offline DIR` and for anybody's own tools."""
    url = database_of(settings_of(data_of(data)))
    with _facts() as forward:
        facts = uvloop.run(exports.export(url, folder, forward))
    output.line(f"{folder}  {boards.count(facts)} facts")


@commands.command()
def rebuild(service: Annotated[ServiceName, typer.Argument(help="Which service.")], data: Data = None) -> None:
    """Make every table of a service besides its log again; the service may run meanwhile."""
    with _facts() as forward:
        rows = uvloop.run(rebuilding.rebuild(service, settings_of(data_of(data)), forward))
    output.line(f"{service}  {boards.count(rows)} rows made again")


@contextmanager
def _facts() -> Iterator[Callable[[int], None]]:
    """A bar that counts facts."""
    columns = (SpinnerColumn(), TextColumn("facts"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=output.STDERR, transient=True, disable=not output.STDERR.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda number: bar.advance(task, number)
