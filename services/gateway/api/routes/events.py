"""Facts of all services: page by page, and live."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import Field
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from schemas.http.events import EventsAnswer
from schemas.logs import CATALOGUE
from services.gateway.api.app_state import AppState
from services.gateway.api.call import Call, json_response
from services.gateway.api.parameters import AreaQuery, Limit
from services.gateway.api.problems import refuse
from services.gateway.api.queries import events
from services.gateway.api.queries.events import Filter
from services.gateway.api.routing import Routes
from services.gateway.domain.cursors import Cursor, NoCursor
from services.runtime.base.errors import Problem

routes = Routes("events")
STREAMS_MAX: Final = 200
#: a live stream takes this many facts at a time, and looks again not sooner than after this pause
_CHUNK: Final = 500
_PAUSE_S: Final = 0.1
#: a reader who is further behind than this receives the newest facts and the number of those skipped
BEHIND_MAX: Final = 5_000
_SHOWN_AFTER_SKIP: Final = 50
_PING_S: Final = 15

_KINDS: Final = frozenset(kind for log in CATALOGUE.values() for kind in log.codec.kinds)
Types = Annotated[
    str | None,
    Field(
        max_length=2_000, pattern=r"^[!-~]+$", description="Kinds (`matches.made`), comma between; `matches.*` for all."
    ),
]
Subject = Annotated[
    str | None,
    Field(max_length=500, pattern=r"^[0-9a-z_.,]+$", description="Ids of pledges, workers, donors; comma between."),
]
AnyCursor = Annotated[str | None, Field(max_length=32_000, pattern=r"^[A-Za-z0-9_-]+$", description="Where to go on.")]


LastEventId = Annotated[
    str | None,
    Field(
        alias="last-event-id",
        max_length=32_000,
        pattern=r"^[A-Za-z0-9_-]*$",
        description="Where the stream broke off.",
    ),
]
Order = Annotated[Literal["asc", "desc"], Field(description="Oldest or newest first.")]


@routes.get("/v1/events", "event.read", EventsAnswer, problems=["cursor.invalid"], waits=True)
async def list_events(
    call: Call,
    types: Types = None,
    subject: Subject = None,
    area: AreaQuery = None,
    order: Order = "asc",
    limit: Limit = 100,
    after: AnyCursor = None,
) -> Response:
    """List facts as CloudEvents, by type, subject and area."""
    back = order == "desc"
    wanted = _filter(types, subject, area)
    cursor = await _start(call.state, after, back=back)
    page = await events.page(call.state.context.pool, wanted, cursor, limit, back=back)
    word = page.cursor.word()
    items = [one.document() for one in page.items]
    return json_response({"items": items, "next": word if page.more else None, "cursor": word})


@routes.get(
    "/v1/events/stream",
    "event.read",
    media=["text/event-stream"],
    problems=["cursor.invalid", "stream.full"],
    seconds=None,
)
async def stream(
    call: Call,
    types: Types = None,
    subject: Subject = None,
    area: AreaQuery = None,
    after: AnyCursor = None,
    last_event_id: LastEventId = None,
) -> Response:
    """Follow facts live (SSE): events `fact`; `skipped` is the number left out for a slow reader."""
    state = call.state
    if state.commits.streams >= STREAMS_MAX:
        raise refuse("stream.full", f"{STREAMS_MAX} streams are open")
    wanted = _filter(types, subject, area)
    start = last_event_id or after
    if start:
        cursor = await _start(state, start, back=False)
    else:
        cursor = await events.heads(state.context.pool, state.context.settings.shards)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return EventSourceResponse(_follow(state, wanted, cursor), headers=headers, ping=_PING_S)


def _filter(types: str | None, subject: str | None, area: str | None) -> Filter:
    return Filter(_kinds(types), tuple(part for part in (subject or "").split(",") if part), area)


def _kinds(types: str | None) -> tuple[str, ...]:
    kinds: dict[str, None] = {}
    for part in (types or "").split(","):
        word = part.removeprefix("sekul.")
        head, version, number = word.rpartition(".v")
        kind = head if version and number.isdigit() else word
        if kind.endswith(".*"):
            found = sorted(known for known in _KINDS if known.startswith(kind[:-1]))
        else:
            found = [kind] if kind in _KINDS else []
        if part and not found:
            raise refuse("query.invalid", f"no fact is a {part}", [Problem("/types", "field.form", "no such kind")])
        kinds |= dict.fromkeys(found)
    return tuple(kinds)


async def _start(state: AppState, word: str | None, *, back: bool) -> Cursor:
    shards = state.context.settings.shards
    if word is not None:
        try:
            return Cursor.read(word, shards)
        except NoCursor as error:
            raise refuse("cursor.invalid", str(error)) from None
    if not back:
        return Cursor.start(shards)
    ends = await events.heads(state.context.pool, shards)
    return Cursor(shards, {part: seq + 1 for part, seq in ends.seqs.items()})


async def _follow(state: AppState, wanted: Filter, cursor: Cursor) -> AsyncIterator[ServerSentEvent]:
    """Facts after a cursor, for ever. Each carries the cursor after it, so that a reader can come back."""
    pool = state.context.pool
    state.commits.streams += 1
    try:
        yield ServerSentEvent(comment="open", retry=2_000)
        while True:
            skipped = await _catch_up(state, cursor)
            if skipped:
                yield ServerSentEvent(event="skipped", data=_text({"skipped": skipped}), id=cursor.word())
            page = await events.page(pool, wanted, cursor, _CHUNK)
            place = cursor.copy()
            for one in page.items:
                place.seqs[one.service, one.shard] = one.seq
                yield ServerSentEvent(event="fact", data=_text(one.document()), id=place.word())
            cursor = page.cursor
            if not page.more:
                await state.commits.wait()
            await asyncio.sleep(_PAUSE_S)
    finally:
        state.commits.streams -= 1


async def _catch_up(state: AppState, cursor: Cursor) -> int:
    """Skip facts for a reader who is too far behind. Returns how many."""
    ends = await events.heads(state.context.pool, cursor.shards)
    behind = sum(max(0, seq - cursor.seqs[part]) for part, seq in ends.seqs.items())
    if behind <= BEHIND_MAX:
        return 0
    skipped = 0
    for part, seq in ends.seqs.items():
        start = max(cursor.seqs[part], seq - _SHOWN_AFTER_SKIP)
        skipped += start - cursor.seqs[part]
        cursor.seqs[part] = start
    return skipped


def _text(document: dict[str, Any]) -> str:
    return orjson.dumps(document).decode()
