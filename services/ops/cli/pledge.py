"""`sekul pledge`: a pledge is submitted, previewed, shown, cancelled."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
import typer

from schemas.reference.quote import Terms, quote
from schemas.reference.tariff import BASIC
from services.ops.terminal import output, views
from services.ops.terminal.api import call
from services.ops.terminal.options import Data, Json, Key, Url
from services.runtime.base.errors import Defect

app = typer.Typer(no_args_is_help=True, help="Pledges: submit, preview, show, cancel.")

Pledge = Annotated[str, typer.Argument(metavar="ID", help="The pledge, plg_...")]
Donor = Annotated[str | None, typer.Option(help="The donor, don_...")]
Slots = Annotated[int | None, typer.Option(help="How many workers.")]
Amount = Annotated[int | None, typer.Option(help="Or for how many rupiah.")]
Months = Annotated[int, typer.Option(help="For how many months.")]
Starts = Annotated[str | None, typer.Option(help="From which month on, like 2026-12.")]
Areas = Annotated[list[str] | None, typer.Option("--area", help="Where the workers live, like 36.72.01; repeat it.")]
Jobs = Annotated[list[str] | None, typer.Option("--occupation", help="What they do; repeat it. Left out: anything.")]
Named = Annotated[list[str] | None, typer.Option("--worker", help="A named worker, wrk_...; repeat it.")]
Near = Annotated[str | None, typer.Option(help="The area of the donor's plant: the nearest first.")]
Payment = Annotated[Literal["direct", "pooled"], typer.Option(help="Who pays BPJS.")]
Keep = Annotated[bool, typer.Option("--keep", help="Never swap its workers.")]
Reference = Annotated[str | None, typer.Option(help="The donor's own reference.")]
File = Annotated[Path | None, typer.Option(help="The whole body as JSON instead; - reads standard input.")]


def _body(file: Path | None, donor: str | None, starts: str | None, scope: Mapping[str, Any], **more: Any) -> Any:
    if file is not None:
        text = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise Defect("file.no_json", f"{file} is no JSON: {error}") from None
    if donor is None or starts is None or not scope["areas"]:
        raise typer.BadParameter("give --donor, --starts and --area, or --file")
    body = {"donor": donor, "starts": starts, "scope": {name: value for name, value in scope.items() if value}, **more}
    return {name: value for name, value in body.items() if value is not None}


@app.command("submit", help="Make a pledge; its slots fill within a moment.")
@app.command("preview", help="Show what a pledge would change. Stores nothing.")
def submit_or_preview(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    context: typer.Context,
    donor: Donor = None,
    slots: Slots = None,
    amount: Amount = None,
    months: Months = 12,
    starts: Starts = None,
    areas: Areas = None,
    occupations: Jobs = None,
    workers: Named = None,
    near: Near = None,
    payment: Payment = "direct",
    reference: Reference = None,
    file: File = None,
    url: Url = None,
    key: Key = None,
    data: Data = None,
    *,
    keep: Keep = False,
    json: Json = False,
) -> None:
    """Submit or preview a pledge: both commands take the same options."""
    scope = {"areas": areas, "occupations": occupations, "workers": workers, "near": near}
    more = {"slots": slots, "amount_idr": amount, "months": months, "payment": payment, "reference": reference}
    body = _body(file, donor, starts, scope, keep=keep, **more)
    preview = context.info_name == "preview"
    route = "/v1/pledges/preview" if preview else "/v1/pledges"
    answer = call(url, key, data, lambda gateway: gateway.post(route, body))
    if json:
        output.as_json(answer)
        return
    if preview:
        output.line(f"{answer['fills']} of {answer['slots']} slots would fill at once")
        rows = [(one["name"], one["workers"], one["before"], one["after"]) for one in answer["coverage"]]
        output.table(("area", "workers", "with a donor now", "then"), rows, right=(1, 2, 3))
    else:
        output.line(f"{answer['id']}  {answer['status']}, {answer['filled']} of {answer['slots']} slots filled")
    _quote(answer["quote"], _notes(body, answer["slots"]))


@app.command()
def show(name: Pledge, url: Url = None, key: Key = None, data: Data = None, *, json: Json = False) -> None:
    """Show a pledge with its months and its books."""
    answer = call(url, key, data, lambda gateway: gateway.get(f"/v1/pledges/{name}"))
    if json:
        output.as_json(answer)
        return
    span = f"{views.month(answer['starts'])} to {views.month(answer['until'])}"
    output.line(f"{answer['id']}  {answer['status']}, {answer['filled']} of {answer['slots']} slots filled, {span}")
    if answer["refusal"]:
        output.line(f"refused: {answer['refusal']['detail']}")
    if answer["cancelled_from"]:
        output.line(f"cancelled from {views.month(answer['cancelled_from'])} on")
    rows = [(views.month(m["month"]), m["state"], m["workers"], views.rupiah(m["idr"])) for m in answer["months"]]
    output.table(("month", "state", "workers", "iuran"), rows, right=(2, 3))
    for book, idr in (answer["balances"] or {}).items():
        output.line(f"{book:<10}{views.rupiah(idr):>20}")


@app.command()
def cancel(
    name: Pledge,
    month: Annotated[str, typer.Option("--from", help="The first month that it no longer pays, like 2027-03.")],
    url: Url = None,
    key: Key = None,
    data: Data = None,
    *,
    json: Json = False,
) -> None:
    """Cancel a pledge from a month on."""
    answer = call(url, key, data, lambda gateway: gateway.post(f"/v1/pledges/{name}/cancel", {"from": month}))
    if json:
        output.as_json(answer)
        return
    output.line(f"{answer['id']}  cancelled from {views.month(answer['cancelled_from'])} on")


def _notes(body: Mapping[str, Any], slots: int) -> list[str]:
    """The notes of a quote in the language of this output; those of the answer are in the donor's."""
    occupations = tuple(body["scope"].get("occupations") or ())
    programmes = tuple(body.get("programmes") or BASIC)
    terms = Terms(body["starts"], body.get("months", 12), occupations, programmes)
    return [note.text("en") for note in quote(slots, terms).notes]


def _quote(answer: Mapping[str, Any], notes: Sequence[str]) -> None:
    output.line(f"at most {views.rupiah(answer['total_idr'])} in all")
    rows = [(views.month(m["month"]), views.rupiah(m["iuran_idr_per_worker"])) for m in answer["months"]]
    output.table(("month", "a worker"), rows, right=(1,))
    for note in notes:
        output.line(note)
