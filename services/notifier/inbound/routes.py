"""The notifier's answers to the gateway: which notices there are and how they stand, and the mailbox in words.

Promises that a name leaves this service masked only. Must not change anything.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID

import orjson
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from schemas.base import BASE32
from schemas.envelope import instant
from services.notifier.domain.identity import text_of, uuid_of
from services.notifier.outbound.contacts import Contact, Contacts, masked
from services.notifier.outbound.render import render
from services.notifier.outbound.requests import Request, requests
from services.runtime.base.postgres import Pool, Queries, Row

if TYPE_CHECKING:
    from schemas.languages import Language

_SQL = Queries(__package__, "queries.sql")
LIMIT_DEFAULT: Final = 50
LIMIT_MAX: Final = 500
_STATES: Final = ("owed", "delayed", "failed", "sent", "suppressed")


class _BadQuery(ValueError):
    """A query that cannot be answered as it stands."""


def routes(pool: Pool, contacts: Contacts) -> list[Route]:
    """`/internal/notices` and `/internal/mailbox`."""

    async def notices(request: HttpRequest) -> Response:
        try:
            state, limit = _choice(request, "state", _STATES), _limit(request)
            recipient, after = _id(request, "recipient", "(wrk|don)"), _id(request, "after", "ntc")
        except _BadQuery as error:
            return _json({"code": "query.invalid", "detail": str(error)}, 422)
        rows = await pool.fetch(_SQL["notices"], recipient, state, after, limit + 1)
        known = await requests(pool, [row["notice"] for row in rows])
        return _page([_notice(row, known[row["notice"]]) for row in rows], limit)

    async def mailbox(request: HttpRequest) -> Response:
        try:
            language, limit = _choice(request, "language", ("id", "en")), _limit(request)
            after = _id(request, "after", "ntc")
        except _BadQuery as error:
            return _json({"code": "query.invalid", "detail": str(error)}, 422)
        rows = await pool.fetch(_SQL["mailbox"], after, limit + 1)
        known = await requests(pool, [row["notice"] for row in rows])
        people = await contacts.of([one.recipient for one in known.values()]) if rows else {}
        mails = [(row, known[row["notice"]]) for row in rows]
        return _page([_mail(row, one, language, people.get(one.recipient)) for row, one in mails], limit)

    return [Route("/internal/notices", notices), Route("/internal/mailbox", mailbox)]


def _notice(row: Row, request: Request) -> dict[str, object]:
    return {
        "id": text_of(row["notice"]),
        "key": request.key,
        "recipient": request.recipient,
        "template": request.template.name,
        "language": request.language,
        "params": request.params,
        "requested_at": instant(request.requested_at),
        "not_before": instant(request.not_before),
        "state": row["state"],
        "code": row["code"],
        "deliveries": _deliveries(row),
    }


def _deliveries(row: Row) -> list[dict[str, object]]:
    """How each target stands, by channel."""
    found = [_delivery(one) for one in orjson.loads(row["deliveries"])]
    if row["mailbox_at"] is not None:
        found.append(
            {
                "channel": "mailbox",
                "webhook": None,
                "state": "sent",
                "attempt": 1,
                "code": None,
                "at": instant(row["mailbox_at"]),
                "retry_at": None,
            }
        )
    return sorted(found, key=lambda one: (str(one["channel"]), str(one["webhook"])))


def _delivery(one: dict[str, Any]) -> dict[str, object]:
    return one | {name: instant(datetime.fromisoformat(text)) for name in ("at", "retry_at") if (text := one[name])}


def _mail(row: Row, request: Request, asked: str | None, contact: Contact | None) -> dict[str, object]:
    language = cast("Language", asked or row["language"] or request.language)
    name = masked(contact.name) if contact else ""
    message = render(request.template.name, request.params, language=language, name=name)
    return {
        "id": text_of(row["notice"]),
        "at": instant(row["at"]),
        "recipient": request.recipient,
        "audience": request.template.audience,
        "name": name,
        "template": request.template.name,
        "language": language,
        "subject": message.subject,
        "text": message.text,
    }


def _choice(request: HttpRequest, name: str, allowed: Sequence[str]) -> str | None:
    value = request.query_params.get(name)
    if value is not None and value not in allowed:
        raise _BadQuery(f"{name} is one of {', '.join(allowed)}")
    return value


def _id(request: HttpRequest, name: str, prefix: str) -> UUID | None:
    value = request.query_params.get(name)
    if value is None:
        return None
    if not re.fullmatch(f"{prefix}_{BASE32}", value):
        raise _BadQuery(f"{name} is an id")
    return uuid_of(value)


def _limit(request: HttpRequest) -> int:
    text = request.query_params.get("limit", str(LIMIT_DEFAULT))
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= LIMIT_MAX):
        raise _BadQuery(f"limit is a number from 1 to {LIMIT_MAX}")
    return int(text)


def _page(items: list[dict[str, object]], limit: int) -> Response:
    """A page of a list: one row more than asked for was read, to know whether there is a next page."""
    shown = items[:limit]
    return _json({"items": shown, "next": shown[-1]["id"] if len(items) > limit else None})


def _json(body: object, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
