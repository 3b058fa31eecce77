"""What operators look at: how the services are, dead letters and their redrive, and what problem codes mean."""

import asyncio
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from schemas.envelope import instant
from schemas.http.lists import Listed
from schemas.http.operations import HealthAnswer, LetterAnswer, ProblemAnswer, Redrive, RedriveAnswer
from schemas.logs import CATALOGUE, ServiceName
from services.gateway.api import responses
from services.gateway.api.app_state import Face, face_of
from services.gateway.api.dependencies import Asking, Limit, Waits, allowed, body_of
from services.gateway.api.execute import json, submit
from services.gateway.api.multi_step import compose
from services.gateway.api.openapi import reads, writes
from services.gateway.api.problems import PROBLEMS, refuse
from services.gateway.api.queries.models import Models
from services.gateway.domain.days import RequestRedrive
from services.gateway.domain.roles import Actor
from services.gateway.handlers.idempotency import Reply

router = APIRouter(tags=["operations"])
_ALL: Final = ("dead", "revived")
Offset = Annotated[str | None, Query(pattern="^[0-9]{1,9}$", description="`next` of the page before.")]


@router.get("/v1/health", **reads(HealthAnswer))
async def health(request: Request, actor: Annotated[Actor, allowed("health.read")]) -> Response:
    """Tell how all services are: asked of each, not remembered."""
    del actor
    face, trace = face_of(request), request.scope["state"]["trace"]
    services = await asyncio.gather(*(_health(face, name, trace) for name in CATALOGUE))
    return json({"settled": not face.context.engine.progress.unsettled(), "services": services})


async def _health(face: Face, service: ServiceName, trace: str) -> dict[str, Any]:
    engine = face.context.engine
    if service == "gateway":
        now = engine.readiness()
        told: dict[str, Any] = {"ready": now.ready, "why": now.why, "shards": engine.owned}
        told |= {"lag": engine.lag(), "relay_lag": engine.relay.lag}
    else:
        told = await face.peers.readiness(service, trace) or {}
    marks = [mark for name, _, mark in engine.progress.marks() if name == service]
    heard = max((mark.reported_at for mark in marks), default=None)
    return {
        "service": service,
        "live": bool(told),
        "ready": bool(told.get("ready")),
        "why": told.get("why", "") if told else "does not answer",
        "owned": len(told.get("shards", ())),
        "shards": face.context.settings.shards,
        "head": sum(mark.seq for mark in marks),
        "lag": told.get("lag", {}),
        "relay_lag": told.get("relay_lag", 0),
        "progress_at": instant(heard) if heard else None,
    }


@router.get("/v1/deadletters", **reads(Listed[LetterAnswer]), dependencies=[Waits])
async def letters(
    request: Request,
    actor: Annotated[Actor, allowed("letter.read")],
    service: Annotated[ServiceName | None, Query(description="Of one service.")] = None,
    revived: Annotated[bool, Query(description="Those that were decided after all, too.")] = False,  # noqa: FBT002
    limit: Limit = 100,
    after: Offset = None,
) -> Response:
    """List inputs that a service could not decode or decide; each blocks its own stream alone."""
    del actor
    states, offset = _ALL if revived else _ALL[:1], int(after or 0)
    rows = await Models(face_of(request).context.pool).letters(service, states, offset, limit + 1)
    more = str(offset + limit) if len(rows) > limit else None
    return json({"items": [responses.letter(row) for row in rows[:limit]], "next": more})


@router.post("/v1/deadletters/redrive", **writes(RedriveAnswer, 202, body=Redrive, problems=["letter.unknown"]))
async def redrive(
    request: Request,
    actor: Annotated[Actor, allowed("letter.write")],
    asking: Asking,
    body: Annotated[Redrive, body_of(Redrive)],
) -> Response:
    """Have a service decide the dead letters of a stream again, in order."""
    face, asked = face_of(request), asking(actor)

    async def steps() -> Reply:
        shards = await Models(face.context.pool).letter_shards(body.service, body.about)
        if not shards:
            raise refuse("letter.unknown", f"the {body.service} has no dead letter about {body.about}")
        for shard in shards:
            command = RequestRedrive(**(asked | {"once": None}), service=body.service, about=body.about)
            await submit(face, shard, command)
        return Reply(202, {"service": body.service, "about": body.about, "shards": shards})

    return await compose(request, asked["once"], asked["at"], steps)


@router.get("/v1/problems", **reads(Listed[ProblemAnswer]))
async def problems() -> Response:
    """List the codes of all problems."""
    return json({"items": [_problem(code) for code in PROBLEMS], "next": None})


@router.get("/v1/problems/{code}", **reads(ProblemAnswer, problems=["problem.unknown"]))
async def problem(code: Annotated[str, Path(pattern="^[a-z_.]{1,64}$", description="A problem's code.")]) -> Response:
    """Tell what a problem code means and what to do about it."""
    if code not in PROBLEMS:
        raise refuse("problem.unknown", f"there is no problem {code}")
    return json(_problem(code))


def _problem(code: str) -> dict[str, Any]:
    kind = PROBLEMS[code]
    return {"code": code, "status": kind.status, "title": kind.title, "mend": kind.mend}
