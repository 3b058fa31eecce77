"""Remittances: what payers owe BPJS, the files by which they pay, and that they have paid."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import Field
from starlette.responses import Response

from schemas.http.lists import Listed
from schemas.http.operations import NewPayment, PaymentAnswer, RemittanceAnswer
from services.gateway.api.call import Call, json_response
from services.gateway.api.parameters import After, CityQuery, DonorQuery, Limit, MonthQuery, RemittancePath
from services.gateway.api.problems import refuse, refuse_fields
from services.gateway.api.routing import LONG_S, Routes
from services.gateway.domain import remittance_file
from services.gateway.domain.cycles import ReportPayment
from services.runtime.base.errors import Problem, Refused

routes = Routes("remittances")
#: lines asked for at once, and persons audited in one command
_PART: Final = 1_000
_PERSONAL: Final = frozenset({"nik", "name", "born", "sex", "phone"})
_MEDIA: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FileKind = Annotated[Literal["csv", "xlsx"], Field(alias="format", description="The kind of file.")]
Columns = Annotated[
    str | None,
    Field(
        max_length=1_000,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description=f"Fields and their titles: `nik:NIK,name:NAMA`. Fields: {', '.join(remittance_file.FIELDS)}.",
    ),
]
Delimiter = Annotated[Literal["comma", "semicolon"], Field(description="Of CSV.")]


@routes.get("/v1/remittances", "remittance.read", Listed[RemittanceAnswer], waits=True)
async def list_remittances(
    call: Call,
    month: MonthQuery = None,
    payer: DonorQuery = None,
    city: CityQuery = None,
    limit: Limit = 100,
    after: After = None,
) -> Response:
    """List remittances of a month or a payer; a donor sees its own."""
    own = call.actor.donor
    if own is not None and payer not in {None, own}:
        return json_response({"items": [], "next": None})
    found = await call.books(
        "/internal/remittances", "cursor.invalid", month=month, payer=own or payer, city=city, after=after, limit=limit
    )
    return json_response(found)


@routes.get(
    "/v1/remittances/{remittance}", "remittance.read", RemittanceAnswer, problems=["remittance.unknown"], waits=True
)
async def show(call: Call, remittance: RemittancePath) -> Response:
    """Show a remittance."""
    return json_response(await _remittance(call, remittance))


async def _remittance(call: Call, remittance: str) -> dict[str, Any]:
    answer = await call.ask("ledger", f"/internal/remittances/{remittance}")
    if isinstance(answer, Refused) or not call.actor.sees_donor(answer["payer"]):
        raise refuse("remittance.unknown", f"there is no remittance {remittance}")
    found: dict[str, Any] = answer
    return found


@routes.post(
    "/v1/remittances/{remittance}/payments",
    "payment.write",
    PaymentAnswer,
    body=NewPayment,
    status=202,
    problems=["remittance.unknown"],
)
async def pay(call: Call, remittance: RemittancePath, body: NewPayment) -> Response:
    """Put on record that a remittance was paid; whether it fits what is due, the ledger says."""
    if body.paid_on > call.day:
        raise refuse_fields([Problem("/paid_on", "date.future", f"today is {call.day}")])
    row = await call.state.models.remittance(remittance)
    if row is None:
        raise refuse("remittance.unknown", f"there is no remittance {remittance}")
    command = call.command(
        ReportPayment,
        remittance=remittance,
        amount_idr=body.amount_idr,
        paid_on=body.paid_on,
        channel=body.channel,
        external_id=body.external_id,
    )
    return await call.perform(row["city"], command)


@routes.get(
    "/v1/remittances/{remittance}/file",
    "remittance.export",
    media=list(_MEDIA.values()),
    problems=["remittance.unknown"],
    waits=True,
    seconds=LONG_S,
)
async def file(
    call: Call,
    remittance: RemittancePath,
    form: FileKind = "csv",
    columns: Columns = None,
    delimiter: Delimiter = "comma",
) -> Response:
    """Return the file by which a remittance is paid; each person in it is put on record as seen."""
    try:
        chosen = remittance_file.columns_of(columns)
    except remittance_file.BadColumns as error:
        raise refuse("query.invalid", str(error), [Problem("/columns", "field.form", str(error))]) from None
    found = await _remittance(call, remittance)
    fields = tuple(field for field in chosen if field in _PERSONAL)
    rows = [row async for row in _rows(call, found, fields)]
    if form == "xlsx":
        content = await asyncio.to_thread(remittance_file.as_xlsx, rows, chosen)
    else:
        sign = ";" if delimiter == "semicolon" else ","
        content = await asyncio.to_thread(remittance_file.as_csv, rows, chosen, sign)
    name = f"{found['month']}_{found['pay_code']}.{form}"
    return Response(content, headers={"Content-Disposition": f'attachment; filename="{name}"'}, media_type=_MEDIA[form])


async def _rows(call: Call, remittance: dict[str, Any], fields: tuple[str, ...]) -> AsyncIterator[dict[str, Any]]:
    """All lines with their persons; the audit of each part is durable before its persons are opened."""
    async for lines in _parts(call, remittance["id"]):
        workers = [line["worker"] for line in lines]
        homes = await call.state.models.homes(workers)
        persons: Mapping[str, Mapping[str, Any]] = {}
        if fields:
            persons = await call.persons(remittance["city"], workers, fields)
        for line in lines:
            home = homes.get(line["worker"])
            known = {"occupation": home["occupation"], "area": home["area"]} if home else {}
            person = {name: persons.get(line["worker"], {}).get(name) for name in fields}
            yield {**line, **known, **person, "remittance": remittance["id"], "pay_code": remittance["pay_code"]}


async def _parts(call: Call, remittance: str) -> AsyncIterator[list[dict[str, Any]]]:
    after: str | None = None
    while True:
        path = f"/internal/remittances/{remittance}/lines"
        answer = await call.books(path, "remittance.unknown", limit=_PART, after=after)
        if answer["items"]:
            yield answer["items"]
        after = answer["next"]
        if after is None:
            return
