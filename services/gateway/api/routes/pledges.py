"""Pledges: registered, previewed, shown, amended, cancelled."""

from typing import Annotated, Any

from pydantic import Field
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
from services.gateway.api.call import Call, json_response
from services.gateway.api.explanations import explanation, over
from services.gateway.api.parameters import After, CityQuery, DonorQuery, Limit, PledgePath
from services.gateway.api.problems import refuse, refuse_fields
from services.gateway.api.queries import events
from services.gateway.api.queries.models import page
from services.gateway.api.routing import Routes
from services.gateway.domain import terms
from services.gateway.domain.command import Requirements
from services.gateway.domain.pledges import AmendPledge, CancelPledge, RegisterPledge, pledge_fact
from services.gateway.domain.state import State
from services.gateway.handlers.load import load
from services.runtime.base import ids
from services.runtime.base.errors import Problem, Refused
from services.runtime.base.postgres import Row

routes = Routes("pledges")
Reference = Annotated[str | None, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]


def _command(call: Call, body: NewPledge) -> RegisterPledge:
    read = terms.read(body, call.day)
    if isinstance(read, list):
        raise refuse_fields(read)
    found, quote = read
    return call.command(RegisterPledge, pledge=ids.new("plg", call.at), donor=body.donor, terms=found, quote=quote)


async def _visible(call: Call, pledge: str) -> Row:
    row = await call.state.models.pledge(pledge)
    if row is None or not call.actor.sees_donor(row["donor"]):
        raise refuse("pledge.unknown", f"there is no pledge {pledge}")
    return row


@routes.post("/v1/pledges", "pledge.write", PledgeCreated, body=NewPledge, status=201)
async def register(call: Call, body: NewPledge) -> Response:
    """Make a pledge; its slots fill within a moment."""
    command = _command(call, body)
    return await call.perform(command.terms.city, command)


@routes.post("/v1/pledges/preview", "pledge.write", PledgePreview, body=NewPledge, waits=True)
async def preview(call: Call, body: NewPledge) -> Response:
    """Preview what a pledge would change, without making it."""
    command, requirements = _command(call, body), Requirements()
    command.needs(requirements)
    async with call.state.context.pool.acquire() as connection:
        world = await load(connection, call.state.vault, 0, State(), requirements)
    decided = command.decide(world)
    if isinstance(decided, Refused):
        raise decided
    donor = world.donors[command.donor]
    fact = pledge_fact(command.pledge, command.terms, donor=donor.donor, kind=donor.kind, language=donor.language)
    answer = await call.state.peers.post("matcher", "/internal/preview", fact, call.trace)
    if isinstance(answer, Refused):
        raise refuse("peer.away", f"the matcher cannot preview it: {answer.code}")
    return json_response(
        {
            "slots": command.terms.slots,
            "fills": answer["fills"],
            "coverage": answer["coverage"],
            "quote": terms.shown(command.quote, donor.language),
        }
    )


@routes.get("/v1/pledges", "pledge.read", Listed[PledgeAnswer], waits=True)
async def list_pledges(
    call: Call,
    donor: DonorQuery = None,
    city: CityQuery = None,
    reference: Reference = None,
    limit: Limit = 100,
    after: After = None,
) -> Response:
    """List pledges without their books; a donor sees its own."""
    own = call.actor.donor
    if own is not None and donor not in {None, own}:
        return json_response({"items": [], "next": None})
    rows = await call.state.models.pledges(after or "", limit + 1, donor=own or donor, city=city, reference=reference)
    return json_response(page([responses.pledge(row, None) for row in rows], limit, "id"))


@routes.get("/v1/pledges/{pledge}", "pledge.read", PledgeAnswer, problems=["pledge.unknown"], waits=True)
async def show(call: Call, pledge: PledgePath) -> Response:
    """Show a pledge with its months; without them (`incomplete`) while the ledger is away."""
    row = await _visible(call, pledge)
    books: Any = await call.state.peers.get_or_none("ledger", f"/internal/pledges/{pledge}", call.trace)
    return json_response(responses.pledge(row, books if isinstance(books, dict) else None))


@routes.get(
    "/v1/pledges/{pledge}/timeline",
    "pledge.read",
    Listed[EventAnswer],
    problems=["pledge.unknown", "cursor.invalid"],
    waits=True,
)
async def timeline(call: Call, pledge: PledgePath, limit: Limit = 500, after: After = None) -> Response:
    """List all facts of all services about a pledge, causes before effects."""
    pool = call.state.context.pool
    await _visible(call, pledge)
    places = await events.history(pool, pledge)
    positions = [place.position for place in places]
    if after is not None and after not in positions:
        raise refuse("cursor.invalid", f"no fact of {pledge} stands at {after}")
    start = 0 if after is None else positions.index(after) + 1
    shown = places[start : start + limit]
    items = [one.document() for one in await events.whole(pool, shown)]
    more = start + limit < len(places)
    return json_response({"items": items, "next": shown[-1].position if more else None})


@routes.get(
    "/v1/pledges/{pledge}/workers", "pledge.read", Listed[PledgeWorker], problems=["pledge.unknown"], waits=True
)
async def workers(call: Call, pledge: PledgePath, limit: Limit = 100, after: After = None) -> Response:
    """List the workers whom a pledge protects or protected, without personal data."""
    await _visible(call, pledge)
    rows = await call.state.models.pledge_workers(pledge, after or "", limit + 1)
    return json_response(page([responses.pledge_worker(row, months.of(call.day)) for row in rows], limit, "match"))


@routes.get(
    "/v1/pledges/{pledge}/explain",
    "pledge.read",
    ExplanationAnswer,
    problems=["pledge.unknown", "explain.not_yet"],
    waits=True,
)
async def explain(call: Call, pledge: PledgePath) -> Response:
    """Explain why slots are idle, and the smallest change that would help."""
    row = await _visible(call, pledge)
    if row["matching_status"] == "refused":
        return over(row["refused_code"], row["refused_detail"])
    if row["matching_status"] == "ended":
        return over("pledge.ended", f"ended with {row['last_month']}: {row['ended_reason']}", until=row["last_month"])
    return await explanation(call, "pledge", pledge)


@routes.post(
    "/v1/pledges/{pledge}/cancel",
    "pledge.write",
    PledgeCancelledAnswer,
    body=Cancellation,
    problems=["pledge.unknown", "pledge.ended"],
)
async def cancel(call: Call, pledge: PledgePath, body: Cancellation) -> Response:
    """Withdraw a pledge from a month on."""
    row = await _visible(call, pledge)
    return await call.perform(row["city"], call.command(CancelPledge, pledge=pledge, from_month=body.from_month))


@routes.post(
    "/v1/pledges/{pledge}/amend",
    "pledge.write",
    PledgeAmendedAnswer,
    body=Amendment,
    problems=["pledge.unknown", "pledge.ended"],
)
async def amend(call: Call, pledge: PledgePath, body: Amendment) -> Response:
    """Change the number of slots, the number of months, or both."""
    if body.slots is None and body.months is None:
        raise refuse_fields([Problem("", "pledge.nothing_to_amend", "give slots, months or both")])
    row = await _visible(call, pledge)
    command = call.command(AmendPledge, pledge=pledge, slots=body.slots, months=body.months)
    return await call.perform(row["city"], command)
