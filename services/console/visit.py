"""One request to the console: who makes it, in which language, and how its page is rendered from a template.

Every page is complete without script; scripts only bring it to life. Must not know any single page.
"""

from collections.abc import Awaitable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp

from schemas.http.operations import COVERAGE_TARGET_PERCENT
from schemas.languages import Language
from schemas.reference import calendar, regions
from services.console import formats, words
from services.console.api_client import ApiClient, ApiError
from services.console.session import Session, Sessions
from services.console.words import Words

LANGUAGE_COOKIE: Final = "sekul_language"
THEME_COOKIE: Final = "sekul_theme"
FORM_BYTES_MAX: Final = 16 * 1024
THEMES: Final = ("auto", "dark", "light")
_T = TypeVar("_T")


@dataclass(frozen=True)
class Unavailable:
    """A part of a page that the API did not answer; the other parts are shown all the same.

    `refused` distinguishes a request that the API refuses, which a retry does not help, from a service that is away.
    """

    code: str
    detail: str
    refused: bool


@dataclass(frozen=True)
class Resources:
    """What all requests share."""

    api: ASGIApp
    sessions: Sessions
    templates: Environment


@dataclass(frozen=True)
class Visit:
    """A request, with or without a session."""

    request: Request
    resources: Resources
    session: Session | None

    @property
    def language(self) -> Language:
        """The language of the page: Indonesian unless English was chosen."""
        return "en" if self.request.cookies.get(LANGUAGE_COOKIE) == "en" else "id"

    @property
    def words(self) -> Words:
        """The catalogue of that language."""
        return words.words(self.language)

    @property
    def theme(self) -> str:
        """Light, dark, or the browser's own setting."""
        chosen = self.request.cookies.get(THEME_COOKIE, "")
        return chosen if chosen in THEMES else THEMES[0]

    async def form(self) -> dict[str, str]:
        """The fields of a posted form; a body longer than any form of the console counts as empty."""
        body = bytearray()
        async for chunk in self.request.stream():
            body += chunk
            if len(body) > FORM_BYTES_MAX:
                return {}
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))

    def client(self, bearer: str) -> ApiClient:
        """The API with this key, called from the visitor's address."""
        return ApiClient(self.resources.api, bearer, self.request)

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page from its template."""
        path = self.request.url.path
        query = f"?{self.request.url.query}" if self.request.url.query else ""
        text = self.resources.templates.get_template(template).render(
            words=self.words,
            t=self.words.text,
            language=self.language,
            theme=self.theme,
            theme_next=THEMES[(THEMES.index(self.theme) + 1) % len(THEMES)],
            session=self.session,
            path=path,
            here=path + query,
            **values,
        )
        return HTMLResponse(text, status_code=status)


@dataclass(frozen=True)
class SignedIn(Visit):
    """A request with a session. `fields` are those of a posted form."""

    session: Session
    api: ApiClient
    fields: dict[str, str]

    async def part(self, answer: Awaitable[_T]) -> _T | Unavailable:
        """The answer, or `Unavailable`. Raises `ApiError` if the resource does not exist or the key may not see it."""
        try:
            return await answer
        except ApiError as error:
            if error.not_found or error.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
                raise
            return Unavailable(error.code, error.detail, refused=error.status < HTTPStatus.INTERNAL_SERVER_ERROR)


def environment() -> Environment:
    """The templates with their filters; all text is escaped, and an undefined name raises."""
    made = Environment(
        loader=PackageLoader("services.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        number=_in_language(formats.number),
        month=_in_language(calendar.month_name),
        day=_in_language(calendar.day_name),
        clock_time=_in_language(formats.clock_time),
        moment=_in_language(formats.moment),
        rupiah=_in_language(formats.rupiah),
        short_id=formats.short_id,
        page_of=words.page_of,
        place=words.place,
        kecamatan=regions.kecamatan_of,
    )
    made.tests["unavailable"] = lambda value: isinstance(value, Unavailable)
    made.globals["target"] = COVERAGE_TARGET_PERCENT
    return made


def _in_language(form: Any) -> Any:
    @pass_context
    def filled(context: Context, value: Any) -> str:
        return str(form(value, context["language"]))

    return filled
