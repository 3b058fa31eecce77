"""For operators: how the services are, dead letters and their redrive, and what problem codes mean."""

import asyncio
from typing import Annotated, Any, Final

from pydantic import Field
from starlette.responses import Response

from schemas.envelope import instant
from schemas.http.lists import Listed
from schemas.http.operations import DeadLetterAnswer, HealthAnswer, ProblemAnswer, Redrive, RedriveAnswer
from schemas.logs import CATALOGUE, ServiceName
from services.gateway.api import responses
from services.gateway.api.call import Call, json_response
from services.gateway.api.multi_step import compose
from services.gateway.api.parameters import Limit
from services.gateway.api.problems import PROBLEMS, refuse
from services.gateway.api.routing import Routes
from services.gateway.domain.days import RequestRedrive
from services.gateway.handlers.idempotency import Reply

routes = Routes("operations")
_ALL: Final = ("dead", "redriven")
Offset = Annotated[str | None, Field(pattern="^[0-9]{1,9}$", description="`next` of the page before.")]
OfService = Annotated[ServiceName | None, Field(description="Of one service.")]
Redriven = Annotated[bool, Field(description="Those that were decided after all, too.")]
Code = Annotated[str, Field(pattern="^[a-z_.]{1,64}$", description="A problem's code.")]


@routes.get("/v1/health", "health.read", HealthAnswer)
async def health(call: Call) -> Response:
    """Report the health of all services, as each answers now."""
    services = await asyncio.gather(*(_health(call, name) for name in CATALOGUE))
    return json_response({"settled": not call.state.context.engine.progress.unsettled(), "services": services})


async def _health(call: Call, service: ServiceName) -> dict[str, Any]:
    engine = call.state.context.engine
    if service == "gateway":
        now = engine.readiness()
        report: dict[str, Any] = {"ready": now.ready, "why": now.why, "shards": engine.owned}
        report |= {"lag": engine.lag(), "relay_lag": engine.relay.lag}
    else:
        report = await call.state.peers.readiness(service, call.trace) or {}
    marks = [mark for name, _, mark in engine.progress.marks() if name == service]
    reported_at = max((mark.reported_at for mark in marks), default=None)
    return {
        "service": service,
        "live": bool(report),
        "ready": bool(report.get("ready")),
        "why": report.get("why", "") if report else "does not answer",
        "owned": len(report.get("shards", ())),
        "shards": call.state.context.settings.shards,
        "head": sum(mark.seq for mark in marks),
        "lag": report.get("lag", {}),
        "relay_lag": report.get("relay_lag", 0),
        "progress_at": instant(reported_at) if reported_at else None,
    }


@routes.get("/v1/deadletters", "deadletter.read", Listed[DeadLetterAnswer], waits=True)
async def dead_letters(
    call: Call,
    service: OfService = None,
    redriven: Redriven = False,  # noqa: FBT002
    limit: Limit = 100,
    after: Offset = None,
) -> Response:
    """List inputs that a service could not decode or decide; each blocks its own stream alone."""
    states, offset = _ALL if redriven else _ALL[:1], int(after or 0)
    rows = await call.state.models.dead_letters(service, states, offset, limit + 1)
    more = str(offset + limit) if len(rows) > limit else None
    return json_response({"items": [responses.dead_letter(row) for row in rows[:limit]], "next": more})


@routes.post(
    "/v1/deadletters/redrive",
    "deadletter.write",
    RedriveAnswer,
    body=Redrive,
    status=202,
    problems=["dead_letter.unknown"],
)
async def redrive(call: Call, body: Redrive) -> Response:
    """Have a service decide the dead letters of a stream again, in order."""

    async def steps() -> Reply:
        shards = await call.state.models.dead_letter_shards(body.service, body.about)
        if not shards:
            raise refuse("dead_letter.unknown", f"the {body.service} has no dead letter about {body.about}")
        for shard in shards:
            await call.submit(shard, call.step(RequestRedrive, service=body.service, about=body.about))
        return Reply(202, {"service": body.service, "about": body.about, "shards": shards})

    return await compose(call, steps)


@routes.get("/v1/problems", "everybody", Listed[ProblemAnswer])
async def problems(_call: Call) -> Response:
    """List the codes of all problems."""
    return json_response({"items": [_problem(code) for code in PROBLEMS], "next": None})


@routes.get("/v1/problems/{code}", "everybody", ProblemAnswer, problems=["problem.unknown"])
async def problem(_call: Call, code: Code) -> Response:
    """Explain what a problem code means and what to do about it."""
    if code not in PROBLEMS:
        raise refuse("problem.unknown", f"there is no problem {code}")
    return json_response(_problem(code))


def _problem(code: str) -> dict[str, Any]:
    kind = PROBLEMS[code]
    return {"code": code, "status": kind.status, "title": kind.title, "mend": kind.mend}
