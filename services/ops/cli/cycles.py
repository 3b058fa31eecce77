"""`sekul cycle`: a contribution month is billed, looked at, closed."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import typer

from services.ops import boards
from services.ops.cli import output
from services.ops.cli.asking import ask
from services.ops.cli.options import Data, Json, Key, Url
from services.ops.client import Problem

commands = typer.Typer()
cycle = typer.Typer(no_args_is_help=True, help="Contribution months: bill, show, close.")
commands.add_typer(cycle, name="cycle")

_SHOWN: Final = 20
Month = Annotated[str, typer.Argument(help="The month, like 2026-12.")]
City = Annotated[str | None, typer.Option(help="One city, like 36.72. [default: all with pledges]")]


@cycle.command()
def bill(
    month: Month, city: City = None, url: Url = None, key: Key = None, data: Data = None, *, json: Json = False
) -> None:
    """Fix a month's workers and bill their iuran."""
    body = {"city": city} if city else None
    with output.waiting(f"billing {boards.month(month)}"):
        answer = ask(url, key, data, lambda gateway: gateway.post(f"/v1/cycles/{month}/bill", body))
    _told(answer, json=json)


@cycle.command()
def show(
    month: Month, city: City = None, url: Url = None, key: Key = None, data: Data = None, *, json: Json = False
) -> None:
    """Show a month in the books."""
    _told(ask(url, key, data, lambda gateway: gateway.get(f"/v1/cycles/{month}", city=city)), json=json)


@cycle.command()
def close(
    month: Month, city: City = None, url: Url = None, key: Key = None, data: Data = None, *, json: Json = False
) -> None:
    """Close a month; with open exceptions it is refused and they are listed."""
    body = {"city": city} if city else None
    try:
        with output.waiting(f"closing {boards.month(month)}"):
            answer = ask(url, key, data, lambda gateway: gateway.post(f"/v1/cycles/{month}/close", body))
    except Problem as problem:
        if problem.code != "cycle.open_exceptions":
            raise
        if json:
            output.as_json(problem.document)
        else:
            output.note(problem.detail)
            _exceptions(problem.document["exceptions"])
        raise typer.Exit(1) from None
    _told(answer, json=json)


def _told(answer: Mapping[str, Any], *, json: bool) -> None:
    if json:
        output.as_json(answer)
        return
    output.line(f"{boards.month(answer['month'])}: {answer['state']}")
    names = list(answer["worker_months"])
    rows = [(name, boards.count(answer["worker_months"][name]), _idr(answer, name)) for name in names]
    output.table(("", "worker-months", "iuran"), rows, right=(1, 2))
    _exceptions(answer.get("exceptions") or [])


def _idr(answer: Mapping[str, Any], name: str) -> str:
    return boards.rupiah(answer["idr"][name]) if name in answer["idr"] else ""


def _exceptions(found: list[dict[str, Any]]) -> None:
    for one in found[:_SHOWN]:
        output.line("  " + ", ".join(f"{name} {value}" for name, value in one.items() if value is not None))
    if len(found) > _SHOWN:
        output.line(f"  and {len(found) - _SHOWN} more; --json lists all of them")
