"""The door between services: internal routes answer only who shows the key that all services derive alike.

Must not be used for what the world may reach.
"""

import hmac

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send


class Guard:
    """Lets requests through to an application that carry `Authorization: Bearer <keys.internal>`."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self._app = app
        self._expected = f"Bearer {key}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 401."""
        if scope["type"] == "http":
            given = Request(scope).headers.get("authorization", "")
            if not hmac.compare_digest(given.encode(), self._expected):
                body = orjson.dumps({"code": "key.invalid"})
                await Response(body, 401, media_type="application/json")(scope, receive, send)
                return
        await self._app(scope, receive, send)
