"""The clock: looked at, and, where it is virtual, turned by hand."""

from datetime import date, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from schemas.envelope import instant
from schemas.http.operations import Advance, ClockAnswer
from schemas.logs import ServiceName
from services.gateway.api.app_state import Face, face_of
from services.gateway.api.dependencies import Asking, allowed, body_of
from services.gateway.api.execute import json
from services.gateway.api.multi_step import aim, compose
from services.gateway.api.openapi import reads, writes
from services.gateway.api.problems import refuse
from services.gateway.domain.roles import Actor
from services.gateway.handlers.idempotency import Reply
from services.gateway.inbound.days import begin
from services.runtime.base.clock import jakarta_day
from services.runtime.base.errors import RetryLater

router = APIRouter(tags=["clock"])
#: who answers a day, in the order of causes: what is overdue goes back from the ledger to the matcher
_ANSWERERS: Final[tuple[ServiceName, ...]] = ("matcher", "ledger", "matcher", "ledger", "notifier")
#: how long one day may take
_DAY_S: Final = 120.0
_A_DAY: Final = timedelta(days=1)


@router.get("/v1/clock", **reads(ClockAnswer))
async def show(request: Request, actor: Annotated[Actor, allowed("health.read")]) -> Response:
    """Tell what the gateway's clock shows."""
    del actor
    return json(_shown(face_of(request)))


@router.post(
    "/v1/clock/advance",
    **writes(ClockAnswer, 200, body=Advance, optional=True, problems=["clock.not_virtual", "days.not_settled"]),
)
async def advance(
    request: Request,
    actor: Annotated[Actor, allowed("clock.write")],
    asking: Asking,
    body: Annotated[Advance, body_of(Advance, optional=True)],
) -> Response:
    """Turn the virtual clock, day by day; answers when every service has done each day."""
    face, asked = face_of(request), asking(actor)
    if face.context.settings.clock != "virtual":
        raise refuse("clock.not_virtual", "this clock is the machine's")

    async def steps() -> Reply:
        span = timedelta(days=body.days)
        aimed = await aim(face, asked["once"], asked["at"] + span, (asked["day"] + span).isoformat())
        last, day = date.fromisoformat(aimed), asked["day"] if _began_somewhere(face) else asked["day"] + _A_DAY
        while day <= last:
            await _turn(face, day, asked["trace"])
            day += _A_DAY
        return Reply(200, _shown(face))

    return await compose(request, asked["once"], asked["at"], steps)


def _began_somewhere(face: Face) -> bool:
    """Whether the present day began on some shards alone: a crash in the middle; it is to begin on the others first."""
    engine = face.context.engine
    lanes = [engine.lane(shard) for shard in range(face.context.settings.shards)]
    if any(lane.status != "live" for lane in lanes):
        raise RetryLater("shard.unavailable", "not all shards can be written here now; try again in a moment")
    return len({lane.state.day for lane in lanes}) > 1


async def _turn(face: Face, day: date, trace: str) -> None:
    engine = face.context.engine
    lanes = [engine.lane(shard) for shard in range(face.context.settings.shards)]
    for answer in await begin(lanes, day, trace):
        if not await engine.progress.wait(answer.position, _ANSWERERS, reader="gateway", timeout=_DAY_S):
            raise refuse("days.not_settled", f"{day} has begun, but not every service has done it yet")
    if not await engine.progress.settled(timeout=_DAY_S):
        raise refuse("days.not_settled", f"{day} has begun, but not every service has done it yet")


def _shown(face: Face) -> dict[str, Any]:
    now = face.context.clock.now()
    return {"clock": face.context.settings.clock, "day": jakarta_day(now).isoformat(), "now": instant(now)}
