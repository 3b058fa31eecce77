"""The console's data: the public API, asked in this process with the visitor's own key.

So the console can show nothing that the key may not see, every limit and audit of the API holds for it too, and what
it shows anybody can fetch. Must not read a table.
"""

from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Any, Final, Literal, TypeVar
from urllib.parse import quote

import httpx
from pydantic import ValidationError
from starlette.types import ASGIApp

from schemas.reference.cilegon_map import CITY
from services.gateway.console.views import (
    Clock,
    Cover,
    Cycle,
    DeadLetter,
    Event,
    Explanation,
    Health,
    Notice,
    Pledge,
    TrialBalance,
    View,
    Worker,
)

_V = TypeVar("_V", bound=View)
#: how much of a long list is read
PAGE_ITEMS: Final = 500
PAGES_MAX: Final = 20


class Unanswered(Exception):
    """The API did not give what was asked. `status` is that of HTTP, `code` and `detail` its problem's."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail

    @property
    def unknown(self) -> bool:
        """Whether there is no such thing."""
        return self.status == HTTPStatus.NOT_FOUND


def client_of(app: ASGIApp) -> httpx.AsyncClient:
    """A client that calls an application in this process, without a network."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://gateway", timeout=20)


class Board:
    """The questions that the console asks, each with a typed answer or `Unanswered`."""

    def __init__(self, client: httpx.AsyncClient, bearer: str, trace: str = "") -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {bearer}", **({"traceparent": trace} if trace else {})}

    async def today(self) -> date:
        """The day of the programme."""
        return (await self._one("/v1/clock", Clock)).day

    async def coverage(self, level: str, month: str) -> list[Cover]:
        """Every area of a level, in the order of the codes."""
        areas = await self._many("/v1/coverage", Cover, within="areas", level=level, month=month, city=CITY)
        return sorted(areas, key=lambda cover: cover.area)

    async def cycle(self, month: str) -> Cycle | None:
        """One month, or nothing when it was never billed."""
        try:
            return await self._one(f"/v1/cycles/{month}", Cycle, city=CITY)
        except Unanswered as answer:
            if answer.unknown:
                return None
            raise

    async def events(self, limit: int, filters: Mapping[str, str]) -> list[Event]:
        """The latest facts that fit, newest first."""
        return await self._many("/v1/events", Event, limit=limit, order="desc", **filters)

    async def pledge(self, pledge: str) -> Pledge:
        """One pledge."""
        return await self._one(f"/v1/pledges/{quote(pledge, safe='')}", Pledge)

    async def timeline(self, pledge: str) -> list[Event]:
        """All facts about a pledge, causes before effects."""
        return await self._all(f"/v1/pledges/{quote(pledge, safe='')}/timeline", Event)

    async def worker(self, worker: str) -> Worker:
        """One worker, without personal fields."""
        return await self._one(f"/v1/workers/{quote(worker, safe='')}", Worker, personal="false")

    async def explanation(self, kind: Literal["workers", "pledges"], identity: str) -> Explanation:
        """Why a worker waits or is matched, why slots of a pledge are filled or not."""
        return await self._one(f"/v1/{kind}/{quote(identity, safe='')}/explain", Explanation)

    async def health(self) -> list[Health]:
        """The four services."""
        return await self._many("/v1/health", Health, within="services")

    async def dead_letters(self) -> list[DeadLetter]:
        """All inputs that could not be decided."""
        return await self._all("/v1/deadletters", DeadLetter)

    async def redrive(self, service: str, about: str) -> None:
        """Ask a service to decide a stream's dead letters again."""
        await self._send("POST", "/v1/deadletters/redrive", json={"service": service, "about": about})

    async def mailbox(self, limit: int, filters: Mapping[str, str]) -> tuple[list[Notice], str | None]:
        """Rendered notices, and where the next page begins."""
        answer = await self._send("GET", "/v1/mailbox", params={"limit": limit, **filters})
        return [_read(Notice, item) for item in answer["items"]], answer.get("next")

    async def trial_balance(self) -> TrialBalance:
        """All accounts with their balances."""
        return await self._one("/v1/ledger/trial-balance", TrialBalance)

    async def _one(self, path: str, view: type[_V], **params: str) -> _V:
        return _read(view, await self._send("GET", path, params=params))

    async def _many(self, path: str, view: type[_V], within: str = "items", **params: str | int) -> list[_V]:
        answer = await self._send("GET", path, params=params)
        return [_read(view, item) for item in answer[within]]

    async def _all(self, path: str, view: type[_V]) -> list[_V]:
        items: list[_V] = []
        after: str | None = None
        for _ in range(PAGES_MAX):
            params = {"limit": PAGE_ITEMS, **({"after": after} if after else {})}
            answer = await self._send("GET", path, params=params)
            items += [_read(view, item) for item in answer["items"]]
            after = answer.get("next")
            if after is None:
                break
        return items

    async def _send(self, method: str, path: str, **options: Any) -> Any:
        response = await self._client.request(method, path, headers=self._headers, **options)
        if response.is_success:
            return response.json() if response.content else {}
        raise _problem(response)


def _problem(response: httpx.Response) -> Unanswered:
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    code = str(problem.get("code", f"http.{response.status_code}"))
    return Unanswered(response.status_code, code, str(problem.get("detail", response.reason_phrase)))


def _read(view: type[_V], answer: Any) -> _V:
    try:
        return view.model_validate(answer)
    except ValidationError as error:
        raise Unanswered(HTTPStatus.BAD_GATEWAY, "console.unreadable", str(error.errors()[0]["loc"])) from error
