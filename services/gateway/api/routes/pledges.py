"""Pledges: made, rehearsed, looked at, changed, withdrawn."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from schemas import months
from schemas.http.events import EventAnswer
from schemas.http.explanations import ExplanationAnswer
from schemas.http.lists import Listed
from schemas.http.pledges import (
    Amendment,
    Cancellation,
    NewPledge,
    PledgeAmendedAnswer,
    PledgeAnswer,
    PledgeCancelledAnswer,
    PledgeCreated,
    PledgePreview,
)
from schemas.http.workers import PledgeWorker
from services.gateway.api import responses
from services.gateway.api.app_state import Face, face_of
from services.gateway.api.dependencies import After, Asked, Asking, Limit, Waits, allowed, body_of
from services.gateway.api.execute import json, perform
from services.gateway.api.explanations import explanation, over
from services.gateway.api.openapi import reads, writes
from services.gateway.api.problems import Refusal, refuse, refuse_fields
from services.gateway.api.queries import events
from services.gateway.api.queries.models import Models, page
from services.gateway.api.routes.paths import CityQuery, DonorQuery, PledgePath
from services.gateway.domain import terms
from services.gateway.domain.command import Wants
from services.gateway.domain.pledges import AmendPledge, CancelPledge, RegisterPledge, pledge_fact
from services.gateway.domain.roles import Actor
from services.gateway.domain.state import State
from services.gateway.handlers.load import load
from services.runtime.base import ids
from services.runtime.base.clock import jakarta_day
from services.runtime.base.errors import Problem, Refused
from services.runtime.base.postgres import Row

router = APIRouter(tags=["pledges"])


def _command(asked: Asked, body: NewPledge) -> RegisterPledge:
    read = terms.read(body, asked["day"])
    if isinstance(read, list):
        raise refuse_fields(read)
    found, quote = read
    return RegisterPledge(**asked, pledge=ids.new("plg", asked["at"]), donor=body.donor, terms=found, quote=quote)


async def _visible(face: Face, actor: Actor, pledge: str) -> Row:
    row = await Models(face.context.pool).pledge(pledge)
    if row is None or not actor.sees_donor(row["donor"]):
        raise refuse("pledge.unknown", f"there is no pledge {pledge}")
    return row


@router.post("/v1/pledges", **writes(PledgeCreated, 201, body=NewPledge))
async def register(
    request: Request,
    actor: Annotated[Actor, allowed("pledge.write")],
    asking: Asking,
    body: Annotated[NewPledge, body_of(NewPledge)],
) -> Response:
    """Make a pledge; its slots fill within a moment."""
    command = _command(asking(actor), body)
    return await perform(request, command.terms.city, command)


@router.post("/v1/pledges/preview", **writes(PledgePreview, 200, body=NewPledge), dependencies=[Waits])
async def preview(
    request: Request,
    actor: Annotated[Actor, allowed("pledge.write")],
    asking: Asking,
    body: Annotated[NewPledge, body_of(NewPledge)],
) -> Response:
    """Tell what a pledge would change, without making it."""
    face, command = face_of(request), _command(asking(actor), body)
    wants = Wants()
    command.needs(wants)
    async with face.context.pool.acquire() as connection:
        world = await load(connection, face.vault, 0, State(), wants)
    decided = command.decide(world)
    if isinstance(decided, Refused):
        raise Refusal(decided)
    donor = world.donors[command.donor]
    fact = pledge_fact(command.pledge, command.terms, donor=donor.donor, kind=donor.kind, language=donor.language)
    answer = await face.peers.post("matcher", "/internal/preview", fact, command.trace)
    if isinstance(answer, Refused):
        raise refuse("peer.away", f"the matcher cannot play it through: {answer.code}")
    return json(
        {
            "slots": command.terms.slots,
            "fills": answer["fills"],
            "coverage": answer["coverage"],
            "quote": terms.shown(command.quote, donor.language),
        }
    )


@router.get("/v1/pledges", **reads(Listed[PledgeAnswer]), dependencies=[Waits])
async def list_pledges(
    request: Request,
    actor: Annotated[Actor, allowed("pledge.read")],
    donor: DonorQuery = None,
    city: CityQuery = None,
    reference: Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")] = None,
    limit: Limit = 100,
    after: After = None,
) -> Response:
    """List pledges without their books; a donor sees its own."""
    models = Models(face_of(request).context.pool)
    if actor.donor is not None and donor not in {None, actor.donor}:
        return json({"items": [], "next": None})
    owner = actor.donor or donor
    rows = await models.pledges(after or "", limit + 1, donor=owner, city=city, reference=reference)
    return json(page([responses.pledge(row, None) for row in rows], limit, "id"))


@router.get("/v1/pledges/{pledge}", **reads(PledgeAnswer, problems=["pledge.unknown"]), dependencies=[Waits])
async def show(request: Request, pledge: PledgePath, actor: Annotated[Actor, allowed("pledge.read")]) -> Response:
    """Show a pledge with its months; without them (`incomplete`) while the ledger is away."""
    face = face_of(request)
    row = await _visible(face, actor, pledge)
    return json(responses.pledge(row, await _books(face, pledge, request.scope["state"]["trace"])))


async def _books(face: Face, pledge: str, trace: str) -> dict[str, Any] | None:
    answer = await face.peers.get_or_none("ledger", f"/internal/pledges/{pledge}", trace)
    return answer if isinstance(answer, dict) else None


@router.get(
    "/v1/pledges/{pledge}/timeline",
    **reads(Listed[EventAnswer], problems=["pledge.unknown"]),
    dependencies=[Waits],
)
async def timeline(
    request: Request,
    pledge: PledgePath,
    actor: Annotated[Actor, allowed("pledge.read")],
    limit: Limit = 500,
    after: After = None,
) -> Response:
    """Tell all facts of all services about a pledge, causes before effects."""
    face = face_of(request)
    await _visible(face, actor, pledge)
    places = await events.history(face.context.pool, pledge)
    positions = [place.position for place in places]
    start = positions.index(after) + 1 if after in positions else 0
    shown = places[start : start + limit]
    told = await events.whole(face.context.pool, shown)
    more = start + limit < len(places)
    return json({"items": [one.document() for one in told], "next": shown[-1].position if more else None})


@router.get(
    "/v1/pledges/{pledge}/workers",
    **reads(Listed[PledgeWorker], problems=["pledge.unknown"]),
    dependencies=[Waits],
)
async def workers(
    request: Request,
    pledge: PledgePath,
    actor: Annotated[Actor, allowed("pledge.read")],
    limit: Limit = 100,
    after: After = None,
) -> Response:
    """List the workers whom a pledge protects or protected, without personal data."""
    face = face_of(request)
    await _visible(face, actor, pledge)
    month = months.of(jakarta_day(face.context.clock.now()))
    rows = await Models(face.context.pool).pledge_workers(pledge, after or "", limit + 1)
    return json(page([responses.pledge_worker(row, month) for row in rows], limit, "match"))


@router.get(
    "/v1/pledges/{pledge}/explain",
    **reads(ExplanationAnswer, problems=["pledge.unknown", "explain.not_yet"]),
    dependencies=[Waits],
)
async def explain(request: Request, pledge: PledgePath, actor: Annotated[Actor, allowed("pledge.read")]) -> Response:
    """Tell why slots are idle, and the smallest change that would help."""
    row = await _visible(face_of(request), actor, pledge)
    if row["matching_status"] == "refused":
        return over(row["refused_code"], row["refused_detail"])
    if row["matching_status"] == "ended":
        return over("pledge.ended", f"ended with {row['last_month']}: {row['ended_reason']}", until=row["last_month"])
    return await explanation(request, "pledge", pledge)


@router.post(
    "/v1/pledges/{pledge}/cancel",
    **writes(PledgeCancelledAnswer, 200, body=Cancellation, problems=["pledge.unknown", "pledge.ended"]),
)
async def cancel(
    request: Request,
    pledge: PledgePath,
    actor: Annotated[Actor, allowed("pledge.write")],
    asking: Asking,
    body: Annotated[Cancellation, body_of(Cancellation)],
) -> Response:
    """Withdraw a pledge from a month on."""
    row = await _visible(face_of(request), actor, pledge)
    command = CancelPledge(**asking(actor), pledge=pledge, from_month=body.from_month)
    return await perform(request, row["city"], command)


@router.post(
    "/v1/pledges/{pledge}/amend",
    **writes(PledgeAmendedAnswer, 200, body=Amendment, problems=["pledge.unknown", "pledge.ended"]),
)
async def amend(
    request: Request,
    pledge: PledgePath,
    actor: Annotated[Actor, allowed("pledge.write")],
    asking: Asking,
    body: Annotated[Amendment, body_of(Amendment)],
) -> Response:
    """Change the number of slots, the number of months, or both."""
    if body.slots is None and body.months is None:
        raise refuse_fields([Problem("", "pledge.nothing_to_amend", "give slots, months or both")])
    row = await _visible(face_of(request), actor, pledge)
    command = AmendPledge(**asking(actor), pledge=pledge, slots=body.slots, months=body.months)
    return await perform(request, row["city"], command)
