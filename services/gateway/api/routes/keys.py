"""API keys: made, listed, revoked."""

from starlette.responses import Response

from schemas.http.lists import Listed
from schemas.http.operations import KeyAnswer, KeyCreated, KeyRevoked, NewKey
from schemas.reference import regions
from services.gateway.api.call import Call, json_response
from services.gateway.api.multi_step import make_secret
from services.gateway.api.parameters import After, KeyPath, Limit
from services.gateway.api.problems import refuse, refuse_fields
from services.gateway.api.queries.models import page
from services.gateway.api.routing import Routes
from services.gateway.handlers.idempotency import Reply
from services.runtime.base.errors import Problem
from services.runtime.base.postgres import Connection

routes = Routes("keys")


async def _problems(call: Call, body: NewKey) -> list[Problem]:
    problems = []
    if (body.role == "donor") != (body.donor is not None):
        problems.append(Problem("/donor", "key.donor_missing", "a key for a donor names it; others do not"))
    elif body.donor is not None and await call.state.models.donor(body.donor) is None:
        problems.append(Problem("/donor", "donor.unknown", f"there is no donor {body.donor}"))
    if (body.role == "field") != bool(body.areas):
        problems.append(Problem("/areas", "key.areas_missing", "a key for field workers names areas; others do not"))
    for number, area in enumerate(body.areas):
        if not regions.exists(area):
            problems.append(Problem(f"/areas/{number}", "area.unknown", f"{area} is no area of Kemendagri's list"))
    return problems


@routes.post("/v1/keys", "key.write", KeyCreated, body=NewKey, status=201, problems=["idempotency.secret_shown_once"])
async def add(call: Call, body: NewKey) -> Response:
    """Make a key for a role; it is shown once."""
    problems = await _problems(call, body)
    if problems:
        raise refuse_fields(problems)

    async def make(tx: Connection) -> Reply:
        identity, key = await call.state.keyring.add(tx, body.role, body.donor, body.areas, call.at)
        return Reply(201, {"id": identity, "key": key})

    return await make_secret(call, make)


@routes.get("/v1/keys", "key.write", Listed[KeyAnswer])
async def list_keys(call: Call, limit: Limit = 100, after: After = None) -> Response:
    """List keys, without what is secret."""
    return json_response(page(await call.state.keyring.list(after or "", limit + 1), limit, "id"))


@routes.get("/v1/keys/me", "health.read", KeyAnswer)
async def me(call: Call) -> Response:
    """Show what the key of this request may do."""
    actor = call.actor
    return json_response({"id": actor.key, "role": actor.role, "donor": actor.donor, "areas": list(actor.areas)})


@routes.delete("/v1/keys/{key}", "key.write", KeyRevoked, problems=["apikey.unknown"])
async def revoke(call: Call, key: KeyPath) -> Response:
    """Take a key away for ever."""
    if not await call.state.keyring.revoke(key, call.at):
        raise refuse("apikey.unknown", f"there is no key {key}")
    return json_response({"id": key, "revoked": True})
