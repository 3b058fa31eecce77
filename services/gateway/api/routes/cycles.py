"""Contribution months: billed, looked at, closed; and what covers whom."""

import asyncio
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from schemas import months
from schemas.http.lists import Listed
from schemas.http.operations import COVERAGE_TARGET_PERCENT, CoverageAnswer, CycleAnswer, CycleRequest, MatchAnswer
from schemas.reference import regions
from services.gateway.api import responses
from services.gateway.api.app_state import Face, face_of
from services.gateway.api.dependencies import After, Asked, Asking, Limit, Waits, allowed, body_of
from services.gateway.api.execute import json, shard_for, submit
from services.gateway.api.multi_step import compose
from services.gateway.api.openapi import reads, writes
from services.gateway.api.problems import Refusal, refuse
from services.gateway.api.queries.models import Models, page
from services.gateway.api.routes.paths import CityQuery, MonthPath, MonthQuery, PledgeQuery, WorkerQuery
from services.gateway.domain.cycles import RequestBilling, RequestClosing
from services.gateway.domain.roles import Actor
from services.gateway.handlers.idempotency import Reply
from services.runtime.base.clock import jakarta_day
from services.runtime.base.errors import Refused
from services.runtime.contract import Received

router = APIRouter(tags=["cycles"])
#: a Kampung Sadar Jamsostek has this share of its informal workers covered, in hundredths
#: how long billing and closing wait for the ledger before they answer that it goes on (202)
_ANSWER_S: Final = 60.0
_PROBLEMS: Final = ["cycle.nothing_to_bill", "cycle.passed", "cycle.too_early", "cycle.not_billed", "city.unknown"]
BodyOrNot = Annotated[CycleRequest, body_of(CycleRequest, optional=True)]


@router.post(
    "/v1/cycles/{month}/bill",
    **writes(CycleAnswer, 200, body=CycleRequest, optional=True, also=[202], problems=_PROBLEMS),
)
async def bill(
    request: Request, month: MonthPath, actor: Annotated[Actor, allowed("cycle.write")], asking: Asking, body: BodyOrNot
) -> Response:
    """Fix and bill a month; 200 when the ledger has billed it, 202 while it still does."""
    face, asked = face_of(request), asking(actor)

    async def steps() -> Reply:
        cities = await _cities(face, body)
        ended = await asyncio.gather(*(_bill(face, asked, city, month) for city in cities))
        return Reply(200 if all(ended) else 202, await _cycle(face, month, body.city, asked["trace"]))

    return await compose(request, asked["once"], asked["at"], steps)


@router.post(
    "/v1/cycles/{month}/close",
    **writes(
        CycleAnswer,
        200,
        body=CycleRequest,
        optional=True,
        also=[202],
        problems=[*_PROBLEMS, "cycle.open_exceptions"],
    ),
)
async def close(
    request: Request, month: MonthPath, actor: Annotated[Actor, allowed("cycle.write")], asking: Asking, body: BodyOrNot
) -> Response:
    """Close a month: every worker-month ends in one state. With open exceptions it is refused, and they are listed."""
    face, asked = face_of(request), asking(actor)

    async def steps() -> Reply:
        cities = await _cities(face, body)
        ended = await asyncio.gather(*(_close(face, asked, city, month) for city in cities))
        cycle = await _cycle(face, month, body.city, asked["trace"])
        if "refused" in ended:
            blocking = [one for one in cycle.get("exceptions") or [] if one.get("blocks", True)]
            detail = f"{len(blocking)} exception(s) keep {month} open"
            raise Refusal(Refused("cycle.open_exceptions", detail), extra={"exceptions": blocking})
        return Reply(200 if all(ended) else 202, cycle)

    return await compose(request, asked["once"], asked["at"], steps)


async def _cities(face: Face, body: CycleRequest) -> list[str]:
    known = await Models(face.context.pool).pledged_cities()
    if body.city is None:
        if not known:
            raise refuse("cycle.nothing_to_bill", "no pledge is registered in any city")
        return known
    if body.city not in known:
        raise refuse("city.unknown", f"no pledge is registered in {body.city}")
    return [body.city]


async def _bill(face: Face, asked: Asked, city: str, month: str) -> bool:
    def fits(one: Received) -> bool:
        return one.kind == "cycle.billed" and _is_of(one, city, month)

    command = RequestBilling(**(asked | {"once": None}), city=city, month=month)
    with face.arrivals.expect(fits) as billed:
        await submit(face, shard_for(face, city), command)
        if await Models(face.context.pool).cycle_state(city, month) in {"billed", "closed"}:
            return True
        return await _arrives(billed) is not None


async def _close(face: Face, asked: Asked, city: str, month: str) -> str | None:
    def fits(one: Received) -> bool:
        return one.kind in {"cycle.closed", "cycle.close_refused"} and _is_of(one, city, month)

    command = RequestClosing(**(asked | {"once": None}), city=city, month=month)
    with face.arrivals.expect(fits) as answered:
        await submit(face, shard_for(face, city), command)
        if await Models(face.context.pool).cycle_state(city, month) == "closed":
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


async def _cycle(face: Face, month: str, city: str | None, trace: str) -> dict[str, Any]:
    answer = await face.peers.get("ledger", f"/internal/cycles/{month}", {"city": city}, trace)
    if isinstance(answer, Refused):
        raise refuse("cycle.unknown", f"nothing is known of {month}")
    cycle: dict[str, Any] = answer
    return cycle


@router.get("/v1/cycles/{month}", **reads(CycleAnswer, problems=["cycle.unknown"]), dependencies=[Waits])
async def show(
    request: Request, month: MonthPath, actor: Annotated[Actor, allowed("cycle.read")], city: CityQuery = None
) -> Response:
    """Show a month in the books, of one city or of all."""
    del actor
    return json(await _cycle(face_of(request), month, city, request.scope["state"]["trace"]))


@router.get("/v1/matches", **reads(Listed[MatchAnswer]), dependencies=[Waits], tags=["matches"])
async def matches(
    request: Request,
    actor: Annotated[Actor, allowed("match.read")],
    pledge: PledgeQuery = None,
    worker: WorkerQuery = None,
    month: MonthQuery = None,
    limit: Limit = 100,
    after: After = None,
) -> Response:
    """List matches of a pledge, a worker, a month; a donor sees those of its own pledges."""
    rows = await Models(face_of(request).context.pool).matches(
        after or "", limit + 1, pledge=pledge, worker=worker, month=month, donor=actor.donor
    )
    return json(page([responses.match(row) for row in rows], limit, "match"))


@router.get("/v1/coverage", **reads(CoverageAnswer), dependencies=[Waits], tags=["coverage"])
async def coverage(
    request: Request,
    actor: Annotated[Actor, allowed("coverage.read")],
    level: Annotated[Literal["city", "kecamatan", "kelurahan"], Query(description="How fine.")] = "kecamatan",
    month: MonthQuery = None,
    city: CityQuery = None,
) -> Response:
    """Tell how far each area is toward its target, in a month; areas without any worker on the list are there, too."""
    del actor
    face = face_of(request)
    models = Models(face.context.pool)
    asked = month or months.of(jakarta_day(face.context.clock.now()))
    counts = await models.coverage(asked, level, city)
    cities = await models.cities() if city is None else [city] if regions.exists(city) else []
    codes = sorted({*counts, *(code for one in cities for code in _areas(one, level))})
    areas = [_cover(code, counts.get(code)) for code in codes]
    return json({"month": asked, "level": level, "areas": areas})


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
