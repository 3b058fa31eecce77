"""`sekul demo`: Cilegon comes to life, and the system proves that nothing was lost, doubled or reordered."""

import sys
from typing import Annotated, Final

import typer
import uvloop
from rich.console import Console

from services.ops.cli.options import Data, data_of
from services.ops.demo.play import Wish, play
from services.runtime.base.collector import calm

commands = typer.Typer()
#: of what is shown where nobody says how wide it may be
_WIDTH: Final = 110


@commands.callback()
def _group() -> None:
    """Hold a group together that has one command."""


@commands.command()
def demo(
    workers: Annotated[int, typer.Option(min=20, max=100_000, help="How many workers are on the lists.")] = 2_000,
    months: Annotated[int, typer.Option(min=1, max=12, help="How many months are played, from November 2026 on.")] = 4,
    seed: Annotated[int, typer.Option(help="The same seed gives the same people.")] = 7,
    *,
    once: Annotated[
        bool, typer.Option("--once", help="End after the proof; exit code 0 only if every law holds.")
    ] = False,
    data: Data = None,
    port: Annotated[int | None, typer.Option(help="The gateway's port. [default: 8700, or any free one]")] = None,
) -> None:
    """Play Cilegon: pledges, lists, matches, four months of iuran, two crashes; then show and prove all of it."""
    calm()
    wish = Wish(workers=workers, months=months, seed=seed, once=once, home=data_of(data), port=port)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)
    raise typer.Exit(uvloop.run(play(wish, console)))
