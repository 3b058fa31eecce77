"""The live stream of facts: the latest ones at once, the new ones by server-sent events."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response

from schemas.reference import cilegon_map, regions
from services.gateway.console.kinds import GROUPS
from services.gateway.console.site import Away, Visit
from services.gateway.console.views import Event
from services.runtime.clock import jakarta_day

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
    asked = {name: visit.request.query_params.get(name, "").strip() for name in FILTERS}
    filters: dict[str, str] = {}
    for name, value in asked.items():
        if value:
            filters[FILTERS[name]] = ",".join(filter(None, (filters.get(FILTERS[name]), value)))
    latest = await visit.part(visit.board.events(FIRST_FACTS, filters))
    return visit.page(
        "stream.html",
        asked=asked,
        filtered=bool(filters),
        latest=latest,
        days=[] if isinstance(latest, Away) else by_day(latest),
        source="/v1/events/stream" + (f"?{urlencode(filters)}" if filters else ""),
        groups=GROUPS,
        kecamatan=[(shape.code, regions.name(shape.code)) for shape in cilegon_map.KECAMATAN],
    )


def by_day(events: Iterable[Event]) -> list[Day]:
    """Facts in groups of the day on which they happened, in the order given."""
    grouped = groupby(events, key=lambda event: jakarta_day(event.time).isoformat())
    return [Day(day, tuple(members)) for day, members in grouped]
