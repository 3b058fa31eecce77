"""The outermost layer: what holds for every request, before anybody knows what it asks.

Promises a trace, a body that never grows past its limit, an end in time, counts, and that whatever goes wrong inside is
answered with a problem and logged without a word of the body. Must not know any route but by the limits of its path.
"""

import asyncio
import re
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.api import problems
from services.runtime.base.errors import Refused
from services.runtime.base.settings import Http
from services.runtime.base.telemetry import count, log, observe, span, traceparent

_TRACE: Final = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_REQUEST_S: Final = 30.0
#: turning days and closing months wait for other services
_LONG_S: Final = 600.0
_LONG: Final = re.compile(r"/v1/(clock/advance|cycles/[^/]+/(bill|close)|remittances/[^/]+/file|imports/.*)")
_ENDLESS: Final = "/v1/events/stream"
_IMPORTS: Final = "/v1/imports/"


class BodyTooLarge(Exception):
    """More bytes than a body may have."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"a body here has at most {limit} bytes")


@dataclass(slots=True)
class _Exchange:
    """One request and what has become of it."""

    scope: Scope
    trace: str
    started_at: float
    status: int = 0
    ended: bool = False

    @property
    def path(self) -> str:
        """The path, for problems and limits."""
        return str(self.scope["path"])


class Edge:
    """See the module."""

    def __init__(self, app: ASGIApp, settings: Http) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("traceparent", "")
        trace = given if _TRACE.fullmatch(given) else traceparent()
        exchange = _Exchange(scope, trace, asyncio.get_running_loop().time())
        scope.setdefault("state", {})["trace"] = trace
        limit = self._body_limit(exchange.path)
        with span(f"{scope['method']} {'/'.join(exchange.path.split('/')[:3])}", trace):
            try:
                _refuse_early(headers, limit)
                async with asyncio.timeout(_seconds(exchange.path)):
                    await self._app(scope, _counted(receive, limit), self._watched(exchange, send))
            except TimeoutError:
                await self._fail(exchange, send, Refused("request.timeout", "no answer in time; ask again"))
            except BodyTooLarge as error:
                await self._fail(exchange, send, Refused("body.too_large", str(error)))
            except Exception as error:  # noqa: BLE001 -- the last resort: without it the connection would just end
                # a defect inside has been answered and logged where it was known; it only passes by here
                if not exchange.ended:
                    log.error("http.failed", path=exchange.path, error=type(error).__name__, trace=trace)
                await self._fail(exchange, send, Refused("internal.defect", "nothing was done; see the log"))
            finally:
                count("http.requests")
                if exchange.status >= 400:
                    count("http.refused")
                observe("http.request_s", asyncio.get_running_loop().time() - exchange.started_at)

    def _body_limit(self, path: str) -> int:
        return self._settings.import_bytes_max if path.startswith(_IMPORTS) else self._settings.body_bytes_max

    def _watched(self, exchange: _Exchange, send: Send) -> Send:
        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["traceparent"] = exchange.trace
                headers.setdefault("Cache-Control", "no-store")
                headers.setdefault("X-Content-Type-Options", "nosniff")
                for name, value in exchange.scope["state"].get("headers", {}).items():
                    headers.setdefault(name, value)
            else:
                exchange.ended = not message.get("more_body", False)
            await send(message)

        return watched

    async def _fail(self, exchange: _Exchange, send: Send, refused: Refused) -> None:
        """Answer with a problem, unless an answer has begun: then only the end of the connection can tell."""
        if exchange.ended:
            return
        if exchange.status:
            raise ConnectionResetError(refused.code)
        response = problems.answer(refused, exchange.path, {"Connection": "close"})
        await response(exchange.scope, _nothing, self._watched(exchange, send))


def _refuse_early(headers: Headers, limit: int) -> None:
    declared = headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared) > limit:
        raise BodyTooLarge(limit)


def _seconds(path: str) -> float | None:
    if path == _ENDLESS:
        return None
    return _LONG_S if _LONG.fullmatch(path) else _REQUEST_S


def _counted(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise BodyTooLarge(limit)
        return message

    return counted


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
