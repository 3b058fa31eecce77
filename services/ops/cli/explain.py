"""`sekul explain`: why a worker or a pledge is as it is, and the smallest change that would help."""

from typing import Annotated, Any

import typer

from services.ops.terminal import output
from services.ops.terminal.api import call
from services.ops.terminal.options import Data, Json, Key, Url

app = typer.Typer(no_args_is_help=True, help="Why, or why not: a worker, a pledge.")


@app.command("worker", help="Explain why a worker has a donor or waits.")
@app.command("pledge", help="Explain why a pledge's slots are filled or idle.")
def worker_or_pledge(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ID", help="wrk_... or plg_...")],
    url: Url = None,
    key: Key = None,
    data: Data = None,
    *,
    json: Json = False,
) -> None:
    """Explain a worker or a pledge: both commands take the same options."""
    route = f"/v1/{context.info_name}s/{name}/explain"
    _print(call(url, key, data, lambda gateway: gateway.get(route)), json=json)


def _print(answer: dict[str, Any], *, json: bool) -> None:
    if json:
        output.as_json(answer)
        return
    output.line(answer["status"], "bold")
    for reason in answer["why"]:
        output.line(f"  because {reason['detail']}  ({reason['code']})")
    if answer["change"]:
        output.line(f"  it would help if {answer['change']['detail']}  ({answer['change']['code']})")
