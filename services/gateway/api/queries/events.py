"""Facts of all logs, page by page from a cursor on, and the history of one subject with causes before effects.

The gateway's own facts lie in `facts`, those of the others in `inbox`; here they are one sequence. Promises that a
reader who goes on from a page's cursor misses nothing.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from schemas.envelope import Envelope
from services.gateway.domain.causality import CHAIN, Place, in_order
from services.gateway.domain.cursors import Cursor, Part
from services.gateway.domain.event_view import EventView
from services.runtime.base.postgres import Pool, Queries, Row

_SQL = Queries(__package__, "events.sql")
#: how many facts are read through for one page of a filter that the database does not know
SCANNED_MAX: Final = 20_000


@dataclass(frozen=True, slots=True)
class Filter:
    """What somebody wants to see; empty: everything."""

    kinds: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    area: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Facts, and the cursor after them. `more`: whether there may be more already."""

    items: list[EventView]
    cursor: Cursor
    more: bool


async def heads(pool: Pool, shards: int) -> Cursor:
    """The end of all logs, as far as the gateway has them."""
    cursor = Cursor.start(shards)
    for row in await pool.fetch(_SQL["heads"]):
        if row["shard"] < shards:
            cursor.seqs[row["service"], row["shard"]] = row["seq"]
    return cursor


async def page(pool: Pool, wanted: Filter, cursor: Cursor, limit: int, *, back: bool = False) -> Page:
    """The next facts that fit; with `back` the last ones before the cursor, newest first."""
    streams = await _streams(pool, wanted.subjects)
    scanned, items = 0, list[EventView]()
    while True:
        step = await _step(pool, wanted, streams, cursor, limit, back=back)
        scanned += len(step.items)
        items += await _fitting(pool, wanted, step.items)
        cursor = step.cursor
        if len(items) >= limit or not step.more or scanned >= SCANNED_MAX:
            return _cut(items, limit, replace(step, cursor=cursor), back=back)


def _cut(items: list[EventView], limit: int, last: Page, *, back: bool) -> Page:
    """Give at most `limit`, and go back to the last one given when there were more."""
    if len(items) <= limit:
        return Page(items, last.cursor, last.more)
    cursor = last.cursor.copy()
    for event in items[limit:]:
        part = (event.service, event.shard)
        seq = cursor.seqs[part]
        cursor.seqs[part] = max(seq, event.seq + 1) if back else min(seq, event.seq - 1)
    return Page(items[:limit], cursor, more=True)


async def _step(
    pool: Pool, wanted: Filter, streams: list[str] | None, cursor: Cursor, limit: int, *, back: bool
) -> Page:
    ends = await heads(pool, cursor.shards)
    open_parts = [p for p, seq in cursor.seqs.items() if (seq > 1 if back else seq < ends.seqs[p])]
    if not open_parts:
        return Page([], cursor, more=False)
    services, shards = zip(*open_parts, strict=True)
    seqs = [cursor.seqs[part] for part in open_parts]
    kinds = list(wanted.kinds) or None
    if streams is None:
        rows = await pool.fetch(_SQL["before" if back else "after"], services, shards, limit, seqs, kinds)
    else:
        name = "before_of" if back else "after_of"
        rows = await pool.fetch(_SQL[name], services, shards, limit, seqs, kinds, streams)
    found: dict[Part, list[EventView]] = {part: [] for part in open_parts}
    for row in rows:
        found[row["service"], row["shard"]].append(_view(row))
    return _merge(found, cursor, ends, limit, back=back)


def _merge(found: dict[Part, list[EventView]], cursor: Cursor, ends: Cursor, limit: int, *, back: bool) -> Page:
    """The first `limit` of all parts by time, and each part's cursor after what was taken of it."""
    taken = list(heapq.merge(*found.values(), key=_newest if back else _oldest))[:limit]
    moved = cursor.copy()
    count: dict[Part, int] = dict.fromkeys(found, 0)
    for event in taken:
        moved.seqs[event.service, event.shard] = event.seq
        count[event.service, event.shard] += 1
    more = False
    for part, facts in found.items():
        if count[part] < len(facts) or len(facts) == limit:
            more = True
        else:
            # all that fits was taken: what lies between here and the end does not fit
            moved.seqs[part] = 1 if back else max(moved.seqs[part], ends.seqs[part])
    return Page(taken, moved, more)


def _oldest(event: EventView) -> tuple[float, int, int, int]:
    return event.at.timestamp(), CHAIN[event.service], event.shard, event.seq


def _newest(event: EventView) -> tuple[float, int, int, int]:
    at, chain, shard, seq = _oldest(event)
    return -at, -chain, -shard, -seq


async def _streams(pool: Pool, subjects: tuple[str, ...]) -> list[str] | None:
    if not subjects:
        return None
    rows = await pool.fetch(_SQL["related"], subjects)
    return sorted({*subjects, *(row["stream"] for row in rows)})


async def _fitting(pool: Pool, wanted: Filter, items: Sequence[EventView]) -> list[EventView]:
    fitting = [event for event in items if not wanted.subjects or event.speaks_of(wanted.subjects)]
    if wanted.area is None or not fitting:
        return fitting
    workers = sorted({worker for event in fitting for worker in event.places()[1]})
    homes = {row["worker"]: row["area"] for row in await pool.fetch(_SQL["areas"], workers)}
    return [event for event in fitting if event.lies_in(wanted.area, homes)]


async def history(pool: Pool, subject: str) -> list[Place]:
    """All facts of all services about a subject, and the notices that they led to; causes before effects."""
    streams = await _streams(pool, (subject,)) or []
    found = {p.position: p for p in map(_place, await pool.fetch(_SQL["places"], streams, subject))}
    event = await pool.fetch(_SQL["notices"], list(found), subject)
    found |= {p.position: p for p in map(_place, event)}
    return in_order(found.values())


async def whole(pool: Pool, places: Sequence[Place]) -> list[EventView]:
    """Facts at places, in their order."""
    if not places:
        return []
    rows = await pool.fetch(
        _SQL["whole"], [p.service for p in places], [p.shard for p in places], [p.seq for p in places]
    )
    found = {event.position: event for event in map(_view, rows)}
    return [found[place.position] for place in places]


def _view(row: Row) -> EventView:
    return EventView(Envelope.of_row(row["service"], row), row["body"])


def _place(row: object) -> Place:
    return Place(**row)  # type: ignore[arg-type]
