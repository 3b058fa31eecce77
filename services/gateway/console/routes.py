"""The console's addresses, who may come to each, and the headers that all its answers carry."""

import functools
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.api.app_state import face_of
from services.gateway.api.middleware import Edge
from services.gateway.console import site as sites
from services.gateway.console.board import Board, Unanswered, client_of
from services.gateway.console.pages import books, coverage, door, health, letters, mailbox, pledges, stream, wording
from services.gateway.console.session import COOKIE, Session, Sessions, same
from services.gateway.console.site import Guest, RoleOf, Site, Visit
from services.runtime.base.clock import SystemClock
from services.runtime.process.app import Context

GuestPage = Callable[[Guest], Awaitable[Response]]
VisitPage = Callable[[Visit], Awaitable[Response]]

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
_OPEN: Final[tuple[tuple[str, str, GuestPage], ...]] = (
    ("/login", "GET", door.show_login),
    ("/login", "POST", door.log_in),
    ("/language/{language}", "GET", door.choose_language),
    ("/theme/{theme}", "GET", door.choose_theme),
    ("/words.json", "GET", wording.show),
)
_CLOSED: Final[tuple[tuple[str, str, VisitPage], ...]] = (
    ("", "GET", coverage.show),
    ("/stream", "GET", stream.show),
    ("/stream/latest.json", "GET", stream.latest),
    ("/pledges/{pledge}", "GET", pledges.show_pledge),
    ("/workers/{worker}", "GET", pledges.show_worker),
    ("/search", "GET", pledges.search),
    ("/books", "GET", books.show),
    ("/mailbox", "GET", mailbox.show),
    ("/health", "GET", health.show),
    ("/dead-letters", "GET", letters.show),
    ("/dead-letters/redrive", "GET", letters.confirm),
    ("/dead-letters/redrive", "POST", letters.redrive),
    ("/logout", "POST", door.log_out),
)


def mount(app: Starlette, context: Context) -> None:
    """Put the console on the gateway's application; it asks the API through the same outermost layer as the world."""
    edge = Edge(app, context.settings.http)
    install(app, edge, Sessions(context.settings.keys.console, SystemClock()), _role_of)


def install(app: Starlette, api: ASGIApp, sessions: Sessions, role_of: RoleOf) -> None:
    """Put the console on an application, and let its pages listen to the stream; its data come from `api`."""
    site = Site(client_of(api), sessions, role_of, sites.environment())
    app.router.routes.extend(routes(site))
    app.add_middleware(Headers)
    app.add_middleware(CookieBearer, sessions=sessions)


def routes(site: Site) -> list[BaseRoute]:
    """All addresses of the console."""
    static = StaticFiles(directory=sites.HERE / "static")
    return [
        *(Route(f"/console{path}", _open(site, page), methods=[method]) for path, method, page in _OPEN),
        *(Route(f"/console{path}", _closed(site, page), methods=[method]) for path, method, page in _CLOSED),
        Mount("/console/static", static),
        Route("/console/{rest:path}", _open(site, _missing)),
    ]


def _session(site: Site, request: Request) -> Session | None:
    return site.sessions.open(request.cookies.get(COOKIE))


def _open(site: Site, page: GuestPage) -> Callable[[Request], Awaitable[Response]]:
    @functools.wraps(page)
    async def endpoint(request: Request) -> Response:
        return await page(Guest(request, site, _session(site, request)))

    return endpoint


def _closed(site: Site, page: VisitPage) -> Callable[[Request], Awaitable[Response]]:
    @functools.wraps(page)
    async def endpoint(request: Request) -> Response:
        session = _session(site, request)
        if session is None:
            return door.to_login(request)
        visit = Visit(request, site, session, Board(site.client, session.bearer, _trace(request)))
        if request.method == "POST" and not await _from_here(visit):
            return visit.page("error.html", 403, message=visit.words["error.forged"])
        try:
            return await page(visit)
        except Unanswered as answer:
            return _unanswered(visit, answer)

    return endpoint


async def _from_here(visit: Visit) -> bool:
    """Whether a form was made by this console for this session; the cookie is SameSite=Strict besides."""
    return same((await visit.form()).get("form_token", ""), visit.session.form_token)


def _trace(request: Request) -> str:
    """The trace of the visit, so that what it asks of the API belongs to it."""
    return str(request.scope.get("state", {}).get("trace", ""))


def _unanswered(visit: Visit, answer: Unanswered) -> Response:
    if answer.status == HTTPStatus.UNAUTHORIZED:
        return door.to_login(visit.request)
    if answer.unknown:
        about = str(next(iter(visit.request.path_params.values()), ""))
        return visit.page("error.html", 404, message=visit.words.say("error.missing_id", about=about))
    return visit.page("error.html", 502, message=visit.words.say("error.away", code=answer.code))


async def _role_of(request: Request, key: str) -> str | None:
    """Ask the gateway's keyring; failed attempts count against the address, as they do on the API."""
    face = face_of(request)
    actor = await face.keyring.find(key)
    if actor is None:
        await face.limiter.fail(request.client.host if request.client else "unknown")
    return actor.role if actor else None


async def _missing(guest: Guest) -> Response:
    if guest.request.url.path == "/console/":
        return RedirectResponse("/console", 308)
    return guest.page("error.html", 404, message=guest.words["error.missing"])


class Headers:
    """Adds the console's headers to all that lies under /console; pages are not kept by caches."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or not scope["path"].startswith("/console"):
            await self._app(scope, receive, send)
            return
        cache = b"no-cache" if scope["path"].startswith("/console/static/") else b"no-store"

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS, (b"cache-control", cache)]
            await send(message)

        await self._app(scope, receive, with_headers)


class CookieBearer:
    """Lets the console's own pages read the live stream: a browser's EventSource cannot send a key, only the cookie.

    Reading this one address is all that the cookie is good for outside /console; it is SameSite=Strict, and no other
    site is ever allowed to read the answer.
    """

    PATH: Final = "/v1/events/stream"

    def __init__(self, app: ASGIApp, sessions: Sessions) -> None:
        self._app = app
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with the key of the session when it brought none."""
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"] == self.PATH:
            request = Request(scope)
            session = self._sessions.open(request.cookies.get(COOKIE))
            if session is not None and "authorization" not in request.headers:
                bearer = (b"authorization", f"Bearer {session.bearer}".encode())
                scope = {**scope, "headers": [*scope["headers"], bearer]}
        await self._app(scope, receive, send)
