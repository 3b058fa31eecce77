"""Asks the matcher why a worker waits or a slot is idle."""

import asyncio
from typing import Final, Literal

from fastapi import Request
from starlette.responses import Response

from services.gateway.api.app_state import face_of
from services.gateway.api.execute import json
from services.gateway.api.problems import refuse
from services.runtime.base.errors import Refused

#: how long the matcher is given, in steps
_WAITS_S: Final = (0.05, 0.2, 0.5, 1.0)


async def explanation(request: Request, kind: Literal["worker", "pledge"], identity: str) -> Response:
    """The matcher's explanation; somebody who has just been registered is given a moment to be heard of."""
    face, trace = face_of(request), request.scope["state"]["trace"]
    for wait_s in (*_WAITS_S, None):
        answer = await face.peers.get("matcher", f"/internal/explain/{kind}/{identity}", {}, trace)
        if not isinstance(answer, Refused):
            return json(answer)
        if wait_s is not None:
            await asyncio.sleep(wait_s)
    raise refuse("explain.not_yet", f"the matcher has not heard of {identity} yet")


def over(code: str, detail: str, **values: str | None) -> Response:
    """The explanation of what is over and not the matcher's business any longer."""
    return json({"status": "ended", "why": [{"code": code, "detail": detail, "values": values}], "change": None})
