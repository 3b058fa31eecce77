"""`sekul keys`: API keys for donors, field officers, auditors and operators."""

from typing import Annotated, Any, Literal

import typer

from services.ops.terminal import output
from services.ops.terminal.api import call
from services.ops.terminal.options import Data, Json, Key, Url

app = typer.Typer(no_args_is_help=True)


@app.callback()
def group() -> None:
    """API keys: create."""


@app.command()
def create(
    role: Annotated[Literal["operator", "donor", "field", "auditor"], typer.Option(help="What it may do.")],
    donor: Annotated[str | None, typer.Option(help="Whose key, for the role donor.")] = None,
    areas: Annotated[list[str] | None, typer.Option("--area", help="Where, for the role field; repeat it.")] = None,
    url: Url = None,
    key: Key = None,
    data: Data = None,
    *,
    json: Json = False,
) -> None:
    """Make an API key; it is shown once."""
    body: dict[str, Any] = {"role": role} | ({"donor": donor} if donor else {}) | ({"areas": areas} if areas else {})
    answer = call(url, key, data, lambda gateway: gateway.post("/v1/keys", body))
    if json:
        output.as_json(answer)
        return
    output.line(f"{answer['id']}  {answer['key']}")
