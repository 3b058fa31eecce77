"""The books, as the ledger keeps them, and the matcher's certificates; asked of their owners and passed on."""

from datetime import UTC, date, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, Field
from starlette.responses import Response

from schemas.envelope import instant
from schemas.http.books import TrialBalanceAnswer
from services.gateway.api.call import Call, json_response
from services.gateway.api.parameters import After, CityPath, Limit, PledgeQuery, WorkerQuery
from services.gateway.api.problems import refuse
from services.gateway.api.routing import Routes
from services.runtime.base.errors import Refused

routes = Routes("books")
AsOf = Annotated[date | None, Field(description="As of the end of this day, by effective time.")]
#: an instant nearer to the ends of the calendar has no time in UTC or in Jakarta
_EARLIEST: Final = datetime(1, 1, 3, tzinfo=UTC)
_LATEST: Final = datetime(9999, 12, 29, tzinfo=UTC)


def _representable(at: datetime | None) -> datetime | None:
    if at is not None and not _EARLIEST <= at <= _LATEST:
        raise ValueError("an instant between the years 1 and 9999 of every time zone")
    return at


RecordedBy = Annotated[
    AwareDatetime | None,
    AfterValidator(_representable),
    Field(description="As far as it was on record at this instant."),
]


@routes.get("/v1/ledger/accounts", "ledger.read", waits=True)
async def accounts(call: Call, limit: Limit = 100, after: After = None) -> Response:
    """List accounts with their balances."""
    return json_response(await call.books("/internal/accounts", limit=limit, after=after))


@routes.get("/v1/ledger/trial-balance", "ledger.read", TrialBalanceAnswer, waits=True)
async def trial_balance(call: Call, as_of: AsOf = None, recorded_by: RecordedBy = None) -> Response:
    """Return all balances; their sum is zero."""
    day = None if as_of is None else as_of.isoformat()
    recorded = None if recorded_by is None else instant(recorded_by)
    return json_response(await call.books("/internal/trial-balance", as_of=day, recorded_by=recorded))


@routes.get("/v1/ledger/entries", "ledger.read", waits=True)
async def entries(
    call: Call, pledge: PledgeQuery = None, worker: WorkerQuery = None, limit: Limit = 100, after: After = None
) -> Response:
    """List the journal, of a pledge or a worker or of all; the postings of each entry sum to zero."""
    found = await call.books("/internal/entries", pledge=pledge, worker=worker, limit=limit, after=after)
    return json_response(found)


@routes.get("/v1/certificates/{city}", "event.read", problems=["city.unknown"], waits=True, tags=("matches",))
async def certificate(call: Call, city: CityPath) -> Response:
    """Return the certificate that no more workers of a city could be covered."""
    answer = await call.ask("matcher", f"/internal/certificate/{city}")
    if isinstance(answer, Refused):
        raise refuse("city.unknown", f"no worker or pledge of {city} is known to the matcher")
    return json_response(answer)
