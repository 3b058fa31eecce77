"""The HTTP application: finds the route, checks who calls and what they send, and answers.

Promises the order key, rate, role, path, headers, query, body, waiting; a trace and an end in time for each request;
and that every answer that is no success is a problem with a code of `problems.py`, without a word of the body.
Must not decide anything.
"""

import asyncio
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final, Literal

import orjson
from pydantic import ValidationError
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.gateway.api import bodies, openapi, problems, waiting
from services.gateway.api.app_state import AppState
from services.gateway.api.call import BodyTooLarge, Call
from services.gateway.api.parameters import Place, query_of
from services.gateway.api.problems import refuse
from services.gateway.api.routes import ROUTES
from services.gateway.api.routing import Route, Table
from services.gateway.domain import field_errors
from services.gateway.domain.roles import Permission
from services.runtime.base.errors import Fenced, Refused, RetryLater
from services.runtime.base.postgres import is_away
from services.runtime.base.telemetry import count, log, observe, span

_COMMON: Final = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


class Api:
    """The application as the world meets it; see the module."""

    def __init__(self, state: AppState, routes: Sequence[Route] = ROUTES) -> None:
        self.state = state
        self._table = Table((*routes, _document_of(routes)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        route, values, allowed = self._table.find(scope["method"], scope["path"])
        call = Call(self.state, route or NOWHERE, scope, receive)
        if allowed:
            call.headers.append((b"allow", ", ".join(allowed).encode()))
        loop, status = asyncio.get_running_loop(), 500
        begun = loop.time()
        with span(f"{scope['method']} {'/'.join(call.path.split('/')[:3])}", call.trace):
            try:
                status = await self._serve(call, values, send)
            finally:
                count("http.requests")
                if status >= 400:
                    count("http.refused")
                observe("http.request_s", loop.time() - begun)

    async def _serve(self, call: Call, values: Mapping[str, str], send: Send) -> int:
        """Answer within the seconds of the route; an answer that breaks off ends the connection."""
        begun = False
        try:
            async with asyncio.timeout(call.route.seconds):
                response = await self._answer(call, values)
                begun = True
                return await _send(call, response, send)
        except TimeoutError:
            if begun:
                raise ConnectionResetError("request.timeout") from None
            refused = Refused("request.timeout", "no answer in time; send it again")
            return await _send(call, _closing(call, refused), send)

    async def _answer(self, call: Call, values: Mapping[str, str]) -> Response:
        """The answer of the route, or the problem into which its failure is translated: here and nowhere else."""
        try:
            return await self._called(call, values)
        except Refused as refused:
            return problems.answer(refused, call.path)
        except BodyTooLarge as error:
            return _closing(call, Refused("body.too_large", str(error)))
        except (RetryLater, Fenced) as error:
            known = error.code if error.code in problems.PROBLEMS else "shard.unavailable"
            return problems.answer(Refused(known, error.detail), call.path)
        except ClientDisconnect:
            return _closing(call, Refused("request.malformed", "the body ends before its length"))
        except Exception as error:  # noqa: BLE001 -- what is not foreseen is our defect, answered and logged
            if is_away(error):
                return problems.answer(Refused("database.away", "the database does not answer"), call.path)
            log.error("http.defect", path=call.path, trace=call.trace, exc_info=error)
            return problems.answer(Refused("internal.defect", "nothing was done; see the log"), call.path)

    async def _called(self, call: Call, values: Mapping[str, str]) -> Response:
        """Check what the module promises, in its order, and call the endpoint."""
        route = call.route
        declared = call.received.get(b"content-length", b"")
        if declared.isdigit() and int(declared) > call.body_bytes_max:
            raise BodyTooLarge(call.body_bytes_max)
        if route.access != "everybody":
            await self._authenticate(call, route.access)
        arguments = self._arguments(call, values)
        position = waiting.position_of(call) if route.waits else None
        if route.writes:
            call.once = await bodies.idempotency_key(call)
        if route.body is not None:
            arguments["body"] = await bodies.read(call, route.body, optional=route.optional)
        if position is not None:
            await waiting.wait(call, position)
        return await route.endpoint(call, **arguments)

    async def _authenticate(self, call: Call, access: Permission | Literal["any key"]) -> None:
        """Find the holder of the key, count the request against its rate, and ask for the permission."""
        scheme, _, key = call.received.get(b"authorization", b"").decode("latin-1").partition(" ")
        shown = key if scheme.lower() == "bearer" else ""
        actor = await self.state.keyring.find(shown) if shown else None
        if actor is None:
            self.state.limiter.fail(call.address)
            if not shown:
                raise refuse("key.missing", "this needs an API key")
            raise refuse("key.unknown", "this API key is not known, or was revoked")
        call.actor = actor
        self.state.limiter.spend(actor.key, call.headers)
        if access != "any key" and not actor.may(access):
            raise refuse("role.forbidden", f"a key of role {actor.role} has no permission {access}")

    def _arguments(self, call: Call, values: Mapping[str, str]) -> dict[str, Any]:
        """The arguments of the endpoint: an id in the path that cannot be is nothing that exists."""
        arguments: dict[str, Any] = {}
        for parameters in call.route.parameters:
            try:
                arguments |= parameters.read(_raw(call, parameters.place, values))
            except ValidationError as error:
                found = error.errors(include_input=False, include_url=False)
                if parameters.place == "path" and found[0]["loc"][-1] != "month":
                    raise refuse("resource.unknown", "no such thing can exist") from None
                wrong = field_errors.problems(found)
                if parameters.place == "header":
                    raise refuse("cursor.invalid", wrong[0].detail) from None
                raise refuse("query.invalid", f"{len(wrong)} parameter(s) are refused: see errors", wrong) from None
        return arguments


def _document_of(routes: Sequence[Route]) -> Route:
    @cache
    def content() -> bytes:
        return orjson.dumps(openapi.document(routes))

    async def show(_call: Call) -> Response:
        return Response(content(), media_type="application/json")

    return Route(method="GET", path="/openapi.json", endpoint=show, access="everybody", tags=())


def _raw(call: Call, place: Place, values: Mapping[str, str]) -> Mapping[str, str]:
    if place == "path":
        return values
    if place == "query":
        return query_of(call.scope["query_string"])
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in call.received.items()}


def _closing(call: Call, refused: Refused) -> Response:
    """A problem after which the connection is of no use: the rest of the body was not read."""
    call.headers.append((b"connection", b"close"))
    return problems.answer(refused, call.path)


async def _send(call: Call, response: Response, send: Send) -> int:
    """Send the answer with the headers that all have; those of the answer itself prevail."""
    own = {name for name, _ in response.raw_headers}
    common = [(b"traceparent", call.trace.encode()), *_COMMON, *call.headers]
    response.raw_headers += [header for header in common if header[0] not in own]
    await response(call.scope, call.receive, send)
    return response.status_code


async def _nowhere(call: Call) -> Response:
    if call.headers:
        methods = call.headers[0][1].decode()
        raise refuse("method.unsupported", f"{call.scope['method']} is not one of {methods}")
    raise refuse("route.unknown", "there is nothing under this path")


NOWHERE: Final = Route(method="", path="", endpoint=_nowhere, access="everybody", tags=())
