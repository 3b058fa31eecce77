"""Imports: a file is the body of a request and is stored sealed; its status and report are available while it runs.

Promises that a 202 is durable, that the same Idempotency-Key and file are one import, and that a file whose header does
not fit is refused before anything of it is kept. Must not store or log what a file says.
"""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response, StreamingResponse

from schemas.base import BASE32
from schemas.http.imports import ImportAnswer, ImportTaken
from schemas.http.lists import Listed
from schemas.reference import regions
from services.gateway.api.app_state import Face, face_of
from services.gateway.api.dependencies import After, Asked, Asking, Limit, actor_of, allowed
from services.gateway.api.execute import json, once_at_a_time
from services.gateway.api.openapi import reads, writes
from services.gateway.api.problems import Refusal, refuse
from services.gateway.api.routes.paths import CityQuery
from services.gateway.domain.roles import Actor
from services.gateway.handlers import idempotency as memory
from services.gateway.handlers.idempotency import Reply
from services.gateway.imports import import_store, places
from services.gateway.imports.layouts import LAYOUTS, Of
from services.gateway.imports.tabular import open_table
from services.runtime.base import ids
from services.runtime.base.errors import Poison, Problem, Refused

router = APIRouter(tags=["imports"])
_any_key = Depends(actor_of)

ImportPath = Annotated[str, Path(pattern=f"^imp_{BASE32}$", description="The id of an import.")]
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PROBLEMS: Final = (
    "file.empty",
    "file.unknown_header",
    "file.column_twice",
    "file.not_a_spreadsheet",
    "file.encoding",
    "file.broken",
    "file.too_large",
    "query.invalid",
)
_BINARY: Final[dict[str, Any]] = {"schema": {"type": "string", "format": "binary"}}
_FILE: Final[dict[str, Any]] = {
    "openapi_extra": {
        "requestBody": {
            "required": True,
            "description": "CSV (comma, semicolon, tab or bar; UTF-8, UTF-16 or Windows-1252) or XLSX.",
            "content": {"text/csv": _BINARY, _XLSX: _BINARY, "application/octet-stream": _BINARY},
        }
    }
}
#: Files of this size are held in memory while they come in, so only a few at once.
_AT_ONCE: Final = asyncio.Semaphore(4)


@router.post("/v1/imports/workers", **writes(ImportTaken, 202, problems=_PROBLEMS), **_FILE)
async def workers(
    request: Request, actor: Annotated[Actor, allowed("import.write")], asking: Asking, city: CityQuery = None
) -> Response:
    """Send a list of workers. `city` is where names of kelurahan are looked up if a row names no city."""
    if city is not None and places.city(city) is None:
        raise refuse("query.invalid", "see errors", [Problem("/city", "area.unknown", "no kabupaten or kota")])
    return await _take(request, "workers", asking(actor), city or _own_city(actor))


@router.post("/v1/imports/pledges", **writes(ImportTaken, 202, problems=_PROBLEMS), **_FILE)
async def pledges(request: Request, actor: Annotated[Actor, allowed("pledge.write")], asking: Asking) -> Response:
    """Send a list of pledges of known donors."""
    return await _take(request, "pledges", asking(actor), None)


@router.post("/v1/imports/receipts", **writes(ImportTaken, 202, problems=_PROBLEMS), **_FILE)
async def receipts(request: Request, actor: Annotated[Actor, allowed("cycle.write")], asking: Asking) -> Response:
    """Send BPJS's receipt, a row for each worker and month."""
    return await _take(request, "receipts", asking(actor), None)


@router.get("/v1/imports", **reads(Listed[ImportAnswer]))
async def list_imports(
    request: Request, actor: Annotated[Actor, _any_key], limit: Limit = 100, after: After = None
) -> Response:
    """List imports, the newest first; other keys than operators' and auditors' see their own imports only."""
    own = None if _sees_all(actor) else actor.key
    found = await import_store.listed(face_of(request).context.pool, own, after, limit + 1)
    items = [one.document() for one in found[:limit]]
    return json({"items": items, "next": items[-1]["id"] if len(found) > limit else None})


@router.get("/v1/imports/{import_id}", **reads(ImportAnswer, problems=["import.unknown"]))
async def show(request: Request, import_id: ImportPath, actor: Annotated[Actor, _any_key]) -> Response:
    """Show the progress of an import."""
    return json((await _visible(face_of(request), actor, import_id)).document())


@router.get("/v1/imports/{import_id}/report", **reads(media=["text/csv; charset=utf-8"], problems=["import.unknown"]))
async def report(request: Request, import_id: ImportPath, actor: Annotated[Actor, _any_key]) -> Response:
    """Report the outcome of each row so far, as CSV: row, outcome, code, detail."""
    face = face_of(request)
    await _visible(face, actor, import_id)
    return StreamingResponse(_report(face, import_id), media_type="text/csv; charset=utf-8")


async def _take(request: Request, of: Of, asked: Asked, city: str | None) -> Response:
    face, once = face_of(request), asked["once"]
    async with _AT_ONCE:
        data = await request.body()
        with once_at_a_time(face, once):
            async with face.context.pool.acquire() as connection:
                known = await memory.recall(connection, once)
            if isinstance(known, Refused):
                raise Refusal(known)
            if known is None:
                await _check(data, of)
                known = await _keep(face, of, asked, city, data)
    return json(known.body, known.status, {"Idempotency-Replayed": "true"} if known.replayed else None)


async def _check(data: bytes, of: Of) -> None:
    """Refuse a file whose header does not fit. The words of the refusal may quote it: they go to the sender alone."""
    try:
        await asyncio.to_thread(open_table, io.BytesIO(data), LAYOUTS[of])
    except Poison as found:
        raise refuse(found.code, found.detail) from None


async def _keep(face: Face, of: Of, asked: Asked, city: str | None, data: bytes) -> Reply:
    import_id = ids.new("imp", asked["at"])
    opened = import_store.Import(
        id=import_id,
        of=of,
        actor=asked["actor"],
        city=city,
        at=asked["at"],
        day=asked["day"],
        trace=asked["trace"],
        pieces=import_store.pieces_of(data),
        wrapped=face.vault.crypto.new_key(import_id),
    )
    rows_expected = None if data.startswith(b"PK") else max(data.count(b"\n") - 1, 0)
    reply = Reply(202, {"id": import_id})
    async with face.context.pool.acquire() as connection, connection.transaction():
        await import_store.store(connection, face.vault, opened, data, rows_expected)
        if asked["once"] is not None:
            await memory.give(connection, [(asked["once"], reply, asked["at"])])
    face.import_arrived.set()
    return reply


def _own_city(actor: Actor) -> str | None:
    """The one city in which all areas of a field worker's key lie."""
    cities = {regions.city_of(area) for area in actor.areas}
    return cities.pop() if len(cities) == 1 else None


def _sees_all(actor: Actor) -> bool:
    return actor.may("ledger.read")


async def _visible(face: Face, actor: Actor, import_id: str) -> import_store.Status:
    found = await import_store.status(face.context.pool, import_id)
    if found is None or not (_sees_all(actor) or found.key_id == actor.key):
        raise refuse("import.unknown", f"there is no import {import_id}")
    return found


async def _report(face: Face, import_id: str) -> AsyncIterator[bytes]:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(("row", "outcome", "code", "detail"))
    async for lines in import_store.report(face.context.pool, import_id):
        writer.writerows((line.number, line.outcome, line.code, line.detail) for line in lines)
        yield out.getvalue().encode()
        out.seek(0)
        out.truncate()
    yield out.getvalue().encode()
