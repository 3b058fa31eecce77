"""Requests to decide dead letters again: which stream of a service one names."""

from collections.abc import Callable

from schemas.base import Fact
from schemas.facts.gateway import RedriveRequested
from schemas.logs import ServiceName


def redrive_of(service: ServiceName) -> Callable[[Fact], str | None]:
    """A function from a fact to the stream whose dead letters `service` is to decide again because of it, if any."""

    def stream(fact: Fact) -> str | None:
        return fact.about if isinstance(fact, RedriveRequested) and fact.service == service else None

    return stream
