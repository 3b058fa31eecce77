"""The live stream of facts: the latest ones at once, the new ones by server-sent events."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from urllib.parse import urlencode

from starlette.responses import JSONResponse, Response

from schemas.reference import cilegon_map, regions
from services.gateway.console.kinds import GROUPS
from services.gateway.console.site import Away, Visit
from services.gateway.console.views import Event
from services.runtime.base.clock import jakarta_day

FIRST_FACTS: Final = 60
#: The fields of the form, and the parameter of the stream that each becomes.
FILTERS: Final = {"type": "types", "pledge": "subject", "worker": "subject", "area": "area"}


@dataclass(frozen=True)
class Day:
    """Facts of one day in Jakarta."""

    day: str
    events: Sequence[Event]


async def show(visit: Visit) -> Response:
    """The page; filters come from its own form, by GET, so that a filtered stream has an address."""
    asked = _asked(visit)
    filters = _filters(asked)
    found = await visit.part(visit.board.events(FIRST_FACTS, filters))
    query = f"?{urlencode(filters)}" if filters else ""
    return visit.page(
        "stream.html",
        asked=asked,
        filtered=bool(filters),
        latest=found,
        days=[] if isinstance(found, Away) else by_day(found),
        source=f"/v1/events/stream{query}",
        again="/console/stream/latest.json" + (f"?{visit.request.url.query}" if filters else ""),
        groups=GROUPS,
        kecamatan=[(shape.code, regions.name(shape.code)) for shape in cilegon_map.KECAMATAN],
    )


async def latest(visit: Visit) -> Response:
    """The latest facts as JSON: what happened between the making of the page and the opening of its stream."""
    found = await visit.board.events(FIRST_FACTS, _filters(_asked(visit)))
    return JSONResponse([event.model_dump(mode="json", by_alias=True) for event in found])


def _asked(visit: Visit) -> dict[str, str]:
    return {name: visit.request.query_params.get(name, "").strip() for name in FILTERS}


def _filters(asked: Mapping[str, str]) -> dict[str, str]:
    filters: dict[str, str] = {}
    for name, value in asked.items():
        if value:
            filters[FILTERS[name]] = ",".join(filter(None, (filters.get(FILTERS[name]), value)))
    return filters


def by_day(events: Iterable[Event]) -> list[Day]:
    """Facts in groups of the day on which they happened, in the order given."""
    grouped = groupby(events, key=lambda event: jakarta_day(event.time).isoformat())
    return [Day(day, tuple(members)) for day, members in grouped]
