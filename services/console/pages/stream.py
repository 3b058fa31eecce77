"""The activity page: the latest events at once, new ones by server-sent events."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from urllib.parse import urlencode

from starlette.responses import JSONResponse, Response

from schemas.base import BASE32
from schemas.reference import cilegon_map, regions
from services.console.event_kinds import GROUPS
from services.console.views import Event
from services.console.visit import SignedIn, Unavailable

FIRST_EVENTS: Final = 60
#: the form's fields and the API parameter of each
FILTERS: Final = {"type": "types", "subject": "subject", "area": "area"}
_ID: Final = re.compile(rf"[a-z]{{3}}_{BASE32}")


@dataclass(frozen=True)
class Day:
    """Events of one day in Jakarta."""

    day: str
    events: Sequence[Event]


async def show(visit: SignedIn) -> Response:
    """The page; filters are query parameters, so that a filtered stream has an address."""
    fields = _fields(visit)
    filters = _filters(fields)
    subject = fields["subject"]
    known = not subject or is_id(subject)
    found = await visit.part(visit.api.events(FIRST_EVENTS, filters)) if known else []
    query = f"?{urlencode({name: value for name, value in fields.items() if value})}" if filters else ""
    return visit.page(
        "stream.html",
        fields=fields,
        filtered=bool(filters),
        unknown_id="" if known else subject,
        latest=found,
        live=known and not isinstance(found, Unavailable),
        days=[] if isinstance(found, Unavailable) else by_day(found),
        query=query,
        groups=GROUPS,
        kecamatan=[(shape.code, regions.name(shape.code)) for shape in cilegon_map.KECAMATAN],
    )


async def latest(visit: SignedIn) -> Response:
    """The latest events as JSON: what happened between the rendering of the page and the opening of its stream."""
    found = await visit.api.events(FIRST_EVENTS, _filters(_fields(visit)))
    return JSONResponse([event.model_dump(mode="json") for event in found])


async def events(visit: SignedIn) -> Response:
    """The live stream: a browser's EventSource sends no API key, only the cookie."""
    return visit.api.event_stream(_filters(_fields(visit)))


def _fields(visit: SignedIn) -> dict[str, str]:
    return {name: visit.request.query_params.get(name, "").strip() for name in FILTERS}


def _filters(fields: Mapping[str, str]) -> dict[str, str]:
    return {FILTERS[name]: value for name, value in fields.items() if value}


def is_id(text: str) -> bool:
    """Whether a text has the form of an ID."""
    return _ID.fullmatch(text) is not None


def by_day(events: Iterable[Event]) -> list[Day]:
    """Events grouped by the day on which they happened, in the order of the argument."""
    return [Day(day, tuple(members)) for day, members in groupby(events, key=lambda event: event.day)]
