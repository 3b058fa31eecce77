"""The HTTP application: routes, the one translation of failures into problems, and the OpenAPI document.

Promises that every answer that is no success is a problem with a code of `problems.py`. Must not decide anything.
"""

from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp

from services.gateway.api import openapi, problems
from services.gateway.api.app_state import Face
from services.gateway.api.middleware import BodyTooLarge, Edge
from services.gateway.api.problems import Refusal
from services.gateway.api.routes import (
    books,
    cycles,
    days,
    donors,
    events,
    imports,
    keys,
    notices,
    operations,
    people,
    pledges,
    remittances,
    workers,
)
from services.gateway.domain import field_errors
from services.runtime.base.errors import Fenced, Refused, RetryLater
from services.runtime.base.postgres import is_away
from services.runtime.base.telemetry import log

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUTERS: Final = (
    donors.router,
    pledges.router,
    workers.router,
    people.router,
    cycles.router,
    remittances.router,
    books.router,
    notices.router,
    events.router,
    keys.router,
    days.router,
    operations.router,
    imports.router,
)
_HTTP_CODES: Final = {404: "route.unknown", 405: "method.unsupported", 413: "body.too_large", 415: "body.media_type"}
_HEADER_CODES: Final = {"Idempotency-Key": "idempotency.key_invalid", "Sekul-After": "position.invalid"}


def api(face: Face) -> FastAPI:
    """The application without its outermost layer."""
    app = FastAPI(title="Gemet Sekul", openapi_url="/openapi.json", docs_url=None, redoc_url=None)
    app.state.face = face
    app.router.redirect_slashes = False
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(Refusal, _refused)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, _unfit)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, _unroutable)  # type: ignore[arg-type]
    app.add_exception_handler(BodyTooLarge, _too_large)
    app.add_exception_handler(RetryLater, _later)  # type: ignore[arg-type]
    app.add_exception_handler(Fenced, _later)  # type: ignore[arg-type]
    app.add_exception_handler(Exception, _failed)
    app.openapi = lambda: openapi.document(app)  # type: ignore[method-assign]
    return app


def served(app: FastAPI, face: Face) -> ASGIApp:
    """The application as the world meets it."""
    return Edge(app, face.context.settings.http)


async def _refused(request: Request, error: Refusal) -> Response:
    return problems.answer(error.refused, request.url.path, error.headers, **error.extra)


async def _unfit(request: Request, error: RequestValidationError) -> Response:
    """Parameters that do not fit: an id in the path is nothing that exists, the rest is said place by place."""
    found: Sequence[Any] = error.errors()
    # what the path says comes first: where there is nothing, nothing else matters
    first = next((one for one in found if one["loc"][0] == "path"), found[0])
    where, name = first["loc"][0], str(first["loc"][-1])
    if where == "path" and name != "month":
        if others := _methods(request, exactly=True):
            return _not_allowed(request, others)
        return problems.answer(Refused("resource.unknown", "no such thing can exist"), request.url.path)
    if where == "header" and name in _HEADER_CODES:
        return problems.answer(Refused(_HEADER_CODES[name], field_errors.problems(found)[0].detail), request.url.path)
    wrong = tuple(field_errors.problems(found, skip=1))
    detail = f"{len(wrong)} parameter(s) cannot be taken: see errors"
    return problems.answer(Refused("query.invalid", detail, wrong), request.url.path)


def _methods(request: Request, *, exactly: bool = False) -> list[str]:
    """The methods that a path takes; a route that is this path prevails over those with parameters."""
    exact: set[str] = set()
    fitting: set[str] = set()
    for route in (*request.app.routes, *(route for router in ROUTERS for route in router.routes)):
        methods = set(getattr(route, "methods", None) or ())
        if getattr(route, "path", "") == request.url.path:
            exact |= methods
        elif route.matches(request.scope)[0] is not Match.NONE:
            fitting |= methods
    return sorted(exact or (set() if exactly else fitting))


def _not_allowed(request: Request, methods: list[str]) -> Response:
    words = ", ".join(methods)
    refused = Refused("method.unsupported", f"{request.method} is none of {words}")
    return problems.answer(refused, request.url.path, {"Allow": words})


async def _unroutable(request: Request, error: HTTPException) -> Response:
    if error.status_code == 405:
        return _not_allowed(request, _methods(request))
    code = _HTTP_CODES.get(error.status_code, "request.malformed")
    return problems.answer(Refused(code, str(error.detail)), request.url.path, error.headers)


async def _too_large(request: Request, error: Exception) -> Response:
    return problems.answer(Refused("body.too_large", str(error)), request.url.path, {"Connection": "close"})


async def _later(request: Request, error: RetryLater | Fenced) -> Response:
    known = error.code if error.code in problems.PROBLEMS else "shard.unavailable"
    return problems.answer(Refused(known, error.detail), request.url.path)


async def _failed(request: Request, error: Exception) -> Response:
    if is_away(error):
        return problems.answer(Refused("database.away", "the database does not answer"), request.url.path)
    log.error("http.defect", path=request.url.path, trace=request.scope["state"]["trace"], exc_info=error)
    return problems.answer(Refused("internal.defect", "nothing was done; see the log"), request.url.path)
