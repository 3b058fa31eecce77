"""Contribution months: billed, shown, closed; and what covers whom."""

import asyncio
from typing import Annotated, Any, Final, Literal

from pydantic import Field
from starlette.responses import Response

from schemas import months
from schemas.http.lists import Listed
from schemas.http.operations import COVERAGE_TARGET_PERCENT, CoverageAnswer, CycleAnswer, CycleRequest, MatchAnswer
from schemas.reference import regions
from services.gateway.api import responses
from services.gateway.api.call import Call, json_response
from services.gateway.api.multi_step import compose
from services.gateway.api.parameters import After, CityQuery, Limit, MonthPath, MonthQuery, PledgeQuery, WorkerQuery
from services.gateway.api.problems import refuse
from services.gateway.api.queries.models import page
from services.gateway.api.routing import LONG_S, Routes
from services.gateway.domain.cycles import RequestBilling, RequestClosing
from services.gateway.handlers.idempotency import Reply
from services.runtime.base.errors import Refused
from services.runtime.contract import Received

routes = Routes("cycles")
#: how long billing and closing wait for the ledger before they answer that it goes on (202)
_ANSWER_S: Final = 60.0
_PROBLEMS: Final = ["cycle.nothing_to_bill", "cycle.passed", "cycle.too_early", "cycle.not_billed", "city.unknown"]
Level = Annotated[Literal["city", "kecamatan", "kelurahan"], Field(description="How fine.")]


@routes.post(
    "/v1/cycles/{month}/bill",
    "cycle.write",
    CycleAnswer,
    body=CycleRequest,
    optional=True,
    also=[202],
    problems=_PROBLEMS,
    seconds=LONG_S,
)
async def bill(call: Call, month: MonthPath, body: CycleRequest) -> Response:
    """Fix and bill a month; 200 when the ledger has billed it, 202 while it still does."""

    async def steps() -> Reply:
        cities = await _cities(call, body)
        ended = await asyncio.gather(*(_bill(call, city, month) for city in cities))
        return Reply(200 if all(ended) else 202, await _cycle(call, month, body.city))

    return await compose(call, steps)


@routes.post(
    "/v1/cycles/{month}/close",
    "cycle.write",
    CycleAnswer,
    body=CycleRequest,
    optional=True,
    also=[202],
    problems=[*_PROBLEMS, "cycle.open_exceptions"],
    seconds=LONG_S,
)
async def close(call: Call, month: MonthPath, body: CycleRequest) -> Response:
    """Close a month: every worker-month ends in one state. With open exceptions it is refused, and they are listed."""

    async def steps() -> Reply:
        cities = await _cities(call, body)
        ended = await asyncio.gather(*(_close(call, city, month) for city in cities))
        cycle = await _cycle(call, month, body.city)
        if "refused" in ended:
            blocking = [one for one in cycle.get("exceptions") or [] if one.get("blocks", True)]
            detail = f"{len(blocking)} exception(s) keep {month} open"
            raise Refused("cycle.open_exceptions", detail, extra={"exceptions": blocking})
        return Reply(200 if all(ended) else 202, cycle)

    return await compose(call, steps)


async def _cities(call: Call, body: CycleRequest) -> list[str]:
    known = await call.state.models.pledged_cities()
    if body.city is None:
        if not known:
            raise refuse("cycle.nothing_to_bill", "no pledge is registered in any city")
        return known
    if body.city not in known:
        raise refuse("city.unknown", f"no pledge is registered in {body.city}")
    return [body.city]


async def _bill(call: Call, city: str, month: str) -> bool:
    def fits(one: Received) -> bool:
        return one.kind == "cycle.billed" and _is_of(one, city, month)

    with call.state.facts.expect(fits) as billed:
        await call.submit(call.shard(city), call.step(RequestBilling, city=city, month=month))
        if await call.state.models.cycle_state(city, month) in {"billed", "closed"}:
            return True
        return await _arrives(billed) is not None


async def _close(call: Call, city: str, month: str) -> str | None:
    def fits(one: Received) -> bool:
        return one.kind in {"cycle.closed", "cycle.close_refused"} and _is_of(one, city, month)

    with call.state.facts.expect(fits) as answered:
        await call.submit(call.shard(city), call.step(RequestClosing, city=city, month=month))
        if await call.state.models.cycle_state(city, month) == "closed":
            return "closed"
        arrived = await _arrives(answered)
    if arrived is None:
        return None
    return "closed" if arrived.kind == "cycle.closed" else "refused"


def _is_of(one: Received, city: str, month: str) -> bool:
    fact: Any = one.fact
    return bool(fact.city == city and fact.month == month)


async def _arrives(answered: "asyncio.Future[Received]") -> Received | None:
    done, _ = await asyncio.wait([answered], timeout=_ANSWER_S)
    return answered.result() if done else None


async def _cycle(call: Call, month: str, city: str | None) -> dict[str, Any]:
    cycle: dict[str, Any] = await call.books(f"/internal/cycles/{month}", "cycle.unknown", city=city)
    return cycle


@routes.get("/v1/cycles/{month}", "cycle.read", CycleAnswer, problems=["cycle.unknown"], waits=True)
async def show(call: Call, month: MonthPath, city: CityQuery = None) -> Response:
    """Show a month in the books, of one city or of all."""
    return json_response(await _cycle(call, month, city))


@routes.get("/v1/matches", "match.read", Listed[MatchAnswer], waits=True, tags=("matches",))
async def matches(
    call: Call,
    pledge: PledgeQuery = None,
    worker: WorkerQuery = None,
    month: MonthQuery = None,
    limit: Limit = 100,
    after: After = None,
) -> Response:
    """List matches of a pledge, a worker, a month; a donor sees those of its own pledges."""
    rows = await call.state.models.matches(
        after or "", limit + 1, pledge=pledge, worker=worker, month=month, donor=call.actor.donor
    )
    return json_response(page([responses.match(row) for row in rows], limit, "match"))


@routes.get("/v1/coverage", "coverage.read", CoverageAnswer, waits=True, tags=("coverage",))
async def coverage(
    call: Call, level: Level = "kecamatan", month: MonthQuery = None, city: CityQuery = None
) -> Response:
    """Show how far each area is toward its target, in a month; areas without any worker on the list are there, too."""
    asked = month or months.of(call.day)
    counts = await call.state.models.coverage(asked, level, city)
    cities = await call.state.models.cities() if city is None else [city] if regions.exists(city) else []
    codes = sorted({*counts, *(code for one in cities for code in _areas(one, level))})
    areas = [_cover(code, counts.get(code)) for code in codes]
    return json_response({"month": asked, "level": level, "areas": areas})


def _areas(city: str, level: str) -> tuple[str, ...]:
    if level == "city":
        return (city,)
    return regions.children(city) if level == "kecamatan" else regions.kelurahan_in(city)


def _cover(code: str, row: Any) -> dict[str, Any]:
    workers, matched, covered = (row["workers"], row["matched"], row["covered"]) if row else (0, 0, 0)
    return {
        "area": code,
        "name": regions.name(code) if regions.exists(code) else code,
        "workers": workers,
        "matched": matched,
        "covered": covered,
        "share": round(covered / workers, 4) if workers else 0.0,
        "target": COVERAGE_TARGET_PERCENT / 100,
    }
