"""`sekul settings`, `sekul doctor`, `sekul schemas`: what is set, what is amiss, what is published."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.text import Text

from schemas import export
from services.ops.cli import output
from services.ops.cli.options import Data, Json, data_of
from services.ops.doctor import examine, healthy
from services.ops.local import settings_of, without_login

commands = typer.Typer()
_STYLES = {"good": "green", "doubtful": "yellow", "bad": "red"}


@commands.command()
def settings(data: Data = None, *, json: Json = False) -> None:
    """Print the effective settings, secrets masked."""
    found = settings_of(data_of(data)).model_dump(mode="json")
    found["database"]["url"] = without_login(found["database"]["url"])
    if json:
        output.as_json(found)
        return
    for name, value in _flat(found, "SEKUL_"):
        output.line(f"{name}={value}")


def _flat(values: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name.upper()}__")
        else:
            text = ",".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
            yield f"{prefix}{name.upper()}", text


@commands.command()
def doctor(data: Data = None, *, json: Json = False) -> None:
    """Look at this machine and at what runs from a data folder, and say how to mend what is wrong."""
    found = asyncio.run(examine(data_of(data)))
    if json:
        output.as_json([asdict(one) for one in found])
    else:
        rows = [(Text(one.state, style=_STYLES[one.state]), one.what, one.detail, one.mend) for one in found]
        output.table(("state", "what", "found", "to mend"), rows)
    raise typer.Exit(0 if healthy(found) else 1)


@commands.command()
def schemas(
    *,
    check: Annotated[bool, typer.Option("--check", help="Name all that is stale or broken; the default.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Write the generated files anew.")] = False,
    breaking: Annotated[
        bool, typer.Option("--breaking", help="With --write: also what breaks readers, while no log holds such facts.")
    ] = False,
) -> None:
    """Check the published schemas of all facts, or write them."""
    if (check and write) or (breaking and not write):
        raise typer.BadParameter("--check and --write exclude each other, and --breaking needs --write")
    problems = export.write(breaking=breaking) if write else export.check()
    for problem in problems:
        output.line(problem)
    if not problems:
        output.note("the published schemas are written" if write else "the published schemas are as the code has them")
    raise typer.Exit(1 if problems else 0)
