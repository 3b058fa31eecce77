"""The console's addresses, who may open each, and the headers of all its answers.

`Console` stands in front of the API and answers what lies under `/console`; all else passes to the API unchanged.
"""

import functools
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.console.api_client import ApiError
from services.console.pages import books, coverage, dead_letters, health, login, notices, pledges, stream, words_json
from services.console.session import COOKIE, Session, Sessions, equal
from services.console.visit import Resources, SignedIn, Visit, environment
from services.runtime.base.telemetry import log

PublicPage = Callable[[Visit], Awaitable[Response]]
SignedInPage = Callable[[SignedIn], Awaitable[Response]]

HERE: Final = Path(__file__).parent
#: what a browser may load and do: this host's files alone, no inline script or style, no foreign frame
HEADERS: Final = (
    (
        b"content-security-policy",
        (
            b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_PUBLIC: Final[tuple[tuple[str, str, PublicPage], ...]] = (
    ("/login", "GET", login.show),
    ("/login", "POST", login.log_in),
    ("/language/{language}", "GET", login.choose_language),
    ("/theme/{theme}", "GET", login.choose_theme),
    ("/words.json", "GET", words_json.show),
)
_SIGNED_IN: Final[tuple[tuple[str, str, SignedInPage], ...]] = (
    ("", "GET", coverage.show),
    ("/stream", "GET", stream.show),
    ("/stream/latest.json", "GET", stream.latest),
    ("/stream/events", "GET", stream.events),
    ("/pledges/{pledge}", "GET", pledges.show_pledge),
    ("/workers/{worker}", "GET", pledges.show_worker),
    ("/search", "GET", pledges.search),
    ("/books", "GET", books.show),
    ("/mailbox", "GET", notices.show),
    ("/health", "GET", health.show),
    ("/dead-letters", "GET", dead_letters.show),
    ("/dead-letters/redrive", "GET", dead_letters.confirm),
    ("/dead-letters/redrive", "POST", dead_letters.redrive),
    ("/logout", "POST", login.log_out),
)


class Console:
    """The ASGI application of the console and, behind it, of the API."""

    def __init__(self, api: ASGIApp, sessions: Sessions) -> None:
        self._api = api
        self._pages = _pages(Resources(api, sessions, environment()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not (path == "/console" or path.startswith("/console/")):
            await self._api(scope, receive, send)
            return
        cache = b"no-cache" if path.startswith("/console/static/") else b"no-store"

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [header for header in message["headers"] if header[0] not in _HEADER_NAMES]
                message["headers"] = [*own, *HEADERS, (b"cache-control", cache)]
            await send(message)

        await self._pages(scope, receive, with_headers)


_HEADER_NAMES: Final = frozenset({b"cache-control", *(name for name, _ in HEADERS)})


def _pages(resources: Resources) -> Starlette:
    app = Starlette(
        routes=_routes(resources),
        exception_handlers={HTTPException: _http_error(resources), Exception: _defect(resources)},
    )
    app.router.redirect_slashes = False
    return app


def _routes(resources: Resources) -> list[BaseRoute]:
    return [
        *(Route(f"/console{path}", _public(resources, page), methods=[method]) for path, method, page in _PUBLIC),
        *(Route(f"/console{path}", _signed_in(resources, page), methods=[method]) for path, method, page in _SIGNED_IN),
        Mount("/console/static", StaticFiles(directory=HERE / "static")),
        Route("/console/{rest:path}", _public(resources, _missing)),
    ]


def _session(resources: Resources, request: Request) -> Session | None:
    return resources.sessions.open(request.cookies.get(COOKIE))


def _public(resources: Resources, page: PublicPage) -> Callable[[Request], Awaitable[Response]]:
    @functools.wraps(page)
    async def endpoint(request: Request) -> Response:
        visit = Visit(request, resources, _session(resources, request))
        try:
            return await page(visit)
        except ApiError as error:
            return _error_page(visit, error)

    return endpoint


def _signed_in(resources: Resources, page: SignedInPage) -> Callable[[Request], Awaitable[Response]]:
    @functools.wraps(page)
    async def endpoint(request: Request) -> Response:
        session = _session(resources, request)
        if session is None:
            return login.to_login(request)
        visit = Visit(request, resources, session)
        fields = await visit.form() if request.method == "POST" else {}
        # the cookie is SameSite=Strict besides
        if request.method == "POST" and not equal(fields.get("form_token", ""), session.form_token):
            return visit.page("error.html", 403, message=visit.words["error.forged"])
        try:
            return await page(SignedIn(request, resources, session, visit.client(session.bearer), fields))
        except ApiError as error:
            return _error_page(visit, error)

    return endpoint


def _error_page(visit: Visit, error: ApiError) -> Response:
    if error.status == HTTPStatus.UNAUTHORIZED:
        return login.to_login(visit.request)
    if error.not_found:
        about = str(next(iter(visit.request.path_params.values()), ""))
        return visit.page("error.html", 404, message=visit.words.text("error.missing_id", about=about))
    return visit.page("error.html", 502, message=visit.words.text("error.unavailable", code=error.code))


async def _missing(visit: Visit) -> Response:
    if visit.request.url.path == "/console/":
        return RedirectResponse("/console", 308)
    return visit.page("error.html", 404, message=visit.words["error.missing"])


def _http_error(resources: Resources) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handler(request: Request, error: Exception) -> Response:
        visit = Visit(request, resources, _session(resources, request))
        status = error.status_code if isinstance(error, HTTPException) else 500
        return visit.page("error.html", status, message=visit.words["error.missing"])

    return handler


def _defect(resources: Resources) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handler(request: Request, error: Exception) -> Response:
        log.error("console.failed", path=request.url.path, exc_info=error)
        visit = Visit(request, resources, _session(resources, request))
        return visit.page("error.html", 500, message=visit.words["error.defect"])

    return handler
