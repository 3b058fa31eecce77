"""The notifier's answers to the gateway: which notices there are and how they stand, and the mailbox in words.

Promises that a name leaves this place masked only. Must not change anything.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, cast

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schemas.base import BASE32
from schemas.envelope import instant
from services.notifier.domain.catalogue import CATALOGUE
from services.notifier.outbound.contacts import Contact, Contacts, masked
from services.notifier.outbound.render import render
from services.runtime.base.postgres import Pool, Queries, Row

if TYPE_CHECKING:
    from schemas.facts.gateway import Language

_SQL = Queries(__package__, "questions.sql")
LIMIT_DEFAULT: Final = 50
LIMIT_MAX: Final = 500
_STATES: Final = ("owed", "delayed", "failed", "sent", "suppressed")


class _BadQuestion(ValueError):
    """A question that cannot be answered as it stands."""


def routes(pool: Pool, contacts: Contacts) -> list[Route]:
    """`/internal/notices` and `/internal/mailbox`."""

    async def notices(request: Request) -> Response:
        try:
            state, limit = _choice(request, "state", _STATES), _limit(request)
            recipient, after = _id(request, "recipient", "(wrk|don)"), _id(request, "after", "ntc")
        except _BadQuestion as error:
            return _json({"code": "question.invalid", "detail": str(error)}, 422)
        rows = await pool.fetch(_SQL["notices"], recipient, state, after, limit + 1)
        return _page([_notice(row) for row in rows], limit)

    async def mailbox(request: Request) -> Response:
        try:
            language, limit = _choice(request, "language", ("id", "en")), _limit(request)
            after = _id(request, "after", "ntc")
        except _BadQuestion as error:
            return _json({"code": "question.invalid", "detail": str(error)}, 422)
        rows = await pool.fetch(_SQL["mailbox"], after, limit + 1)
        known = await contacts.of([row["recipient"] for row in rows]) if rows else {}
        return _page([_mail(row, language, known.get(row["recipient"])) for row in rows], limit)

    return [Route("/internal/notices", notices), Route("/internal/mailbox", mailbox)]


def _notice(row: Row) -> dict[str, object]:
    return {
        "id": row["notice"],
        "key": row["key"],
        "recipient": row["recipient"],
        "template": row["template"],
        "language": row["language"],
        "params": orjson.loads(row["params"]),
        "requested_at": instant(row["requested_at"]),
        "not_before": instant(row["not_before"]),
        "state": row["state"],
        "code": row["code"],
        "deliveries": [_delivery(one) for one in orjson.loads(row["deliveries"])],
    }


def _delivery(one: dict[str, str | None]) -> dict[str, str | None]:
    return one | {name: instant(datetime.fromisoformat(text)) for name in ("at", "retry_at") if (text := one[name])}


def _mail(row: Row, asked: str | None, contact: Contact | None) -> dict[str, object]:
    language = cast("Language", asked or row["language"])
    name = masked(contact.name) if contact else ""
    message = render(row["template"], orjson.loads(row["params"]), language=language, name=name)
    return {
        "id": row["notice"],
        "at": instant(row["at"]),
        "recipient": row["recipient"],
        "audience": CATALOGUE[row["template"]].audience,
        "name": name,
        "template": row["template"],
        "language": language,
        "subject": message.subject,
        "text": message.text,
    }


def _choice(request: Request, name: str, allowed: Sequence[str]) -> str | None:
    value = request.query_params.get(name)
    if value is not None and value not in allowed:
        raise _BadQuestion(f"{name} is one of {', '.join(allowed)}")
    return value


def _id(request: Request, name: str, prefix: str) -> str | None:
    value = request.query_params.get(name)
    if value is not None and not re.fullmatch(f"{prefix}_{BASE32}", value):
        raise _BadQuestion(f"{name} is an id")
    return value


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", str(LIMIT_DEFAULT))
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= LIMIT_MAX):
        raise _BadQuestion(f"limit is a number from 1 to {LIMIT_MAX}")
    return int(text)


def _page(items: list[dict[str, object]], limit: int) -> Response:
    """A page of a list: one row more than asked for was read, to know whether there is a next page."""
    shown = items[:limit]
    return _json({"items": shown, "next": shown[-1]["id"] if len(items) > limit else None})


def _json(body: object, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
