"""`sekul demo`: Cilegon comes to life, and the system proves that nothing was lost, doubled or reordered."""

import sys
from typing import Annotated, Final

import typer
import uvloop
from rich.console import Console

from services.ops.demo.play import Demo, play
from services.ops.terminal.options import Data, Port, data_of
from services.runtime.base.collector import calm

app = typer.Typer()
#: of what is shown where nobody says how wide it may be
_WIDTH: Final = 110


@app.command()
def demo(
    workers: Annotated[int, typer.Option(min=20, max=100_000, help="How many workers are on the lists.")] = 2_000,
    months: Annotated[int, typer.Option(min=1, max=12, help="How many months are played, from November 2026 on.")] = 4,
    seed: Annotated[int, typer.Option(help="The same seed makes the same people.")] = 7,
    *,
    once: Annotated[
        bool, typer.Option("--once", help="End after the proof; exit code 0 only if every law holds.")
    ] = False,
    data: Data = None,
    port: Port = None,
) -> None:
    """Play Cilegon: pledges, lists, matches, four months of iuran, two crashes; then show and prove all of it."""
    calm()
    wanted = Demo(workers=workers, months=months, seed=seed, once=once, home=data_of(data), port=port)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)
    raise typer.Exit(uvloop.run(play(wanted, console)))
