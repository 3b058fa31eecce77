"""`sekul verify`: everything that must hold is checked, a line per law."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from services.ops.local import settings_of
from services.ops.terminal import output, views
from services.ops.terminal.options import Data, Json, data_of
from services.ops.verify import offline as exported
from services.ops.verify import run
from services.ops.verify.finding import Finding
from services.runtime.base.collector import calm

app = typer.Typer()


@app.command()
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
        broken = [_print(finding, json=json) for finding in exported.verify(offline)]
    else:
        broken = uvloop.run(_print_all(run.verify(settings_of(data_of(data))), json=json))
    raise typer.Exit(1 if any(broken) else 0)


async def _print_all(findings: AsyncIterator[Finding], *, json: bool) -> list[bool]:
    return [_print(finding, json=json) async for finding in findings]


def _print(finding: Finding, *, json: bool) -> bool:
    """Print a finding; returns whether a law is broken."""
    if json:
        output.as_json_line(asdict(finding))
    else:
        output.text(views.law(finding))
    return finding.state == "broken"
