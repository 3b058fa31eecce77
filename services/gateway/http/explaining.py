"""Asks the matcher why a worker waits or a slot is idle."""

from typing import Literal

from fastapi import Request
from starlette.responses import Response

from schemas.http.common import Answer
from services.gateway.http.face import face_of
from services.gateway.http.performing import json
from services.gateway.http.problems import refuse
from services.runtime.errors import Refused


class Reason(Answer):
    """One reason, or one change."""

    code: str
    detail: str


class Explanation(Answer):
    """Why, or why not, and the smallest change that would help."""

    status: str
    why: list[Reason]
    change: Reason | None


async def explanation(request: Request, kind: Literal["worker", "pledge"], identity: str) -> Response:
    """The matcher's explanation; what it has not heard of yet is waiting to be seen by it."""
    trace = request.scope["state"]["trace"]
    answer = await face_of(request).peers.get("matcher", f"/internal/explain/{kind}/{identity}", {}, trace)
    if isinstance(answer, Refused):
        raise refuse("read.not_yet", f"the matcher has not seen {identity} yet")
    return json(answer)
