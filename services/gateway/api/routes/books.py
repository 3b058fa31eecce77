"""The books, as the ledger tells them, and the matcher's certificates; asked of their owners and passed on."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime
from starlette.responses import Response

from schemas.envelope import instant
from schemas.http.books import TrialBalanceAnswer
from services.gateway.api.app_state import face_of
from services.gateway.api.dependencies import After, Limit, Waits, allowed
from services.gateway.api.execute import json
from services.gateway.api.openapi import reads
from services.gateway.api.problems import refuse
from services.gateway.api.routes.paths import CityPath, PledgeQuery, WorkerQuery
from services.gateway.domain.roles import Actor
from services.runtime.base.errors import Refused

router = APIRouter(tags=["books"], dependencies=[Waits])
AsOf = Annotated[date | None, Query(description="As of the end of this day, by effective time.")]
RecordedBy = Annotated[AwareDatetime | None, Query(description="As far as it was on record at this instant.")]


@router.get("/v1/ledger/accounts", **reads())
async def accounts(
    request: Request, actor: Annotated[Actor, allowed("ledger.read")], limit: Limit = 100, after: After = None
) -> Response:
    """List accounts with their balances."""
    del actor
    return await _ask(request, "/internal/accounts", {"limit": limit, "after": after})


@router.get("/v1/ledger/trial-balance", **reads(TrialBalanceAnswer))
async def trial_balance(
    request: Request,
    actor: Annotated[Actor, allowed("ledger.read")],
    as_of: AsOf = None,
    recorded_by: RecordedBy = None,
) -> Response:
    """Give all balances; their sum is zero."""
    del actor
    recorded = None if recorded_by is None else instant(recorded_by)
    params = {"as_of": None if as_of is None else as_of.isoformat(), "recorded_by": recorded}
    return await _ask(request, "/internal/trial-balance", params)


@router.get("/v1/ledger/entries", **reads())
async def entries(
    request: Request,
    actor: Annotated[Actor, allowed("ledger.read")],
    pledge: PledgeQuery = None,
    worker: WorkerQuery = None,
    limit: Limit = 100,
    after: After = None,
) -> Response:
    """List the journal, of a pledge or a worker or of all; the postings of each entry sum to zero."""
    del actor
    params = {"pledge": pledge, "worker": worker, "limit": limit, "after": after}
    return await _ask(request, "/internal/entries", params)


async def _ask(request: Request, path: str, params: dict[str, Any]) -> Response:
    answer = await face_of(request).peers.get("ledger", path, params, request.scope["state"]["trace"])
    if isinstance(answer, Refused):
        raise refuse("query.invalid", answer.detail or answer.code)
    return json(answer)


@router.get("/v1/certificates/{city}", **reads(problems=["city.unknown"]), tags=["matches"])
async def certificate(request: Request, city: CityPath, actor: Annotated[Actor, allowed("event.read")]) -> Response:
    """Give the certificate that no more workers of a city could be covered."""
    del actor
    path = f"/internal/certificate/{city}"
    answer = await face_of(request).peers.get("matcher", path, {}, request.scope["state"]["trace"])
    if isinstance(answer, Refused):
        raise refuse("city.unknown", f"no worker or pledge of {city} is known to the matcher")
    return json(answer)
