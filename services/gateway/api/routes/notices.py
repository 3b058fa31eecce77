"""Notices, as the notifier tells them: which were owed to whom, how they ended, and how they read."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from schemas.http.lists import Listed
from schemas.http.notices import MailAnswer
from services.gateway.api.app_state import face_of
from services.gateway.api.dependencies import After, Waits, allowed
from services.gateway.api.execute import json
from services.gateway.api.openapi import reads
from services.gateway.api.problems import refuse
from services.gateway.api.routes.paths import PersonQuery
from services.gateway.domain.roles import Actor
from services.runtime.base.errors import Refused

router = APIRouter(tags=["notices"], dependencies=[Waits])
Limit = Annotated[int, Query(ge=1, le=500, description="How many items at most.")]
State = Annotated[
    Literal["owed", "delayed", "failed", "sent", "suppressed"] | None, Query(description="How a notice stands.")
]


@router.get("/v1/notices", **reads())
async def notices(
    request: Request,
    actor: Annotated[Actor, allowed("notice.read")],
    recipient: PersonQuery = None,
    state: State = None,
    limit: Limit = 100,
    after: After = None,
) -> Response:
    """List notices; a donor sees its own."""
    if actor.donor is not None and recipient not in {None, actor.donor}:
        return json({"items": [], "next": None})
    params = {"recipient": actor.donor or recipient, "state": state, "limit": limit, "after": after}
    return await _ask(request, "/internal/notices", params)


@router.get("/v1/mailbox", **reads(Listed[MailAnswer]))
async def mailbox(
    request: Request,
    actor: Annotated[Actor, allowed("event.read")],
    language: Annotated[Literal["id", "en"] | None, Query(description="In one language.")] = None,
    limit: Limit = 100,
    after: After = None,
) -> Response:
    """Show notices as their receivers read them, names masked."""
    del actor
    return await _ask(request, "/internal/mailbox", {"language": language, "limit": limit, "after": after})


async def _ask(request: Request, path: str, params: dict[str, Any]) -> Response:
    answer = await face_of(request).peers.get("notifier", path, params, request.scope["state"]["trace"])
    if isinstance(answer, Refused):
        raise refuse("query.invalid", answer.detail or answer.code)
    return json(answer)
