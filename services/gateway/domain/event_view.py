"""A fact of any log as the gateway publishes it: a CloudEvent in JSON, with the filters of the event routes.

Pure. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from schemas.reference import regions
from services.runtime.contract import Written


@dataclass(slots=True)
class EventView(Written):
    """One fact of any log, not decoded."""

    def document(self) -> dict[str, Any]:
        """The CloudEvent; its data are the bytes of the log, unread."""
        return {**self.envelope.document(), "data": orjson.Fragment(self.body)}

    def speaks_of(self, subjects: tuple[str, ...]) -> bool:
        """Whether the fact is of one of these streams, or names one in its body."""
        return any(subject == self.stream or subject.encode() in self.body for subject in subjects)

    def places(self) -> tuple[list[str], list[str]]:
        """The areas that the fact names itself, the narrowest that it names, and the workers whom it concerns."""
        data = orjson.loads(self.body)
        workers = list(_workers(data))
        scope = data.get("scope")
        if isinstance(data.get("area"), str):
            areas = [data["area"]]
        elif isinstance(scope, dict) and scope.get("areas"):
            areas = list(scope["areas"])
        else:
            areas = [data["city"]] if isinstance(data.get("city"), str) and not workers else []
        return areas, workers

    def lies_in(self, area: str, homes: Mapping[str, str]) -> bool:
        """Whether the fact concerns an area: it lies in it, or names a region above it."""
        areas, workers = self.places()
        named = [*areas, *(homes[worker] for worker in workers if worker in homes)]
        return any(regions.contains(area, one) or regions.contains(one, area) for one in named)


def _workers(data: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(data.get("worker"), str):
        yield data["worker"]
    if isinstance(person := data.get("person"), str) and person.startswith("wrk_"):
        yield person
    for line in (*(data.get("lines") or ()), *(data.get("holding") or ())):
        if isinstance(line, dict):
            if "worker" in line:
                yield line["worker"]
            yield from line.get("workers") or ()
