"""Donors: they register, are shown, have their systems called, and are forgotten."""

import base64

from starlette.responses import Response

from schemas.http.donors import DonorAnswer, DonorCreated, NewDonor, NewWebhook, WebhookCreated
from schemas.http.lists import Listed
from schemas.reference import people
from services.gateway.api import responses
from services.gateway.api.call import Call, json_response
from services.gateway.api.parameters import After, DonorPath, Limit
from services.gateway.api.problems import refuse, refuse_fields
from services.gateway.api.queries.models import page
from services.gateway.api.routing import Routes
from services.gateway.domain.donors import AddWebhook, RegisterDonor
from services.runtime.base import ids
from services.runtime.base.errors import Problem

routes = Routes("donors")


@routes.post("/v1/donors", "donor.write", DonorCreated, body=NewDonor, status=201)
async def register(call: Call, body: NewDonor) -> Response:
    """Register a company's CSR programme, or a person."""
    phone = people.parse_phone(body.phone) if body.phone is not None else None
    if isinstance(phone, people.Problem):
        raise refuse_fields([Problem("/phone", phone.code, phone.detail)])
    donor = call.new_on_a_shard("don")
    record = {"name": body.name, "email": body.email, "phone": phone}
    known = {name: value for name, value in record.items() if value is not None}
    sealed = call.state.vault.seal([(donor, known)])[0]
    command = call.command(RegisterDonor, donor=donor, kind=body.kind, language=body.language, sealed=sealed)
    return await call.perform(donor, command)


@routes.get("/v1/donors", "donor.read", Listed[DonorAnswer], waits=True)
async def list_donors(call: Call, limit: Limit = 100, after: After = None) -> Response:
    """List donors without their names; a donor sees itself."""
    if call.actor.donor is not None:
        row = await call.state.models.donor(call.actor.donor)
        return json_response({"items": [responses.donor(row)] if row else [], "next": None})
    rows = await call.state.models.donors(after or "", limit + 1)
    return json_response(page([responses.donor(row) for row in rows], limit, "id"))


@routes.get("/v1/donors/{donor}", "donor.read", DonorAnswer, problems=["donor.unknown"], waits=True)
async def show(call: Call, donor: DonorPath) -> Response:
    """Show a donor; the name to operators and to the donor itself, and each sight is on record."""
    row = await call.state.models.donor(donor)
    if row is None or not call.actor.sees_donor(donor):
        raise refuse("donor.unknown", f"there is no donor {donor}")
    person = None
    if call.actor.may("person.read") and not row["erased"]:
        person = (await call.persons(donor, [donor], ("name", "email", "phone"))).get(donor)
    return json_response(responses.donor(row, person))


@routes.post(
    "/v1/donors/{donor}/webhooks",
    "webhook.write",
    WebhookCreated,
    body=NewWebhook,
    status=201,
    problems=["donor.unknown", "webhook.too_many", "idempotency.secret_shown_once"],
)
async def add_webhook(call: Call, donor: DonorPath, body: NewWebhook) -> Response:
    """Have a donor's system called, with calls signed as Standard Webhooks has it; the secret is shown once."""
    if not call.actor.sees_donor(donor):
        raise refuse("donor.unknown", f"there is no donor {donor}")
    private = call.state.context.settings.notices.webhook_private_addresses
    if not body.url.startswith("https://") and not private:
        raise refuse_fields([Problem("/url", "webhook.insecure", "the address must begin with https://")])
    secret = "whsec_" + base64.b64encode(ids.chance(32)).decode()
    command = call.command(AddWebhook, donor=donor, webhook=ids.new("whk", call.at), url=body.url, secret=secret)
    return await call.perform(donor, command)
