"""API keys: made, listed, taken away."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from schemas.http.lists import Listed
from schemas.http.operations import KeyAnswer, KeyCreated, KeyRevoked, NewKey
from schemas.reference import regions
from services.gateway.api.app_state import Face, face_of
from services.gateway.api.dependencies import After, Asking, Limit, allowed, body_of
from services.gateway.api.execute import json
from services.gateway.api.multi_step import make_secret
from services.gateway.api.openapi import reads, writes
from services.gateway.api.problems import refuse, refuse_fields
from services.gateway.api.queries.models import Models, page
from services.gateway.api.routes.paths import KeyPath
from services.gateway.domain.roles import Actor
from services.gateway.handlers.idempotency import Reply
from services.runtime.base.errors import Problem
from services.runtime.base.postgres import Connection

router = APIRouter(tags=["keys"])


async def _problems(face: Face, body: NewKey) -> list[Problem]:
    problems = []
    if (body.role == "donor") != (body.donor is not None):
        problems.append(Problem("/donor", "key.donor_missing", "a key for a donor names it; others do not"))
    elif body.donor is not None and await Models(face.context.pool).donor(body.donor) is None:
        problems.append(Problem("/donor", "donor.unknown", f"there is no donor {body.donor}"))
    if (body.role == "field") != bool(body.areas):
        problems.append(Problem("/areas", "key.areas_missing", "a key for field workers names areas; others do not"))
    for number, area in enumerate(body.areas):
        if not regions.exists(area):
            problems.append(Problem(f"/areas/{number}", "area.unknown", f"{area} is no area of Kemendagri's list"))
    return problems


@router.post("/v1/keys", **writes(KeyCreated, 201, body=NewKey, problems=["idempotency.secret_shown_once"]))
async def add(
    request: Request,
    actor: Annotated[Actor, allowed("key.write")],
    asking: Asking,
    body: Annotated[NewKey, body_of(NewKey)],
) -> Response:
    """Make a key for a role; it is shown once."""
    face, asked = face_of(request), asking(actor)
    problems = await _problems(face, body)
    if problems:
        raise refuse_fields(problems)

    async def make(tx: Connection) -> Reply:
        identity, key = await face.keyring.add(tx, body.role, body.donor, body.areas, asked["at"])
        return Reply(201, {"id": identity, "key": key})

    return await make_secret(request, asked["once"], asked["at"], make)


@router.get("/v1/keys", **reads(Listed[KeyAnswer]))
async def list_keys(
    request: Request, actor: Annotated[Actor, allowed("key.write")], limit: Limit = 100, after: After = None
) -> Response:
    """List keys, without what is secret."""
    del actor
    return json(page(await face_of(request).keyring.list(after or "", limit + 1), limit, "id"))


@router.get("/v1/keys/me", **reads(KeyAnswer))
async def me(actor: Annotated[Actor, allowed("health.read")]) -> Response:
    """Tell what the key of this request may do."""
    return json({"id": actor.key, "role": actor.role, "donor": actor.donor, "areas": list(actor.areas)})


@router.delete("/v1/keys/{key}", **reads(KeyRevoked, problems=["apikey.unknown"]))
async def revoke(
    request: Request, key: KeyPath, actor: Annotated[Actor, allowed("key.write")], asking: Asking
) -> Response:
    """Take a key away for ever."""
    if not await face_of(request).keyring.revoke(key, asking(actor)["at"]):
        raise refuse("apikey.unknown", f"there is no key {key}")
    return json({"id": key, "revoked": True})
