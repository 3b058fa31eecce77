"""Imports: a file is the body of a request and is stored sealed; its status and report are available while it runs.

Promises that a 202 is durable, that the same Idempotency-Key and file are one import, and that a file whose header does
not fit is refused before anything of it is stored. Must not store or log what a file says.
"""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from typing import Any, Final

from starlette.responses import Response, StreamingResponse

from schemas.http.imports import ImportAnswer, ImportTaken
from schemas.http.lists import Listed
from schemas.reference import regions
from services.gateway.api.app_state import AppState
from services.gateway.api.call import Call, json_response
from services.gateway.api.multi_step import answer
from services.gateway.api.parameters import After, CityQuery, ImportPath, Limit
from services.gateway.api.problems import refuse
from services.gateway.api.routing import LONG_S, Routes
from services.gateway.domain.roles import Actor
from services.gateway.handlers import idempotency
from services.gateway.handlers.idempotency import Reply
from services.gateway.imports import import_store, places
from services.gateway.imports.layouts import LAYOUTS, Of
from services.gateway.imports.tabular import open_table
from services.runtime.base import ids
from services.runtime.base.errors import Poison, Problem

routes = Routes("imports")

_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: what the three routes that accept a file have in common
_FILE: Final[dict[str, Any]] = {
    "status": 202,
    "seconds": LONG_S,
    "file": (
        "CSV (comma, semicolon, tab or bar; UTF-8, UTF-16 or Windows-1252) or XLSX.",
        ("text/csv", _XLSX, "application/octet-stream"),
    ),
    "problems": [
        "file.empty",
        "file.unknown_header",
        "file.column_twice",
        "file.not_a_spreadsheet",
        "file.encoding",
        "file.broken",
        "file.too_large",
        "query.invalid",
    ],
}
#: Files of this size are held in memory while they come in, so only a few at once.
_AT_ONCE: Final = asyncio.Semaphore(4)


@routes.post("/v1/imports/workers", "import.write", ImportTaken, **_FILE)
async def workers(call: Call, city: CityQuery = None) -> Response:
    """Send a list of workers. `city` is where names of kelurahan are looked up if a row names no city."""
    if city is not None and places.city(city) is None:
        raise refuse("query.invalid", "see errors", [Problem("/city", "area.unknown", "no kabupaten or kota")])
    return await _take(call, "workers", city or _own_city(call.actor))


@routes.post("/v1/imports/pledges", "pledge.write", ImportTaken, **_FILE)
async def pledges(call: Call) -> Response:
    """Send a list of pledges of known donors."""
    return await _take(call, "pledges", None)


@routes.post("/v1/imports/receipts", "cycle.write", ImportTaken, **_FILE)
async def receipts(call: Call) -> Response:
    """Send BPJS's receipt, a row for each worker and month."""
    return await _take(call, "receipts", None)


@routes.get("/v1/imports", "any key", Listed[ImportAnswer])
async def list_imports(call: Call, limit: Limit = 100, after: After = None) -> Response:
    """List imports, the newest first; other keys than operators' and auditors' see their own imports only."""
    own = None if _sees_all(call.actor) else call.actor.key
    found = await import_store.listed(call.state.context.pool, own, after, limit + 1)
    items = [one.document() for one in found[:limit]]
    return json_response({"items": items, "next": items[-1]["id"] if len(found) > limit else None})


@routes.get("/v1/imports/{import_id}", "any key", ImportAnswer, problems=["import.unknown"])
async def show(call: Call, import_id: ImportPath) -> Response:
    """Show the progress of an import."""
    return json_response((await _visible(call, import_id)).document())


@routes.get(
    "/v1/imports/{import_id}/report",
    "any key",
    media=["text/csv; charset=utf-8"],
    problems=["import.unknown"],
    seconds=LONG_S,
)
async def report(call: Call, import_id: ImportPath) -> Response:
    """Report the outcome of each row so far, as CSV: row, outcome, code, detail."""
    await _visible(call, import_id)
    return StreamingResponse(_report(call.state, import_id), media_type="text/csv; charset=utf-8")


async def _take(call: Call, of: Of, city: str | None) -> Response:
    async with _AT_ONCE:
        data = await call.content()
        with call.one_at_a_time():
            async with call.state.context.pool.acquire() as connection:
                known = await idempotency.recall(connection, call.once)
            if known is None:
                await _check(data, of)
                known = await _keep(call, of, city, data)
    return answer(known)


async def _check(data: bytes, of: Of) -> None:
    """Refuse a file whose header does not fit. The words of the refusal may quote it: they go to the sender alone."""
    try:
        await asyncio.to_thread(open_table, io.BytesIO(data), LAYOUTS[of])
    except Poison as found:
        raise refuse(found.code, found.detail) from None


async def _keep(call: Call, of: Of, city: str | None, data: bytes) -> Reply:
    state, import_id = call.state, ids.new("imp", call.at)
    opened = import_store.Import(
        id=import_id,
        of=of,
        actor=call.actor,
        city=city,
        at=call.at,
        day=call.day,
        trace=call.trace,
        pieces=import_store.pieces_of(data),
        wrapped=state.vault.crypto.new_key(import_id),
    )
    rows_expected = None if data.startswith(b"PK") else max(data.count(b"\n") - 1, 0)
    reply = Reply(202, {"id": import_id})
    async with state.context.pool.acquire() as connection, connection.transaction():
        await import_store.store(connection, state.vault, opened, data, rows_expected)
        if call.once is not None:
            await idempotency.store(connection, [(call.once, reply, call.at)])
    state.import_arrived.set()
    return reply


def _own_city(actor: Actor) -> str | None:
    """The one city in which all areas of a field worker's key lie."""
    cities = {regions.city_of(area) if regions.depth(area) >= regions.CITY else None for area in actor.areas}
    return cities.pop() if len(cities) == 1 else None


def _sees_all(actor: Actor) -> bool:
    return actor.may("ledger.read")


async def _visible(call: Call, import_id: str) -> import_store.Status:
    found = await import_store.status(call.state.context.pool, import_id)
    if found is None or not (_sees_all(call.actor) or found.key_id == call.actor.key):
        raise refuse("import.unknown", f"there is no import {import_id}")
    return found


async def _report(state: AppState, import_id: str) -> AsyncIterator[bytes]:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(("row", "outcome", "code", "detail"))
    async for lines in import_store.report(state.context.pool, import_id):
        writer.writerows((line.number, line.outcome, line.code, line.detail) for line in lines)
        yield out.getvalue().encode()
        out.seek(0)
        out.truncate()
    yield out.getvalue().encode()
