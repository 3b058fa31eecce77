"""`sekul deadletters`: inputs that could not be processed are listed, shown, redriven."""

from typing import Annotated, Any

import typer

from schemas.logs import ServiceName
from services.ops.client import Gateway
from services.ops.terminal import output, views
from services.ops.terminal.api import call
from services.ops.terminal.options import Data, Json, Key, Url

app = typer.Typer(no_args_is_help=True, help="Inputs that could not be processed: list, show, redrive.")

Service = Annotated[ServiceName | None, typer.Option(help="Of one service.")]
About = Annotated[str, typer.Argument(help="The stream that waits: plg_..., wrk_..., don_..., ...")]


async def _dead_letters(gateway: Gateway, service: str | None, *, redriven: bool = False) -> list[dict[str, Any]]:
    state = "true" if redriven else None
    return [one async for one in gateway.all("/v1/deadletters", service=service, redriven=state)]


def _place(dead: dict[str, Any]) -> str:
    """The position of the fact that is a dead letter."""
    return f"{dead['source']}/{dead['shard']}/{dead['source_seq']}"


@app.command("list")
def list_dead_letters(
    service: Service = None,
    url: Url = None,
    key: Key = None,
    data: Data = None,
    *,
    redriven: Annotated[bool, typer.Option("--redriven", help="Also those that were processed after all.")] = False,
    json: Json = False,
) -> None:
    """List dead letters; each blocks its own stream alone."""
    found = call(url, key, data, lambda gateway: _dead_letters(gateway, service, redriven=redriven))
    if json:
        output.as_json(found)
    elif not found:
        output.line("no dead letters")
    else:
        rows = [
            (one["service"], one["about"], _place(one), one["code"], one["state"], views.moment(one["at"]))
            for one in found
        ]
        output.table(("service", "about", "fact", "why", "state", "since"), rows)


@app.command()
def show(
    about: About, service: Service = None, url: Url = None, key: Key = None, data: Data = None, *, json: Json = False
) -> None:
    """Show the dead letters of a stream, with the facts that they are."""

    async def collected(gateway: Gateway) -> list[dict[str, Any]]:
        mine = [one for one in await _dead_letters(gateway, service, redriven=True) if one["about"] == about]
        facts = {one["id"]: one async for one in gateway.all("/v1/events", subject=about)} if mine else {}
        return [one | {"fact": facts.get(_place(one))} for one in mine]

    found = call(url, key, data, collected)
    if json:
        output.as_json(found)
        return
    for one in found:
        since = views.moment(one["at"])
        output.line(f"{one['service']} could not process {_place(one)}: {one['state']}, since {since}", "bold")
        output.line(f"  {one['code']}: {one['detail']}")
        if one["fact"]:
            output.line(f"  {one['fact']['type']}  {one['fact']['data']}")
    if not found:
        output.note(f"no dead letter is about {about}")
        raise typer.Exit(1)


@app.command()
def redrive(
    about: About,
    service: Annotated[ServiceName, typer.Option(help="Which service is to process them again.")],
    url: Url = None,
    key: Key = None,
    data: Data = None,
    *,
    json: Json = False,
) -> None:
    """Have a service process the dead letters of a stream again, in order."""
    body = {"service": service, "about": about}
    answer = call(url, key, data, lambda gateway: gateway.post("/v1/deadletters/redrive", body))
    if json:
        output.as_json(answer)
        return
    output.line(f"the {service} was asked to process the dead letters about {about} again")
    output.note(f"`sekul deadletters show {about}` shows the outcome")
