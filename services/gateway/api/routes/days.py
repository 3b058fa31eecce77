"""The clock: shown, and, where it is virtual, turned by hand."""

from datetime import date, timedelta
from typing import Any, Final

from starlette.responses import Response

from schemas.days import jakarta_day
from schemas.envelope import instant
from schemas.http.operations import Advance, ClockAnswer
from schemas.logs import ServiceName
from services.gateway.api.call import Call, json_response
from services.gateway.api.multi_step import aim, compose
from services.gateway.api.problems import refuse
from services.gateway.api.routing import LONG_S, Routes
from services.gateway.handlers.idempotency import Reply
from services.gateway.inbound.days import begin
from services.runtime.base.errors import RetryLater

routes = Routes("clock")
#: who answers a day, in the order of causes: what is overdue goes back from the ledger to the matcher
_ANSWERERS: Final[tuple[ServiceName, ...]] = ("matcher", "ledger", "matcher", "ledger", "notifier")
#: how long one day may take
_DAY_S: Final = 120.0
_A_DAY: Final = timedelta(days=1)


@routes.get("/v1/clock", "health.read", ClockAnswer)
async def show(call: Call) -> Response:
    """Return what the gateway's clock shows."""
    return json_response(_shown(call))


@routes.post(
    "/v1/clock/advance",
    "clock.write",
    ClockAnswer,
    body=Advance,
    optional=True,
    problems=["clock.not_virtual", "days.not_settled"],
    seconds=LONG_S,
)
async def advance(call: Call, body: Advance) -> Response:
    """Turn the virtual clock, day by day; answers when every service has done each day."""
    if call.state.context.settings.clock != "virtual":
        raise refuse("clock.not_virtual", "this clock is the machine's")
    span = timedelta(days=body.days)

    async def steps() -> Reply:
        aimed = await aim(call, call.at + span, (call.day + span).isoformat())
        last, day = date.fromisoformat(aimed), call.day if _began_somewhere(call) else call.day + _A_DAY
        while day <= last:
            await _turn(call, day)
            day += _A_DAY
        return Reply(200, _shown(call))

    return await compose(call, steps)


def _began_somewhere(call: Call) -> bool:
    """Whether the present day began on some shards alone, by a crash: then it begins on the others first."""
    engine = call.state.context.engine
    processors = [engine.processor(shard) for shard in range(call.state.context.settings.shards)]
    if any(processor.status != "live" for processor in processors):
        raise RetryLater("shard.unavailable", "not all shards can be written here now; try again in a moment")
    return len({processor.state.day for processor in processors}) > 1


async def _turn(call: Call, day: date) -> None:
    engine = call.state.context.engine
    processors = [engine.processor(shard) for shard in range(call.state.context.settings.shards)]
    for answer in await begin(processors, day, call.trace):
        if not await engine.progress.wait(answer.position, _ANSWERERS, reader="gateway", timeout=_DAY_S):
            raise refuse("days.not_settled", f"{day} has begun, but not every service has done it yet")
    if not await engine.progress.settled(timeout=_DAY_S):
        raise refuse("days.not_settled", f"{day} has begun, but not every service has done it yet")


def _shown(call: Call) -> dict[str, Any]:
    now = call.state.context.clock.now()
    return {"clock": call.state.context.settings.clock, "day": jakarta_day(now).isoformat(), "now": instant(now)}
