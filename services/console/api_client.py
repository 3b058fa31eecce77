"""A client of the public HTTP API, with the visitor's own key.

The console can therefore show nothing that the key may not see, and every limit and audit record of the API holds for
it. The API runs in the same process and is called through ASGI, with the visitor's address. Must not read a table.
"""

from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Any, Final, Literal, TypeVar
from urllib.parse import quote, urlencode

import httpx
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from schemas.http.books import TrialBalanceAnswer
from schemas.http.explanations import ExplanationAnswer
from schemas.http.notices import MailAnswer
from schemas.http.operations import ClockAnswer, DeadLetterAnswer, KeyAnswer
from schemas.http.pledges import PledgeAnswer
from schemas.http.workers import WorkerAnswer
from schemas.reference.cilegon_map import CITY
from services.console.views import Cover, Cycle, Event, Health
from services.runtime.base import telemetry

_M = TypeVar("_M", bound=BaseModel)
#: a long list is read in pages, up to this many
PAGE_ITEMS: Final = 500
PAGES_MAX: Final = 20
TIMEOUT_S: Final = 20


class ApiError(Exception):
    """The API answered with a problem: its HTTP status, code and detail."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail

    @property
    def not_found(self) -> bool:
        """Whether the resource does not exist."""
        return self.status == HTTPStatus.NOT_FOUND


class ApiClient:
    """The requests of the console. Each returns a typed answer or raises `ApiError`."""

    def __init__(self, app: ASGIApp, bearer: str, visit: Request) -> None:
        address = (visit.client.host, visit.client.port) if visit.client else ("unknown", 0)
        self._app = app
        self._headers = {"authorization": f"Bearer {bearer}", "traceparent": telemetry.traceparent()}
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False, client=address),
            base_url="http://gateway",
            headers=self._headers,
            timeout=TIMEOUT_S,
            trust_env=False,
        )

    async def role(self) -> str | None:
        """The role of the key; None if the key is unknown or revoked."""
        try:
            return (await self._one("/v1/keys/me", KeyAnswer)).role
        except ApiError as error:
            if error.status == HTTPStatus.UNAUTHORIZED:
                return None
            raise

    async def today(self) -> date:
        """The day of the programme."""
        return (await self._one("/v1/clock", ClockAnswer)).day

    async def coverage(self, level: str, month: str) -> list[Cover]:
        """Every area of a level, in the order of the codes."""
        areas = await self._many("/v1/coverage", Cover, within="areas", level=level, month=month, city=CITY)
        return sorted(areas, key=lambda cover: cover.area)

    async def cycle(self, month: str) -> Cycle | None:
        """One month; None if it was never billed."""
        try:
            return await self._one(f"/v1/cycles/{month}", Cycle, city=CITY)
        except ApiError as error:
            if error.not_found:
                return None
            raise

    async def events(self, limit: int, filters: Mapping[str, str]) -> list[Event]:
        """The latest events that match the filters, newest first."""
        return await self._many("/v1/events", Event, limit=limit, order="desc", **filters)

    def event_stream(self, query: Mapping[str, str]) -> Response:
        """The API's live stream of events, passed on as it arrives."""
        return _Forwarded(self._app, "/v1/events/stream", query, self._headers)

    async def pledge(self, pledge: str) -> PledgeAnswer:
        """One pledge."""
        return await self._one(f"/v1/pledges/{quote(pledge, safe='')}", PledgeAnswer)

    async def timeline(self, pledge: str) -> list[Event]:
        """All events about a pledge, causes before effects."""
        return await self._all(f"/v1/pledges/{quote(pledge, safe='')}/timeline", Event)

    async def worker(self, worker: str) -> WorkerAnswer:
        """One worker, without personal fields."""
        return await self._one(f"/v1/workers/{quote(worker, safe='')}", WorkerAnswer, personal="false")

    async def explanation(self, kind: Literal["workers", "pledges"], identity: str) -> ExplanationAnswer:
        """Why a worker waits or is matched, or why a pledge's slots are filled or idle."""
        return await self._one(f"/v1/{kind}/{quote(identity, safe='')}/explain", ExplanationAnswer)

    async def health(self) -> list[Health]:
        """The four services."""
        return await self._many("/v1/health", Health, within="services")

    async def dead_letters(self) -> list[DeadLetterAnswer]:
        """All inputs that could not be processed."""
        return await self._all("/v1/deadletters", DeadLetterAnswer)

    async def redrive(self, service: str, about: str) -> None:
        """Request the redrive of a stream's dead letters."""
        await self._send("POST", "/v1/deadletters/redrive", json={"service": service, "about": about})

    async def mailbox(self, limit: int, filters: Mapping[str, str]) -> tuple[list[MailAnswer], str | None]:
        """Rendered notices, and the cursor of the next page."""
        answer = await self._send("GET", "/v1/mailbox", params={"limit": limit, **filters})
        return [_parsed(MailAnswer, item) for item in answer["items"]], answer.get("next")

    async def trial_balance(self) -> TrialBalanceAnswer:
        """All accounts with their balances."""
        return await self._one("/v1/ledger/trial-balance", TrialBalanceAnswer)

    async def _one(self, path: str, model: type[_M], **params: str) -> _M:
        return _parsed(model, await self._send("GET", path, params=params))

    async def _many(self, path: str, model: type[_M], within: str = "items", **params: str | int) -> list[_M]:
        answer = await self._send("GET", path, params=params)
        return [_parsed(model, item) for item in answer[within]]

    async def _all(self, path: str, model: type[_M]) -> list[_M]:
        items: list[_M] = []
        after: str | None = None
        for _ in range(PAGES_MAX):
            params = {"limit": PAGE_ITEMS, **({"after": after} if after else {})}
            answer = await self._send("GET", path, params=params)
            items += [_parsed(model, item) for item in answer["items"]]
            after = answer.get("next")
            if after is None:
                break
        return items

    async def _send(self, method: str, path: str, **options: Any) -> Any:
        response = await self._client.request(method, path, **options)
        if response.is_success:
            return response.json() if response.content else {}
        raise _error(response)


class _Forwarded(Response):
    """An answer of the API that is passed on while it grows: httpx's ASGI transport would wait for its end."""

    def __init__(self, app: ASGIApp, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> None:
        super().__init__()
        self._app = app
        self._path = path
        self._query = query
        self._forwarded_headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the API's answer."""
        own = [(name, value) for name, value in scope["headers"] if name in {b"accept", b"host", b"last-event-id"}]
        added = [(name.encode(), value.encode()) for name, value in self._forwarded_headers.items()]
        kept = ("type", "asgi", "http_version", "scheme", "client", "server", "extensions")
        forwarded = {name: scope[name] for name in kept if name in scope} | {
            "method": "GET",
            "path": self._path,
            "raw_path": self._path.encode(),
            "query_string": urlencode(self._query).encode(),
            "root_path": "",
            "headers": [*own, *added],
        }
        await self._app(forwarded, receive, send)


def _error(response: httpx.Response) -> ApiError:
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    code = str(problem.get("code", f"http.{response.status_code}"))
    return ApiError(response.status_code, code, str(problem.get("detail", response.reason_phrase)))


def _parsed(model: type[_M], answer: Any) -> _M:
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        raise ApiError(HTTPStatus.BAD_GATEWAY, "console.unreadable", str(error.errors()[0]["loc"])) from error
