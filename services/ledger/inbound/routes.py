"""What other services may ask the ledger, as JSON over HTTP, guarded by `runtime.process.internal_auth`.

Promises reads only, from committed rows; lists are `{"items", "next"}`. Must not decide anything, and knows no person:
names and NIKs are for the gateway to add.
"""

import re
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schemas import months
from schemas.base import BASE32
from services.context import Context
from services.ledger.inbound import answers
from services.ledger.inbound.books import Books
from services.runtime.base import ids

PAGE_DEFAULT, PAGE_MAX = 100, 5_000
_WORKER = re.compile(f"wrk_{BASE32}")


class BadQuery(ValueError):
    """A parameter that cannot be read; its name is the detail."""


def routes(context: Context) -> list[Route]:
    """The internal routes of the ledger."""
    asked = Questions(Books(context.pool))
    return [
        Route("/internal/cycles/{month}", _answer(asked.cycle)),
        Route("/internal/remittances", _answer(asked.remittances)),
        Route("/internal/remittances/by-pay-code/{code}", _answer(asked.by_pay_code)),
        Route("/internal/remittances/{remittance}", _answer(asked.remittance)),
        Route("/internal/remittances/{remittance}/lines", _answer(asked.lines)),
        Route("/internal/accounts", _answer(asked.accounts)),
        Route("/internal/trial-balance", _answer(asked.trial_balance)),
        Route("/internal/entries", _answer(asked.entries)),
        Route("/internal/pledges/{pledge}", _answer(asked.pledge)),
    ]


class Questions:
    """One method per route: reads the parameters, asks the books; `None` means unknown."""

    def __init__(self, books: Books) -> None:
        self._books = books

    async def cycle(self, request: Request) -> dict[str, Any] | None:
        """A month, in one city or in all of them."""
        return await self._books.cycle(request.path_params["month"], request.query_params.get("city"))

    async def remittances(self, request: Request) -> dict[str, Any] | None:
        """A page of remittances."""
        query, limit = request.query_params, _limit(request)
        found = await self._books.remittances(
            query.get("month"), query.get("payer"), query.get("city"), query.get("after", ""), limit
        )
        return answers.page(found, limit, lambda one: str(one["id"]))

    async def remittance(self, request: Request) -> dict[str, Any] | None:
        """One remittance."""
        return await self._books.remittance(request.path_params["remittance"])

    async def by_pay_code(self, request: Request) -> dict[str, Any] | None:
        """The remittance with a pay code."""
        return await self._books.by_pay_code(request.path_params["code"])

    async def lines(self, request: Request) -> dict[str, Any] | None:
        """A page of a remittance's worker-months, by default as they stand now."""
        remittance, limit = request.path_params["remittance"], _limit(request)
        bill, _, worker = request.query_params.get("after", "0/").partition("/")
        found = await self._books.lines(remittance, (_whole(bill, "after"), worker), limit, _instant(request))
        if found is None:
            return None
        next_page = answers.page(found, limit, lambda line: f"{line['bill_seq']}/{line['worker']}")
        for line in found:
            del line["bill_seq"]
        return next_page

    async def accounts(self, request: Request) -> dict[str, Any] | None:
        """A page of accounts with their balances."""
        limit = _limit(request)
        found = await self._books.accounts(request.query_params.get("after", ""), limit)
        return answers.page(found, limit, lambda one: str(one["account"]))

    async def trial_balance(self, request: Request) -> dict[str, Any] | None:
        """All balances and their sum, which is zero; as of a day, and as far as was on record at an instant."""
        return await self._books.trial_balance(_day(request, "as_of"), _instant(request))

    async def entries(self, request: Request) -> dict[str, Any] | None:
        """A page of the journal, of one pledge or worker or of all."""
        query, limit = request.query_params, _limit(request)
        shard, _, seq = query.get("after", "-1/0").partition("/")
        after = (_whole(shard, "after"), _whole(seq, "after"))
        found = await self._books.entries(after, query.get("pledge"), _worker(request), limit)
        return answers.page(found, limit, lambda entry: str(entry["position"]).removeprefix("ledger/"))

    async def pledge(self, request: Request) -> dict[str, Any] | None:
        """A pledge's months and books."""
        return await self._books.pledge(request.path_params["pledge"])


def _answer(question: Any) -> Any:
    async def endpoint(request: Request) -> Response:
        try:
            body = await question(request)
        except BadQuery as error:
            return _json({"code": "query.invalid", "detail": str(error)}, 400)
        return _json({"code": "not_found"}, 404) if body is None else _json(body)

    return endpoint


def _json(body: object, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")


def _limit(request: Request) -> int:
    return min(PAGE_MAX, max(1, _whole(request.query_params.get("limit", str(PAGE_DEFAULT)), "limit")))


def _whole(text: str, name: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise BadQuery(name) from error


def _worker(request: Request) -> UUID | None:
    text = request.query_params.get("worker")
    if not text:
        return None
    if not _WORKER.fullmatch(text):
        raise BadQuery("worker")
    return UUID(bytes=ids.decode([text])[0])


def _day(request: Request, name: str) -> date | None:
    """A day, or the last day of a month."""
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        return months.last_day(text) if len(text) == len("2026-12") else date.fromisoformat(text)
    except ValueError as error:
        raise BadQuery(name) from error


def _instant(request: Request) -> datetime | None:
    text = request.query_params.get("recorded_by")
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadQuery("recorded_by") from error
    if at.tzinfo is None:
        raise BadQuery("recorded_by: an instant needs its time zone")
    return at
