"""`sekul deadletters` and `sekul keys`: operators' tools over HTTP."""

from typing import Annotated, Any, Literal

import typer

from schemas.logs import ServiceName
from services.ops import boards
from services.ops.cli import output
from services.ops.cli.asking import ask
from services.ops.cli.options import Data, Json, Key, Url
from services.ops.client import Gateway

commands = typer.Typer()
deadletters = typer.Typer(no_args_is_help=True, help="Inputs that could not be decided: list, show, redrive.")
keys = typer.Typer(no_args_is_help=True, help="API keys: create.")
commands.add_typer(deadletters, name="deadletters")
commands.add_typer(keys, name="keys")

Service = Annotated[ServiceName | None, typer.Option(help="Of one service.")]
About = Annotated[str, typer.Argument(help="The stream that waits: plg_..., wrk_..., don_..., ...")]


async def _letters(gateway: Gateway, service: str | None, *, revived: bool = False) -> list[dict[str, Any]]:
    said = "true" if revived else None
    return [one async for one in gateway.all("/v1/deadletters", service=service, revived=said)]


def _place(letter: dict[str, Any]) -> str:
    """The position of the fact that is a dead letter."""
    return f"{letter['source']}/{letter['shard']}/{letter['source_seq']}"


@deadletters.command("list")
def list_letters(
    service: Service = None,
    url: Url = None,
    key: Key = None,
    data: Data = None,
    *,
    revived: Annotated[bool, typer.Option("--revived", help="Those that were decided after all, too.")] = False,
    json: Json = False,
) -> None:
    """List dead letters; each blocks its own stream alone."""
    found = ask(url, key, data, lambda gateway: _letters(gateway, service, revived=revived))
    if json:
        output.as_json(found)
    elif not found:
        output.line("no dead letter waits")
    else:
        rows = [
            (one["service"], one["about"], _place(one), one["code"], one["state"], boards.moment(one["at"]))
            for one in found
        ]
        output.table(("service", "about", "fact", "why", "state", "since"), rows)


@deadletters.command()
def show(
    about: About, service: Service = None, url: Url = None, key: Key = None, data: Data = None, *, json: Json = False
) -> None:
    """Show the dead letters of a stream, with the facts that they are."""

    async def collected(gateway: Gateway) -> list[dict[str, Any]]:
        mine = [one for one in await _letters(gateway, service, revived=True) if one["about"] == about]
        facts = {one["id"]: one async for one in gateway.all("/v1/events", subject=about)} if mine else {}
        return [one | {"fact": facts.get(_place(one))} for one in mine]

    found = ask(url, key, data, collected)
    if json:
        output.as_json(found)
        return
    for one in found:
        since = boards.moment(one["at"])
        output.line(f"{one['service']} could not decide {_place(one)}: {one['state']}, since {since}", "bold")
        output.line(f"  {one['code']}: {one['detail']}")
        if one["fact"]:
            output.line(f"  {one['fact']['type']}  {one['fact']['data']}")
    if not found:
        output.note(f"no dead letter is about {about}")
        raise typer.Exit(1)


@deadletters.command()
def redrive(
    about: About,
    service: Annotated[ServiceName, typer.Option(help="Which service is to decide them again.")],
    url: Url = None,
    key: Key = None,
    data: Data = None,
    *,
    json: Json = False,
) -> None:
    """Have a service decide the dead letters of a stream again, in order."""
    body = {"service": service, "about": about}
    answer = ask(url, key, data, lambda gateway: gateway.post("/v1/deadletters/redrive", body))
    if json:
        output.as_json(answer)
        return
    output.line(f"asked the {service} to decide what waits about {about}")
    output.note(f"`sekul deadletters show {about}` tells what came of it")


@keys.command()
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
    answer = ask(url, key, data, lambda gateway: gateway.post("/v1/keys", body))
    if json:
        output.as_json(answer)
        return
    output.line(f"{answer['id']}  {answer['key']}")
