"""Coming in and going out: login by API key, logout, and the choice of language and theme."""

from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.gateway.console.session import COOKIE, ROLES, SESSION_HOURS
from services.gateway.console.site import LANGUAGE_COOKIE, THEME_COOKIE, THEMES, Guest, Visit

_YEAR_S: Final = 365 * 24 * 3600
_HOME: Final = "/console"


def to_login(request: Request) -> Response:
    """Send a visitor without a session to the login, and afterwards back to where he wanted to go."""
    wanted = request.url.path if request.method == "GET" else _HOME
    query = f"?{request.url.query}" if request.method == "GET" and request.url.query else ""
    ended = "&ended=1" if COOKIE in request.cookies else ""
    response = RedirectResponse(f"{_HOME}/login?next={quote(wanted + query, safe='')}{ended}", 303)
    if ended:
        response.delete_cookie(COOKIE, path="/")
    return response


async def show_login(guest: Guest) -> Response:
    """The login page."""
    query = guest.request.query_params
    note = "login.ended" if "ended" in query else "login.logged_out" if "out" in query else ""
    return _login_page(guest, _inside(query.get("next", _HOME)), note=note)


async def log_in(guest: Guest) -> Response:
    """Take an API key; the session starts when it is an operator's or an auditor's."""
    form = await guest.form()
    wanted = _inside(form.get("next", _HOME))
    if guest.request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return _login_page(guest, wanted, problem="error.forged", status=403)
    key = form.get("key", "").strip()
    role = await guest.site.role_of(guest.request, key)
    if role is None:
        return _login_page(guest, wanted, problem="login.refused", status=401)
    if role not in ROLES:
        return _login_page(guest, wanted, problem="login.role", status=403)
    response = RedirectResponse(wanted, 303)
    response.set_cookie(
        COOKIE,
        guest.site.sessions.seal(key, role),
        max_age=SESSION_HOURS * 3600,
        path="/",
        httponly=True,
        samesite="strict",
        secure=guest.request.url.scheme == "https",
    )
    return response


async def log_out(_visit: Visit) -> Response:
    """Forget the session."""
    response = RedirectResponse(f"{_HOME}/login?out=1", 303)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return response


async def choose_language(guest: Guest) -> Response:
    """Keep the language in a cookie."""
    return _keep(guest, LANGUAGE_COOKIE, "en" if guest.request.path_params["language"] == "en" else "id")


async def choose_theme(guest: Guest) -> Response:
    """Keep light, dark or automatic in a cookie."""
    theme = guest.request.path_params["theme"]
    return _keep(guest, THEME_COOKIE, theme if theme in THEMES else THEMES[0])


def _keep(guest: Guest, cookie: str, value: str) -> Response:
    response = RedirectResponse(_inside(guest.request.query_params.get("back", _HOME)), 303)
    secure = guest.request.url.scheme == "https"
    response.set_cookie(cookie, value, max_age=_YEAR_S, path=_HOME, httponly=True, samesite="lax", secure=secure)
    return response


def _inside(path: str) -> str:
    """The path if it lies in the console, else its first page: nobody is sent to another host from here."""
    inside = path == _HOME or path.startswith((f"{_HOME}/", f"{_HOME}?"))
    return path if inside and "\\" not in path and path.isprintable() else _HOME


def _login_page(guest: Guest, wanted: str, *, note: str = "", problem: str = "", status: int = 200) -> Response:
    return guest.page("login.html", status, next=wanted, note=note, problem=problem)
