"""Notices, as the notifier keeps them: which are owed to whom, how they ended, and how they read."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from starlette.responses import Response

from schemas.http.lists import Listed
from schemas.http.notices import MailAnswer
from services.gateway.api.call import Call, json_response
from services.gateway.api.parameters import After, PersonQuery, digits
from services.gateway.api.problems import refuse
from services.gateway.api.routing import Routes
from services.runtime.base.errors import Refused

routes = Routes("notices")
Limit = Annotated[int, Field(ge=1, le=500, description="How many items at most."), BeforeValidator(digits)]
State = Annotated[
    Literal["owed", "delayed", "failed", "sent", "suppressed"] | None, Field(description="How a notice stands.")
]
InLanguage = Annotated[Literal["id", "en"] | None, Field(description="In one language.")]


@routes.get("/v1/notices", "notice.read", waits=True)
async def notices(
    call: Call, recipient: PersonQuery = None, state: State = None, limit: Limit = 100, after: After = None
) -> Response:
    """List notices; a donor sees its own."""
    own = call.actor.donor
    if own is not None and recipient not in {None, own}:
        return json_response({"items": [], "next": None})
    return await _ask(call, "/internal/notices", recipient=own or recipient, state=state, limit=limit, after=after)


@routes.get("/v1/mailbox", "event.read", Listed[MailAnswer], waits=True)
async def mailbox(call: Call, language: InLanguage = None, limit: Limit = 100, after: After = None) -> Response:
    """Show notices as their receivers read them, names masked."""
    return await _ask(call, "/internal/mailbox", language=language, limit=limit, after=after)


async def _ask(call: Call, path: str, **parameters: str | int | None) -> Response:
    answer = await call.ask("notifier", path, **parameters)
    if isinstance(answer, Refused):
        raise refuse("query.invalid", answer.detail or answer.code)
    return json_response(answer)
