"""Login by API key, logout, and the choice of language and theme."""

from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.console.session import COOKIE, ROLES, SESSION_HOURS
from services.console.visit import LANGUAGE_COOKIE, THEME_COOKIE, THEMES, SignedIn, Visit

_YEAR_S: Final = 365 * 24 * 3600
_HOME: Final = "/console"


def to_login(request: Request) -> Response:
    """A redirect to the login, which leads back to the page that was requested."""
    wanted = request.url.path if request.method == "GET" else _HOME
    query = f"?{request.url.query}" if request.method == "GET" and request.url.query else ""
    ended = "&ended=1" if COOKIE in request.cookies else ""
    response = RedirectResponse(f"{_HOME}/login?next={quote(wanted + query, safe='')}{ended}", 303)
    if ended:
        response.delete_cookie(COOKIE, path=_HOME)
    return response


async def show(visit: Visit) -> Response:
    """The login page."""
    query = visit.request.query_params
    note = "login.ended" if "ended" in query else "login.logged_out" if "out" in query else ""
    return _page(visit, _inside(query.get("next", _HOME)), note=note)


async def log_in(visit: Visit) -> Response:
    """Start a session if the key is an operator's or an auditor's."""
    form = await visit.form()
    wanted = _inside(form.get("next", _HOME))
    if visit.request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return _page(visit, wanted, problem="error.forged", status=403)
    key = form.get("key", "").strip()
    role = await visit.client(key).role() if key.isascii() and key.isprintable() else None
    if role is None:
        return _page(visit, wanted, problem="login.refused", status=401)
    if role not in ROLES:
        return _page(visit, wanted, problem="login.role", status=403)
    response = RedirectResponse(wanted, 303)
    response.set_cookie(
        COOKIE,
        visit.resources.sessions.seal(key, role),
        max_age=SESSION_HOURS * 3600,
        path=_HOME,
        httponly=True,
        samesite="strict",
        secure=visit.request.url.scheme == "https",
    )
    return response


async def log_out(_visit: SignedIn) -> Response:
    """End the session."""
    response = RedirectResponse(f"{_HOME}/login?out=1", 303)
    response.delete_cookie(COOKIE, path=_HOME, httponly=True, samesite="strict")
    return response


async def choose_language(visit: Visit) -> Response:
    """Keep the language in a cookie."""
    return _keep(visit, LANGUAGE_COOKIE, "en" if visit.request.path_params["language"] == "en" else "id")


async def choose_theme(visit: Visit) -> Response:
    """Keep light, dark or automatic in a cookie."""
    theme = visit.request.path_params["theme"]
    return _keep(visit, THEME_COOKIE, theme if theme in THEMES else THEMES[0])


def _keep(visit: Visit, cookie: str, value: str) -> Response:
    response = RedirectResponse(_inside(visit.request.query_params.get("back", _HOME)), 303)
    secure = visit.request.url.scheme == "https"
    response.set_cookie(cookie, value, max_age=_YEAR_S, path=_HOME, httponly=True, samesite="lax", secure=secure)
    return response


def _inside(path: str) -> str:
    """The path if it lies in the console, else its first page: no redirect leaves this host."""
    inside = path == _HOME or path.startswith((f"{_HOME}/", f"{_HOME}?"))
    return path if inside and "\\" not in path and path.isprintable() else _HOME


def _page(visit: Visit, wanted: str, *, note: str = "", problem: str = "", status: int = 200) -> Response:
    return visit.page("login.html", status, next=wanted, note=note, problem=problem)
