"""`sekul explain`: why a worker or a pledge is as it is, and the smallest change that would help."""

from typing import Annotated, Any

import typer

from services.ops.terminal import output
from services.ops.terminal.api import call
from services.ops.terminal.options import Data, Json, Key, Url

app = typer.Typer(no_args_is_help=True, help="Why, or why not: a worker, a pledge.")


@app.command()
def worker(
    name: Annotated[str, typer.Argument(metavar="ID", help="The worker, wrk_...")],
    url: Url = None,
    key: Key = None,
    data: Data = None,
    *,
    json: Json = False,
) -> None:
    """Explain why a worker has a donor or waits."""
    _print(call(url, key, data, lambda gateway: gateway.get(f"/v1/workers/{name}/explain")), json=json)


@app.command()
def pledge(
    name: Annotated[str, typer.Argument(metavar="ID", help="The pledge, plg_...")],
    url: Url = None,
    key: Key = None,
    data: Data = None,
    *,
    json: Json = False,
) -> None:
    """Explain why a pledge's slots are filled or idle."""
    _print(call(url, key, data, lambda gateway: gateway.get(f"/v1/pledges/{name}/explain")), json=json)


def _print(answer: dict[str, Any], *, json: bool) -> None:
    if json:
        output.as_json(answer)
        return
    output.line(answer["status"], "bold")
    for reason in answer["why"]:
        output.line(f"  because {reason['detail']}  ({reason['code']})")
    if answer["change"]:
        output.line(f"  it would help if {answer['change']['detail']}  ({answer['change']['code']})")
