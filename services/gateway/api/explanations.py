"""Asks the matcher why a worker waits or a slot is idle."""

import asyncio
from typing import Final, Literal

from starlette.responses import Response

from services.gateway.api.call import Call, json_response
from services.gateway.api.problems import refuse
from services.runtime.base.errors import Refused

#: how long the matcher is given, in steps
_WAITS_S: Final = (0.05, 0.2, 0.5, 1.0)


async def explanation(call: Call, kind: Literal["worker", "pledge"], identity: str) -> Response:
    """The matcher's explanation; of what was registered a moment ago the matcher may not know yet."""
    for wait_s in (*_WAITS_S, None):
        answer = await call.ask("matcher", f"/internal/explain/{kind}/{identity}")
        if not isinstance(answer, Refused):
            return json_response(answer)
        if wait_s is not None:
            await asyncio.sleep(wait_s)
    raise refuse("explain.not_yet", f"the matcher does not know {identity} yet")


def over(code: str, detail: str, **values: str | None) -> Response:
    """The explanation of what has ended, which the matcher no longer follows."""
    return json_response(
        {"status": "ended", "why": [{"code": code, "detail": detail, "values": values}], "change": None}
    )
