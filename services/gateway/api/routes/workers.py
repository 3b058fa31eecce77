"""Workers: registered, shown, ended."""

from typing import Annotated

from pydantic import Field
from starlette.responses import Response

from schemas import months
from schemas.http.explanations import ExplanationAnswer
from schemas.http.lists import Listed
from schemas.http.workers import NewWorker, WorkerAnswer, WorkerCreated, WorkerEnd, WorkerEndedAnswer
from schemas.reference import regions
from services.gateway.api import responses
from services.gateway.api.call import Call, json_response
from services.gateway.api.explanations import explanation, over
from services.gateway.api.parameters import After, AreaQuery, Limit, WorkerPath
from services.gateway.api.problems import refuse, refuse_fields
from services.gateway.api.queries.models import page
from services.gateway.api.routing import Routes
from services.gateway.domain import registration
from services.gateway.domain.command_context import WorkerRow
from services.gateway.domain.workers import EndWorker, RegisterWorker
from services.runtime.base import ids
from services.runtime.base.errors import Problem

routes = Routes("workers")
Personal = Annotated[bool, Field(description="Whether to show the person, to those who may see it.")]


@routes.post(
    "/v1/workers", "worker.write", WorkerCreated, body=NewWorker, status=201, also=[200], problems=["area.forbidden"]
)
async def register(call: Call, body: NewWorker) -> Response:
    """Put a worker on the list: 201 for a new one; 200 with the id that the NIK has already."""
    found = registration.read(body, call.at)
    if isinstance(found, list):
        raise refuse_fields(found)
    if not call.actor.sees_area(found.area):
        raise refuse("area.forbidden", f"{found.area} is not one of this key's areas")
    worker = ids.new("wrk", call.at)
    command = call.command(
        RegisterWorker,
        worker=worker,
        nik=found.nik,
        area=found.area,
        occupation=found.occupation,
        band=found.band,
        eligible_until=found.eligible_until,
        consent_by=body.consent.by,
        consent_at=body.consent.given_at,
        consent_witness=body.consent.witness,
        sealed=call.state.vault.seal([(worker, found.record)])[0],
    )
    return await call.perform(regions.city_of(found.area), command)


async def _visible(call: Call, worker: str) -> WorkerRow:
    row = await call.state.models.worker(worker)
    if row is None or not call.actor.sees_area(row.area):
        raise refuse("worker.unknown", f"there is no worker {worker}")
    return row


@routes.get("/v1/workers", "worker.read", Listed[WorkerAnswer], waits=True)
async def list_workers(call: Call, area: AreaQuery = None, limit: Limit = 100, after: After = None) -> Response:
    """List workers without personal data, of an area or of all that the key may see."""
    if area is not None and not call.actor.sees_area(area):
        return json_response({"items": [], "next": None})
    areas = [area] if area is not None else list(call.actor.areas) if call.actor.role == "field" else None
    rows = await call.state.models.workers(after or "", limit + 1, areas)
    return json_response(page([responses.worker(row, months.of(call.day)) for row in rows], limit, "id"))


@routes.get("/v1/workers/{worker}", "worker.read", WorkerAnswer, problems=["worker.unknown"], waits=True)
async def show(call: Call, worker: WorkerPath, personal: Personal = True) -> Response:  # noqa: FBT002
    """Show a worker; the person to operators and field workers, and each such sight is on record."""
    row = await _visible(call, worker)
    person = None
    if personal and call.actor.may("person.read") and not row.erased:
        person = (await call.persons(row.city, [worker], responses.PERSONAL)).get(worker)
    return json_response(responses.worker(row, months.of(call.day), person))


@routes.get(
    "/v1/workers/{worker}/explain",
    "worker.read",
    ExplanationAnswer,
    problems=["worker.unknown", "explain.not_yet"],
    waits=True,
)
async def explain(call: Call, worker: WorkerPath) -> Response:
    """Explain why a worker is matched or waits, and the smallest change that would help."""
    row = await _visible(call, worker)
    if row.gone:
        reason = "erased" if row.erased else row.ended_reason
        return over("worker.left", f"left the list: {reason}", worker=worker, reason=reason)
    return await explanation(call, "worker", worker)


@routes.post(
    "/v1/workers/{worker}/end",
    "worker.write",
    WorkerEndedAnswer,
    body=WorkerEnd,
    problems=["worker.unknown", "worker.already_ended"],
)
async def end(call: Call, worker: WorkerPath, body: WorkerEnd) -> Response:
    """Take a worker off the list; the slot goes to another."""
    if body.on > call.day:
        raise refuse_fields([Problem("/on", "date.future", f"today is {call.day}")])
    row = await _visible(call, worker)
    return await call.perform(row.city, call.command(EndWorker, worker=worker, reason=body.reason, on=body.on))
