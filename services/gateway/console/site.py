"""One visit to the console: who comes, in which language, and how a page is made from a template.

Every page is complete without script; scripts only bring it to life. Must not know any single page.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

import httpx
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import HTMLResponse

from schemas.languages import Language
from schemas.reference import calendar
from services.gateway.console import formats, words
from services.gateway.console.board import Board, Unanswered
from services.gateway.console.session import Session, Sessions
from services.gateway.console.words import Words

HERE: Final = Path(__file__).parent
LANGUAGE_COOKIE: Final = "sekul_language"
THEME_COOKIE: Final = "sekul_theme"
FORM_BYTES_MAX: Final = 16 * 1024
THEMES: Final = ("auto", "dark", "light")
_T = TypeVar("_T")

#: the role of an API key shown with a request; nothing when nobody holds it
RoleOf = Callable[[Request, str], Awaitable[str | None]]


@dataclass(frozen=True)
class Away:
    """A part of a page that cannot be had now; the other parts are shown all the same.

    `refused` tells that it was asked for in a way that cannot be answered, which asking again does not mend.
    """

    code: str
    detail: str
    refused: bool


@dataclass(frozen=True)
class Site:
    """What all visits share."""

    client: httpx.AsyncClient
    sessions: Sessions
    role_of: RoleOf
    templates: Environment


@dataclass(frozen=True)
class Guest:
    """A visit of somebody who need not be logged in."""

    request: Request
    site: Site
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
        """Light, dark, or as the machine is set."""
        chosen = self.request.cookies.get(THEME_COOKIE, "")
        return chosen if chosen in THEMES else THEMES[0]

    async def form(self) -> dict[str, str]:
        """The fields of a posted form; one that is too long to be ours counts as empty."""
        if int(self.request.headers.get("content-length", "0")) > FORM_BYTES_MAX:
            return {}
        body = await self.request.body()
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page from its template."""
        path = self.request.url.path
        query = f"?{self.request.url.query}" if self.request.url.query else ""
        text = self.site.templates.get_template(template).render(
            words=self.words,
            say=self.words.say,
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
class Visit(Guest):
    """A visit of somebody who is logged in."""

    session: Session
    board: Board

    async def part(self, question: Awaitable[_T]) -> _T | Away:
        """The answer to a question, or a note that this part is away; unknown things are no matter of parts."""
        try:
            return await question
        except Unanswered as answer:
            if answer.unknown or answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
                raise
            return Away(answer.code, answer.detail, refused=answer.status < HTTPStatus.INTERNAL_SERVER_ERROR)


def environment() -> Environment:
    """The templates with their filters; text is escaped always, and a misspelt name fails."""
    made = Environment(
        loader=PackageLoader("services.gateway.console"),
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
    )
    made.tests["away"] = lambda value: isinstance(value, Away)
    made.globals["target"] = formats.TARGET_PERCENT
    return made


def _in_language(form: Any) -> Any:
    @pass_context
    def filled(context: Context, value: Any) -> str:
        return str(form(value, context["language"]))

    return filled
