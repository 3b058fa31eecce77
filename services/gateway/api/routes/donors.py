"""Donors: they join, are looked at, have their systems called, and are forgotten."""

import base64
from typing import Annotated, Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from schemas.http.donors import DonorAnswer, DonorCreated, NewDonor, NewWebhook, WebhookCreated
from schemas.http.lists import Listed
from schemas.reference import people
from services.gateway.api import responses
from services.gateway.api.app_state import face_of
from services.gateway.api.dependencies import After, Asking, Limit, Waits, allowed, body_of
from services.gateway.api.execute import json, perform, shard_for, submit
from services.gateway.api.openapi import reads, writes
from services.gateway.api.problems import refuse, refuse_fields
from services.gateway.api.queries.models import Models, page
from services.gateway.api.routes.paths import DonorPath
from services.gateway.domain.donors import AddWebhook, RegisterDonor
from services.gateway.domain.people import ReadPersons
from services.gateway.domain.roles import Actor
from services.runtime.base import ids
from services.runtime.base.errors import Problem

router = APIRouter(tags=["donors"])


@router.post("/v1/donors", **writes(DonorCreated, 201, body=NewDonor))
async def register(
    request: Request,
    actor: Annotated[Actor, allowed("donor.write")],
    asking: Asking,
    body: Annotated[NewDonor, body_of(NewDonor)],
) -> Response:
    """Register a company's CSR programme, or a person."""
    phone = people.parse_phone(body.phone) if body.phone is not None else None
    if isinstance(phone, people.Problem):
        raise refuse_fields([Problem("/phone", phone.code, phone.detail)])
    face, asked = face_of(request), asking(actor)
    donor = ids.new("don", asked["at"])
    record = {"name": body.name, "email": body.email, "phone": phone}
    sealed = face.vault.seal([(donor, {name: value for name, value in record.items() if value is not None})])[0]
    command = RegisterDonor(**asked, donor=donor, kind=body.kind, language=body.language, sealed=sealed)
    return await perform(request, donor, command)


@router.get("/v1/donors", **reads(Listed[DonorAnswer]), dependencies=[Waits])
async def list_donors(
    request: Request, actor: Annotated[Actor, allowed("donor.read")], limit: Limit = 100, after: After = None
) -> Response:
    """List donors without their names; a donor sees itself."""
    models = Models(face_of(request).context.pool)
    if actor.donor is not None:
        row = await models.donor(actor.donor)
        return json({"items": [responses.donor(row)] if row else [], "next": None})
    rows = await models.donors(after or "", limit + 1)
    return json(page([responses.donor(row) for row in rows], limit, "id"))


@router.get("/v1/donors/{donor}", **reads(DonorAnswer, problems=["donor.unknown"]), dependencies=[Waits])
async def show(
    request: Request, donor: DonorPath, actor: Annotated[Actor, allowed("donor.read")], asking: Asking
) -> Response:
    """Show a donor; the name to operators and to the donor itself, and each sight is on record."""
    face = face_of(request)
    row = await Models(face.context.pool).donor(donor)
    if row is None or not actor.sees_donor(donor):
        raise refuse("donor.unknown", f"there is no donor {donor}")
    person: dict[str, Any] | None = None
    if actor.may("person.read") and not row["erased"]:
        # each sight is on record, so none is a repetition of another
        asked = asking(actor) | {"once": None}
        audit = ReadPersons(**asked, persons=[donor], fields=("name", "email", "phone"))
        await submit(face, shard_for(face, donor), audit)
        async with face.context.pool.acquire() as connection:
            person = (await face.vault.read(connection, [donor])).get(donor)
    return json(responses.donor(row, person))


@router.post(
    "/v1/donors/{donor}/webhooks",
    **writes(
        WebhookCreated,
        201,
        body=NewWebhook,
        problems=["donor.unknown", "webhook.too_many", "idempotency.secret_shown_once"],
    ),
)
async def add_webhook(
    request: Request,
    donor: DonorPath,
    actor: Annotated[Actor, allowed("webhook.write")],
    asking: Asking,
    body: Annotated[NewWebhook, body_of(NewWebhook)],
) -> Response:
    """Have a donor's system called, with calls signed as Standard Webhooks has it; the secret is shown once."""
    face, asked = face_of(request), asking(actor)
    if not actor.sees_donor(donor):
        raise refuse("donor.unknown", f"there is no donor {donor}")
    if not body.url.startswith("https://") and not face.context.settings.notices.webhook_private_addresses:
        raise refuse_fields([Problem("/url", "webhook.insecure", "the address must begin with https://")])
    secret = "whsec_" + base64.b64encode(ids.chance(32)).decode()
    command = AddWebhook(**asked, donor=donor, webhook=ids.new("whk", asked["at"]), url=body.url, secret=secret)
    return await perform(request, donor, command)
