"""`sekul verify`: a line for each law, and exit code 1 when one is broken."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path

import typer

from services.ops import boards
from services.ops.cli import output
from services.ops.cli.options import Data, Json, data_of
from services.ops.local import settings_of
from services.ops.verify.finding import Finding
from services.ops.verify.run import verify as check

commands = typer.Typer()


@commands.callback()
def _group() -> None:
    """Hold a group together that may have one command."""


@commands.command()
def verify(data: Data = None, *, json: Json = False) -> None:
    """Check everything that must hold: chains, gaps, topics, books, iuran, slots, matching, tables, notices."""
    raise typer.Exit(asyncio.run(_verify(data_of(data), json=json)))


async def _verify(data: Path, *, json: bool) -> int:
    return await tell(check(settings_of(data)), json=json)


async def tell(findings: AsyncIterator[Finding], *, json: bool) -> int:
    """Print each finding as it comes; gives the exit code."""
    broken = 0
    async for finding in findings:
        broken += finding.state == "broken"
        if json:
            output.as_json_line(asdict(finding))
        else:
            output.STDOUT.print(boards.law(finding))
    return 1 if broken else 0
