"""Workers: put on the list, looked at, taken off it."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from schemas import months
from schemas.http.explanations import ExplanationAnswer
from schemas.http.lists import Listed
from schemas.http.workers import NewWorker, WorkerAnswer, WorkerCreated, WorkerEnd, WorkerEndedAnswer
from schemas.reference import regions
from services.gateway.api import responses
from services.gateway.api.app_state import Face, face_of
from services.gateway.api.dependencies import After, Asking, Limit, Waits, allowed, body_of
from services.gateway.api.execute import json, perform, shard_for, submit
from services.gateway.api.explanations import explanation, over
from services.gateway.api.openapi import reads, writes
from services.gateway.api.problems import refuse, refuse_fields
from services.gateway.api.queries.models import Models, page
from services.gateway.api.routes.paths import AreaQuery, WorkerPath
from services.gateway.domain import registration
from services.gateway.domain.people import ReadPersons
from services.gateway.domain.roles import Actor
from services.gateway.domain.workers import EndWorker, RegisterWorker
from services.gateway.domain.world import WorkerRow
from services.runtime.base import ids
from services.runtime.base.clock import jakarta_day
from services.runtime.base.errors import Problem

router = APIRouter(tags=["workers"])


@router.post("/v1/workers", **writes(WorkerCreated, 201, body=NewWorker, also=[200], problems=["area.forbidden"]))
async def register(
    request: Request,
    actor: Annotated[Actor, allowed("worker.write")],
    asking: Asking,
    body: Annotated[NewWorker, body_of(NewWorker)],
) -> Response:
    """Put a worker on the list: 201 for a new one; 200 with the id that the NIK has already."""
    face, asked = face_of(request), asking(actor)
    found = registration.read(body, asked["at"])
    if isinstance(found, list):
        raise refuse_fields(found)
    if not actor.sees_area(found.area):
        raise refuse("area.forbidden", f"{found.area} is not one of this key's areas")
    worker = ids.new("wrk", asked["at"])
    command = RegisterWorker(
        **asked,
        worker=worker,
        nik=found.nik,
        area=found.area,
        occupation=found.occupation,
        band=found.band,
        eligible_until=found.eligible_until,
        consent_by=body.consent.by,
        consent_at=body.consent.given_at,
        consent_witness=body.consent.witness,
        sealed=face.vault.seal([(worker, found.record)])[0],
    )
    return await perform(request, regions.city_of(found.area), command)


async def _visible(face: Face, actor: Actor, worker: str) -> WorkerRow:
    row = await Models(face.context.pool).worker(worker)
    if row is None or not actor.sees_area(row.area):
        raise refuse("worker.unknown", f"there is no worker {worker}")
    return row


@router.get("/v1/workers", **reads(Listed[WorkerAnswer]), dependencies=[Waits])
async def list_workers(
    request: Request,
    actor: Annotated[Actor, allowed("worker.read")],
    area: AreaQuery = None,
    limit: Limit = 100,
    after: After = None,
) -> Response:
    """List workers without personal data, of an area or of all that the key may see."""
    face = face_of(request)
    if area is not None and not actor.sees_area(area):
        return json({"items": [], "next": None})
    areas = [area] if area is not None else list(actor.areas) if actor.role == "field" else None
    month = months.of(jakarta_day(face.context.clock.now()))
    rows = await Models(face.context.pool).workers(after or "", limit + 1, areas)
    return json(page([responses.worker(row, month) for row in rows], limit, "id"))


@router.get("/v1/workers/{worker}", **reads(WorkerAnswer, problems=["worker.unknown"]), dependencies=[Waits])
async def show(
    request: Request,
    worker: WorkerPath,
    actor: Annotated[Actor, allowed("worker.read")],
    asking: Asking,
    personal: Annotated[bool, Query(description="Whether to show the person, to those who may see it.")] = True,  # noqa: FBT002
) -> Response:
    """Show a worker; the person to operators and field workers, and each such sight is on record."""
    face = face_of(request)
    row = await _visible(face, actor, worker)
    asked = asking(actor)
    person: dict[str, Any] | None = None
    if personal and actor.may("person.read") and not row.erased:
        # the audit is durable before anything is seen, and no sight is a repetition of another
        audit = ReadPersons(**(asked | {"once": None}), persons=[worker], fields=responses.PERSONAL)
        await submit(face, shard_for(face, row.city), audit)
        async with face.context.pool.acquire() as connection:
            person = (await face.vault.read(connection, [worker])).get(worker)
    return json(responses.worker(row, months.of(asked["day"]), person))


@router.get(
    "/v1/workers/{worker}/explain",
    **reads(ExplanationAnswer, problems=["worker.unknown", "explain.not_yet"]),
    dependencies=[Waits],
)
async def explain(request: Request, worker: WorkerPath, actor: Annotated[Actor, allowed("worker.read")]) -> Response:
    """Tell why a worker is matched or waits, and the smallest change that would help."""
    row = await _visible(face_of(request), actor, worker)
    if row.gone:
        reason = "erased" if row.erased else row.ended_reason
        return over("worker.left", f"left the list: {reason}", worker=worker, reason=reason)
    return await explanation(request, "worker", worker)


@router.post(
    "/v1/workers/{worker}/end",
    **writes(WorkerEndedAnswer, 200, body=WorkerEnd, problems=["worker.unknown", "worker.already_ended"]),
)
async def end(
    request: Request,
    worker: WorkerPath,
    actor: Annotated[Actor, allowed("worker.write")],
    asking: Asking,
    body: Annotated[WorkerEnd, body_of(WorkerEnd)],
) -> Response:
    """Take a worker off the list; the slot goes to another."""
    asked = asking(actor)
    if body.on > asked["day"]:
        raise refuse_fields([Problem("/on", "date.future", f"today is {asked['day']}")])
    row = await _visible(face_of(request), actor, worker)
    return await perform(request, row.city, EndWorker(**asked, worker=worker, reason=body.reason, on=body.on))
