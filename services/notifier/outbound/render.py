"""Puts a notice into words: Bahasa Indonesia or English, months and days by name, rupiah as `Rp16.800`.

Promises that a template that names a parameter which the notice does not have fails loudly, and that HTML is escaped.
A name comes in here and goes out in the text; nothing is kept. Must not read the vault or a clock.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from schemas.languages import Language
from schemas.money import format_rupiah
from schemas.reference import calendar, regions
from services.notifier.domain.notice_rules import CATALOGUE
from services.notifier.domain.templates import Shape

_ANYBODY: Final[dict[str, str]] = {"id": "Bapak/Ibu", "en": "friend of Gemet Sekul"}


@dataclass(frozen=True)
class Message:
    """A notice in words. `footer` says who writes and how to make it stop."""

    language: str
    subject: str
    body: str
    footer: str

    @property
    def text(self) -> str:
        """The whole as plain text."""
        return f"{self.body}\n\n{self.footer}\n"


@dataclass(frozen=True)
class Block:
    """A paragraph, or the rows of a table."""

    text: str = ""
    rows: tuple[tuple[str, str], ...] = ()


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("services.notifier", "templates"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"]),
        keep_trailing_newline=False,
        auto_reload=False,
    )
    environment.filters["counted"] = lambda text, word: f"{text} {word}" if text == "1" else f"{text} {word}s"
    return environment


_TEMPLATES: Final = _environment()


def render(
    template: str, params: Mapping[str, str], *, language: Language, name: str = "", unsubscribe: str = ""
) -> Message:
    """A notice in words, for a person called `name` (empty: not known). Raises `jinja2.UndefinedError`."""
    shapes = CATALOGUE[template].params
    words = {key: _SHAPES[shapes[key]](text, language) for key, text in params.items() if key in shapes}
    # Blanks of any kind become one: a name must not begin a line of its own.
    called = " ".join(name.split()) or _ANYBODY[language]
    written = _TEMPLATES.get_template(f"{language}/{template}.txt").render(words, name=called)
    subject, _, body = written.partition("\n")
    footer = _TEMPLATES.get_template(f"{language}/footer.txt").render(unsubscribe=unsubscribe)
    return Message(language, subject.strip(), body.strip(), footer.strip())


def html(message: Message) -> str:
    """The message as an HTML page: paragraphs as they are, lines `- label: value` as a table."""
    blocks = list(_blocks(message.body))
    page = _TEMPLATES.get_template("layout.html")
    return page.render(language=message.language, subject=message.subject, blocks=blocks, footer=message.footer)


def _blocks(body: str) -> Iterator[Block]:
    for part in body.split("\n\n"):
        lines = part.splitlines()
        if all(line.startswith("- ") for line in lines):
            pairs = (line.removeprefix("- ").partition(": ") for line in lines)
            yield Block(rows=tuple((label, value) for label, _, value in pairs))
        else:
            yield Block(text=part)


def _count(text: str, language: Language) -> str:
    return f"{int(text):,}" if language == "en" else f"{int(text):,}".replace(",", ".")


def _city(code: str, language: Language) -> str:  # noqa: ARG001 - one of the shapes below
    try:
        return regions.name(code)
    except regions.UnknownRegion:
        return code


def _plain(text: str, language: Language) -> str:  # noqa: ARG001 - one of the shapes below
    return text


_SHAPES: Final[dict[Shape, Callable[[str, Language], str]]] = {
    "month": calendar.month_name,
    "day": lambda text, language: calendar.day_name(date.fromisoformat(text), language),
    # One way of writing in both languages: amounts are typed into bank forms, where a comma would mean something else.
    "idr": lambda text, _language: format_rupiah(int(text)),
    "count": _count,
    "city": _city,
    "id": _plain,
    "code": _plain,
}
