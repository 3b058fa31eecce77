"""The console's messages: one flat catalogue per language, and sentences about events.

A sentence is a template such as `{slots|number:worker:workers} of {pledge|id}`; it becomes a list of parts, so that
pages link IDs without ever trusting text as markup. Must not know any page, and must not fail on an event of an unknown
kind: it is shown by its kind. A new kind needs `fact.` and `kind.` messages in both files of `words/`.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, Final

from schemas.http.explanations import ReasonAnswer
from schemas.languages import Language
from schemas.reference import calendar, occupations, regions
from services.console import formats

#: `{field}`, `{field|form}` or, for what can be counted, `{field|form:one:many}`
PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)(?:\|([a-z]+)(?::([^:}]*):([^:}]*))?)?\}")
_PAGES: Final = {"plg": "pledges", "wrk": "workers"}


@dataclass(frozen=True)
class Part:
    """A piece of a sentence: text, the address it links to (if any), and whether it fills a placeholder."""

    text: str
    href: str = ""
    filled: bool = False


class Words(Mapping[str, str]):
    """The catalogue of one language, with its formats."""

    def __init__(self, language: Language, messages: Mapping[str, str]) -> None:
        self.language = language
        self._messages = messages
        self._forms: dict[str, Callable[[Any], str]] = {
            "number": lambda value: formats.number(int(value), language),
            "idr": lambda value: formats.rupiah(int(value), language),
            "month": lambda value: calendar.month_name(value, language),
            "day": lambda value: calendar.day_name(date.fromisoformat(str(value)), language),
            "moment": lambda value: formats.moment(value, language),
            "area": place,
            "code": self.code,
            "problem": self.problem,
            "areas": lambda value: ", ".join(map(place, value)),
            "occupations": lambda value: ", ".join(map(self.code, value)) or self["code.all_occupations"],
            "notice": lambda value: self.get(f"notice.{value}", value),
            "count": lambda value: formats.number(len(value), language),
            "id": formats.short_id,
            "": str,
        }

    def __getitem__(self, key: str) -> str:
        return self._messages[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._messages)

    def __len__(self) -> int:
        return len(self._messages)

    def text(self, key: str, **values: Any) -> str:
        """A message with its placeholders filled."""
        return "".join(part.text for part in self.parts(key, **values))

    def parts(self, key: str, **values: Any) -> list[Part]:
        """A message in parts, for pages that emphasise the values."""
        return list(self._fill(self[key], values))

    def code(self, value: str) -> str:
        """A stable code in plain words; the code itself if it has none."""
        known = self.get(f"code.{value}")
        if known is None and occupations.exists(value):
            return occupations.name(value, self.language)
        return known or value

    def problem(self, code: str) -> str:
        """A problem code of the API in plain words."""
        return self.get(f"problem.{code}", code)

    def reason(self, reason: ReasonAnswer) -> list[Part]:
        """A reason of an explanation; one without words is shown by its code."""
        template = self.get(f"why.{reason.code}")
        return [Part(self.code(reason.code))] if template is None else list(self._fill(template, reason.values))

    def label(self, kind: str) -> str:
        """A kind of event in a few words; the kind itself if it has none."""
        return self.get(f"kind.{kind}", kind)

    def sentence(self, kind: str, data: Mapping[str, Any]) -> list[Part]:
        """An event as a sentence in parts; IDs of pledges and workers link to their pages."""
        template = self.get(f"fact.{kind}")
        return [Part(kind)] if template is None else list(self._fill(template, data))

    def _fill(self, template: str, values: Mapping[str, Any]) -> Iterator[Part]:
        at = 0
        for hole in PLACEHOLDER.finditer(template):
            if hole.start() > at:
                yield Part(template[at : hole.start()])
            at = hole.end()
            yield self._part(hole, values.get(hole[1]))
        if at < len(template):
            yield Part(template[at:])

    def _part(self, hole: re.Match[str], value: Any) -> Part:
        form = hole[2] or ""
        if value is None:
            return Part("\N{EN DASH}")
        text = self._forms[form](value)
        if hole[3] is not None:
            text += " " + (hole[3] if text == "1" else hole[4])
        return Part(text, page_of(value) if form == "id" else "", filled=True)


def place(code: str) -> str:
    """The name of an area; the code itself if it has none."""
    return regions.name(code) if regions.exists(code) else code


def page_of(value: str) -> str:
    """The address of an ID's page; empty if it has none."""
    page = _PAGES.get(value.partition("_")[0])
    return f"/console/{page}/{value}" if page else ""


@cache
def words(language: Language) -> Words:
    """The catalogue of a language, read once."""
    text = resources.files(__package__ or "").joinpath(f"words/{language}.json").read_text(encoding="utf-8")
    return Words(language, json.loads(text))
