"""`sekul watch`: the facts of all services as they come, one readable line each.

Promises that a broken connection loses nothing: the stream goes on where it broke off. Must not buffer more than the
facts of the past that were asked for.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

import httpx
import orjson
import typer
from rich.text import Text

from schemas.days import JAKARTA
from schemas.languages import Language
from schemas.logs import CATALOGUE
from services.console.words import words
from services.ops.client import Gateway
from services.ops.terminal import output
from services.ops.terminal.api import opened
from services.ops.terminal.options import Data, Json, Key, Url
from services.runtime.base.backoff import Backoff
from services.runtime.base.clock import SystemClock

app = typer.Typer()
_AGO: Final = re.compile(r"(\d{1,6})([smhd])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_STYLES: Final = dict(zip(CATALOGUE, ("cyan", "green", "yellow", "magenta"), strict=True))
_PAGE: Final = 1_000
Query = dict[str, str]


@app.command()
def watch(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    types: Annotated[list[str] | None, typer.Option("--type", help="A kind, like matches.made or matches.*")] = None,
    pledge: Annotated[str | None, typer.Option(help="About a pledge.")] = None,
    worker: Annotated[str | None, typer.Option(help="About a worker.")] = None,
    area: Annotated[str | None, typer.Option(help="About workers and pledges of an area, like 36.72.01.")] = None,
    since: Annotated[
        str | None, typer.Option(help="Begin with the past: 15m, 2h, 3d, 2026-12-01, an instant, or start.")
    ] = None,
    language: Annotated[Language, typer.Option(help="In which language.")] = "en",
    url: Url = None,
    key: Key = None,
    data: Data = None,
    *,
    json: Json = False,
) -> None:
    """Follow the facts live, until Ctrl-C."""
    subjects = ",".join(one for one in (pledge, worker) if one)
    query = {"types": ",".join(types or ()), "subject": subjects, "area": area or ""}
    query = {name: value for name, value in query.items() if value}
    began = _instant(since) if since and since != "start" else None
    try:
        asyncio.run(_watch(opened(url, key, data), query, since=since, began=began, language=language, json=json))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


def _instant(since: str) -> datetime:
    ago = _AGO.fullmatch(since)
    if ago is not None:
        return SystemClock().now() - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        at = datetime.fromisoformat(since)
    except ValueError:
        raise typer.BadParameter("write 15m, 2h, 3d, 2026-12-01, 2026-12-01T09:00:00+07:00 or start") from None
    return at if at.tzinfo else at.replace(tzinfo=JAKARTA)


async def _watch(
    gateway: Gateway, query: Query, *, since: str | None, began: datetime | None, language: Language, json: bool
) -> None:
    async with gateway:
        shown: set[str] = set()
        cursor: str | None = None
        if since == "start":
            async for place, event in _from_the_start(gateway, query):
                cursor = place
                _show(event, language, json=json)
        elif began is not None:
            for event in await _back_to(gateway, query, began):
                shown.add(event["id"])
                _show(event, language, json=json)
        async for event in _live(gateway, query, cursor):
            if "skipped" in event:
                output.note(f"{event['skipped']} facts skipped: this reader is too slow")
            elif event["id"] not in shown:
                _show(event, language, json=json)


async def _from_the_start(gateway: Gateway, query: Query) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    after: dict[str, str] = {}
    while True:
        page = await gateway.get("/v1/events", limit=_PAGE, **query, **after)
        for event in page["items"]:
            yield page["cursor"], event
        if page["next"] is None:
            return
        after = {"after": page["next"]}


async def _back_to(gateway: Gateway, query: Query, began: datetime) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    async for event in gateway.all("/v1/events", limit=_PAGE, order="desc", **query):
        if datetime.fromisoformat(event["time"]) < began:
            break
        found.append(event)
    return found[::-1]


async def _live(gateway: Gateway, query: Query, cursor: str | None) -> AsyncIterator[dict[str, Any]]:
    """Facts for ever; after a break it goes on behind the last one that came."""
    backoff = Backoff(0.5, 10)
    while True:
        headers = {"Last-Event-ID": cursor} if cursor else {}
        try:
            async with gateway.stream("/v1/events/stream", headers, **query) as lines:
                async for name, data in _events(lines):
                    backoff.reset()
                    if name == "id":
                        cursor = data
                    else:
                        yield orjson.loads(data)
        except httpx.TransportError as error:
            output.note(f"cut off ({type(error).__name__}), connecting again")
        await backoff.wait()


async def _events(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str, str]]:
    """Ids and data of server-sent events, each in its order; comments and pings are left out."""
    async for line in lines:
        name, mark, value = line.partition(": ")
        if mark and name in {"id", "data"}:
            yield name, value


def _show(event: Mapping[str, Any], language: Language, *, json: bool) -> None:
    if json:
        output.as_json_line(event)
        return
    service = event["source"].split("/")[2]
    kind = event["type"].removeprefix("sekul.").rpartition(".v")[0]
    at = datetime.fromisoformat(event["time"]).astimezone(JAKARTA)
    line = Text.assemble((f"{at:%d.%m. %H:%M:%S} WIB  ", "dim"), (f"{service:<9}", _STYLES[service]), f"{kind:<20} ")
    for part in words(language).sentence(kind, event["data"]):
        line.append(part.text, "bold" if part.filled else "")
    output.text(line)
