"""`sekul cycle`: a contribution month is billed, shown, closed."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import typer

from services.ops.client import Problem
from services.ops.terminal import output, views
from services.ops.terminal.api import call
from services.ops.terminal.options import Data, Json, Key, Url

app = typer.Typer(no_args_is_help=True, help="Contribution months: bill, show, close.")

_SHOWN: Final = 20
Month = Annotated[str, typer.Argument(help="The month, like 2026-12.")]
City = Annotated[str | None, typer.Option(help="One city, like 36.72. [default: all with pledges]")]


@app.command()
def bill(
    month: Month, city: City = None, url: Url = None, key: Key = None, data: Data = None, *, json: Json = False
) -> None:
    """Fix a month's rosters and bill their iuran."""
    body = {"city": city} if city else None
    with output.waiting(f"billing {views.month(month)}"):
        answer = call(url, key, data, lambda gateway: gateway.post(f"/v1/cycles/{month}/bill", body))
    _print(answer, json=json)


@app.command()
def show(
    month: Month, city: City = None, url: Url = None, key: Key = None, data: Data = None, *, json: Json = False
) -> None:
    """Show a month in the books."""
    _print(call(url, key, data, lambda gateway: gateway.get(f"/v1/cycles/{month}", city=city)), json=json)


@app.command()
def close(
    month: Month, city: City = None, url: Url = None, key: Key = None, data: Data = None, *, json: Json = False
) -> None:
    """Close a month. With open exceptions it is refused, they are listed, and the exit code is 1."""
    body = {"city": city} if city else None
    try:
        with output.waiting(f"closing {views.month(month)}"):
            answer = call(url, key, data, lambda gateway: gateway.post(f"/v1/cycles/{month}/close", body))
    except Problem as problem:
        if problem.code != "cycle.open_exceptions":
            raise
        if json:
            output.as_json(problem.document)
        else:
            output.note(problem.detail)
            _exceptions(problem.document["exceptions"])
        raise typer.Exit(1) from None
    _print(answer, json=json)


def _print(answer: Mapping[str, Any], *, json: bool) -> None:
    if json:
        output.as_json(answer)
        return
    output.line(f"{views.month(answer['month'])}: {answer['state']}")
    names = list(answer["worker_months"])
    rows = [(name, views.count(answer["worker_months"][name]), _idr(answer, name)) for name in names]
    output.table(("", "worker-months", "iuran"), rows, right=(1, 2))
    _exceptions(answer.get("exceptions") or [])


def _idr(answer: Mapping[str, Any], name: str) -> str:
    return views.rupiah(answer["idr"][name]) if name in answer["idr"] else ""


def _exceptions(found: list[dict[str, Any]]) -> None:
    if not found:
        return
    output.STDOUT.print(views.exceptions(found[:_SHOWN]))
    if len(found) > _SHOWN:
        output.line(f"and {len(found) - _SHOWN} more; --json lists all of them")
