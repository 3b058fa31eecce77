"""`sekul coverage` and `sekul explain`: how far the city is, and why it is so."""

from typing import Annotated, Any, Literal

import typer

from services.ops import boards
from services.ops.cli import output
from services.ops.cli.asking import ask
from services.ops.cli.options import Data, Json, Key, Url

commands = typer.Typer()
explain = typer.Typer(no_args_is_help=True, help="Why, or why not: a worker, a pledge.")
commands.add_typer(explain, name="explain")


@commands.command()
def coverage(
    month: Annotated[str | None, typer.Option(help="Which month, like 2026-12. [default: this one]")] = None,
    level: Annotated[Literal["city", "kecamatan", "kelurahan"], typer.Option(help="How fine.")] = "kecamatan",
    city: Annotated[str | None, typer.Option(help="One city, like 36.72. [default: all]")] = None,
    url: Url = None,
    key: Key = None,
    data: Data = None,
    *,
    json: Json = False,
) -> None:
    """Show how far each area is toward its target."""
    answer = ask(url, key, data, lambda gateway: gateway.get("/v1/coverage", month=month, level=level, city=city))
    if json:
        output.as_json(answer)
        return
    output.line(boards.month(answer["month"]), "bold")
    output.STDOUT.print(boards.coverage(answer))


@explain.command()
def worker(
    name: Annotated[str, typer.Argument(metavar="ID", help="The worker, wrk_...")],
    url: Url = None,
    key: Key = None,
    data: Data = None,
    *,
    json: Json = False,
) -> None:
    """Tell why a worker has a sponsor or waits."""
    _told(ask(url, key, data, lambda gateway: gateway.get(f"/v1/workers/{name}/explain")), json=json)


@explain.command()
def pledge(
    name: Annotated[str, typer.Argument(metavar="ID", help="The pledge, plg_...")],
    url: Url = None,
    key: Key = None,
    data: Data = None,
    *,
    json: Json = False,
) -> None:
    """Tell why a pledge's slots are filled or idle."""
    _told(ask(url, key, data, lambda gateway: gateway.get(f"/v1/pledges/{name}/explain")), json=json)


def _told(answer: dict[str, Any], *, json: bool) -> None:
    if json:
        output.as_json(answer)
        return
    output.line(answer["status"], "bold")
    for reason in answer["why"]:
        output.line(f"  because {reason['detail']}  ({reason['code']})")
    if answer["change"]:
        output.line(f"  it would help if {answer['change']['detail']}  ({answer['change']['code']})")
