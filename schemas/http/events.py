"""Facts as CloudEvents in JSON."""

from typing import Any

from schemas.http.common import Answer


class EventAnswer(Answer):
    """A fact as a CloudEvent 1.0; `sekulactor` made it, `sekulcause` is the position of what it answers."""

    specversion: str
    id: str
    source: str
    type: str
    time: str
    subject: str
    sequence: str
    datacontenttype: str
    dataschema: str
    traceparent: str
    sekulactor: str
    sekulcause: str
    sekulchain: str
    data: dict[str, Any]


class EventsAnswer(Answer):
    """A page of facts. `next` goes into `after`; `cursor` is where to go on later when `next` is null."""

    items: list[EventAnswer]
    next: str | None
    cursor: str
