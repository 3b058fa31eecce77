"""`sekul schemas`: the published schemas of all facts are checked or written."""

from typing import Annotated

import typer

from schemas import export
from services.ops.terminal import output

app = typer.Typer()


@app.command()
def schemas(
    *,
    check: Annotated[bool, typer.Option("--check", help="List all that is stale or broken; the default.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Write the generated files.")] = False,
    breaking: Annotated[
        bool,
        typer.Option("--breaking", help="With --write: also what breaks readers, if CHANGELOG.md names the kind."),
    ] = False,
) -> None:
    """Check the published schemas of all facts, or write them with --write."""
    if (check and write) or (breaking and not write):
        raise typer.BadParameter("--check and --write exclude each other, and --breaking needs --write")
    problems = export.write(breaking=breaking) if write else export.check()
    for problem in problems:
        output.line(problem)
    if not problems:
        output.note("the published schemas are written" if write else "the published schemas are as the code has them")
    raise typer.Exit(1 if problems else 0)
