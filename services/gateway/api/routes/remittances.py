"""Remittances: what payers owe BPJS, the files by which they pay, and that they have paid."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from schemas.http.lists import Listed
from schemas.http.operations import NewPayment, PaymentAnswer, RemittanceAnswer
from services.gateway.api.app_state import Face, face_of
from services.gateway.api.dependencies import After, Asked, Asking, Limit, Waits, allowed, body_of
from services.gateway.api.execute import json, perform, shard_for, submit
from services.gateway.api.openapi import reads, writes
from services.gateway.api.problems import refuse, refuse_fields
from services.gateway.api.queries.models import Models
from services.gateway.api.routes.paths import CityQuery, DonorQuery, MonthQuery, RemittancePath
from services.gateway.domain import remittance_file
from services.gateway.domain.cycles import ReportPayment
from services.gateway.domain.people import ReadPersons
from services.gateway.domain.roles import Actor
from services.runtime.base.errors import Problem, Refused

router = APIRouter(tags=["remittances"])
#: lines asked for at once, and persons audited in one command
_PART: Final = 1_000
_PERSONAL: Final = frozenset({"nik", "name", "born", "sex", "phone"})
_MEDIA: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@router.get("/v1/remittances", **reads(Listed[RemittanceAnswer]), dependencies=[Waits])
async def list_remittances(
    request: Request,
    actor: Annotated[Actor, allowed("remittance.read")],
    month: MonthQuery = None,
    payer: DonorQuery = None,
    city: CityQuery = None,
    limit: Limit = 100,
    after: After = None,
) -> Response:
    """List remittances of a month or a payer; a donor sees its own."""
    if actor.donor is not None and payer not in {None, actor.donor}:
        return json({"items": [], "next": None})
    params = {"month": month, "payer": actor.donor or payer, "city": city, "after": after, "limit": limit}
    answer = await face_of(request).peers.get(
        "ledger", "/internal/remittances", params, request.scope["state"]["trace"]
    )
    if isinstance(answer, Refused):
        raise refuse("cursor.invalid", answer.detail or "after is none of ours")
    return json(answer)


@router.get(
    "/v1/remittances/{remittance}",
    **reads(RemittanceAnswer, problems=["remittance.unknown"]),
    dependencies=[Waits],
)
async def show(
    request: Request, remittance: RemittancePath, actor: Annotated[Actor, allowed("remittance.read")]
) -> Response:
    """Show a remittance."""
    return json(await _remittance(request, actor, remittance))


async def _remittance(request: Request, actor: Actor, remittance: str) -> dict[str, Any]:
    path, trace = f"/internal/remittances/{remittance}", request.scope["state"]["trace"]
    answer = await face_of(request).peers.get("ledger", path, {}, trace)
    if isinstance(answer, Refused) or not actor.sees_donor(answer["payer"]):
        raise refuse("remittance.unknown", f"there is no remittance {remittance}")
    found: dict[str, Any] = answer
    return found


@router.post(
    "/v1/remittances/{remittance}/payments",
    **writes(PaymentAnswer, 202, body=NewPayment, problems=["remittance.unknown"]),
)
async def pay(
    request: Request,
    remittance: RemittancePath,
    actor: Annotated[Actor, allowed("payment.write")],
    asking: Asking,
    body: Annotated[NewPayment, body_of(NewPayment)],
) -> Response:
    """Put on record that a remittance was paid; whether it fits what is due, the ledger says."""
    asked = asking(actor)
    if body.paid_on > asked["day"]:
        raise refuse_fields([Problem("/paid_on", "date.future", f"today is {asked['day']}")])
    row = await Models(face_of(request).context.pool).remittance(remittance)
    if row is None:
        raise refuse("remittance.unknown", f"there is no remittance {remittance}")
    command = ReportPayment(
        **asked,
        remittance=remittance,
        amount_idr=body.amount_idr,
        paid_on=body.paid_on,
        channel=body.channel,
        external_id=body.external_id,
    )
    return await perform(request, row["city"], command)


@router.get(
    "/v1/remittances/{remittance}/file",
    **reads(media=list(_MEDIA.values()), problems=["remittance.unknown"]),
    dependencies=[Waits],
)
async def file(
    request: Request,
    remittance: RemittancePath,
    actor: Annotated[Actor, allowed("remittance.export")],
    asking: Asking,
    form: Annotated[Literal["csv", "xlsx"], Query(alias="format", description="The kind of file.")] = "csv",
    columns: Annotated[
        str | None,
        Query(
            max_length=1_000,
            pattern=r"^[^\x00-\x1f\x7f]+$",
            description=f"Fields and their titles: `nik:NIK,name:NAMA`. Fields: {', '.join(remittance_file.FIELDS)}.",
        ),
    ] = None,
    delimiter: Annotated[Literal["comma", "semicolon"], Query(description="Of CSV.")] = "comma",
) -> Response:
    """Give the file by which a remittance is paid; each person in it is put on record as seen."""
    try:
        chosen = remittance_file.columns_of(columns)
    except remittance_file.BadColumns as error:
        raise refuse("query.invalid", str(error), [Problem("/columns", "field.form", str(error))]) from None
    face = face_of(request)
    found = await _remittance(request, actor, remittance)
    fields = tuple(field for field in chosen if field in _PERSONAL)
    asked = asking(actor)
    rows = [row async for row in _rows(face, asked, found, fields)]
    if form == "xlsx":
        content = await asyncio.to_thread(remittance_file.as_xlsx, rows, chosen)
    else:
        sign = ";" if delimiter == "semicolon" else ","
        content = await asyncio.to_thread(remittance_file.as_csv, rows, chosen, sign)
    name = f"{found['month']}_{found['pay_code']}.{form}"
    return Response(content, headers={"Content-Disposition": f'attachment; filename="{name}"'}, media_type=_MEDIA[form])


async def _rows(
    face: Face, asked: Asked, remittance: dict[str, Any], fields: tuple[str, ...]
) -> AsyncIterator[dict[str, Any]]:
    """All lines with their persons; the audit of each part is durable before its persons are opened."""
    models = Models(face.context.pool)
    async for lines in _parts(face, remittance["id"], asked["trace"]):
        workers = [line["worker"] for line in lines]
        homes = await models.homes(workers)
        persons: dict[str, dict[str, Any]] = {}
        if fields:
            audit = ReadPersons(**(asked | {"once": None}), persons=workers, fields=fields)
            await submit(face, shard_for(face, remittance["city"]), audit)
            async with face.context.pool.acquire() as connection:
                persons = await face.vault.read(connection, workers)
        for line in lines:
            home = homes.get(line["worker"])
            known = {"occupation": home["occupation"], "area": home["area"]} if home else {}
            person = {name: persons.get(line["worker"], {}).get(name) for name in fields}
            yield {**line, **known, **person, "remittance": remittance["id"], "pay_code": remittance["pay_code"]}


async def _parts(face: Face, remittance: str, trace: str) -> AsyncIterator[list[dict[str, Any]]]:
    after: str | None = None
    while True:
        path, params = f"/internal/remittances/{remittance}/lines", {"limit": _PART, "after": after}
        answer = await face.peers.get("ledger", path, params, trace)
        if isinstance(answer, Refused):
            raise refuse("remittance.unknown", f"there is no remittance {remittance}")
        if answer["items"]:
            yield answer["items"]
        after = answer["next"]
        if after is None:
            return
