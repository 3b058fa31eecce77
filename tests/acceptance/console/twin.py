"""A twin of the public API with the Cilegon of a story: enough for the console to show all of its pages.

Deterministic. It answers in the forms of the contract and keeps what a redrive asked for.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from schemas.reference import cilegon_map, regions
from tests.acceptance.console.story import (
    DEAD_LETTERS,
    DONOR_ID,
    EXPLANATION,
    HEALTH,
    IDLE,
    MAIL,
    PLEDGE,
    SHARES,
    TODAY,
    TRIAL_BALANCE,
    WORKER,
    cloud_event,
    events,
    timeline,
)

OPERATOR: Final = "key_operator"
AUDITOR: Final = "key_auditor"
DONOR: Final = "key_donor"
ROLES: Final = {OPERATOR: "operator", AUDITOR: "auditor", DONOR: "donor"}


@dataclass
class Twin:
    """The state of the story; tests may change it."""

    app: Starlette = field(init=False)
    redriven: list[tuple[str, str]] = field(default_factory=list)
    today: str = TODAY
    away: set[str] = field(default_factory=set)
    listeners: list[asyncio.Queue[str]] = field(default_factory=list)
    happened: list[dict[str, Any]] = field(default_factory=list)
    streamed: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make the application."""
        answers = {
            "/v1/clock": lambda _: {"day": self.today, "clock": "virtual", "now": f"{self.today}T02:00:05Z"},
            "/v1/keys/me": lambda request: {"id": "key_x", "role": ROLES[_key(request)], "donor": None, "areas": []},
            "/v1/coverage": _coverage,
            "/v1/cycles/{month}": _cycle,
            "/v1/events": self._latest,
            "/v1/pledges/{id}": _pledge,
            "/v1/pledges/{id}/timeline": lambda _: {"items": timeline(), "next": None},
            "/v1/workers/{id}": _worker,
            "/v1/workers/{id}/explain": lambda _: EXPLANATION,
            "/v1/pledges/{id}/explain": lambda _: IDLE,
            "/v1/health": lambda _: {"services": HEALTH},
            "/v1/deadletters": self._dead_letters,
            "/v1/mailbox": _mailbox,
            "/v1/ledger/trial-balance": lambda _: TRIAL_BALANCE,
        }
        self.app = Starlette(
            routes=[
                Route("/v1/events/stream", self._stream),
                Route("/v1/deadletters/redrive", self._redrive, methods=["POST"]),
                *(Route(path, self._answer(path, answer)) for path, answer in answers.items()),
            ]
        )

    def happens(self, kind: str, data: dict[str, Any], *, seq: int, service: str = "gateway") -> None:
        """Send a fact to every client of the stream."""
        body = json.dumps(cloud_event(kind, data, seq=seq, service=service))
        for listener in self.listeners:
            listener.put_nowait(f"event: fact\nid: {seq}\ndata: {body}\n\n")

    def skips(self, count: int) -> None:
        """Let the stream report skipped facts."""
        for listener in self.listeners:
            listener.put_nowait(f'event: skipped\ndata: {{"skipped": {count}}}\n\n')

    def _answer(self, path: str, answer: Any) -> Any:
        async def endpoint(request: Request) -> Response:
            if _key(request) not in ROLES:
                return problem(401, "key.unknown")
            if path in self.away:
                return problem(503, "ledger.away")
            found = answer(request)
            return problem(404, "unknown") if found is None else JSONResponse(found)

        return endpoint

    async def _stream(self, request: Request) -> Response:
        if _key(request) not in ROLES:
            return problem(401, "key.unknown")
        self.streamed.append(dict(request.query_params))
        queue: asyncio.Queue[str] = asyncio.Queue()
        self.listeners.append(queue)

        async def facts() -> AsyncIterator[str]:
            yield ": hello\n\n"
            while True:
                yield await queue.get()

        return StreamingResponse(facts(), media_type="text/event-stream")

    def _latest(self, _request: Request) -> dict[str, Any]:
        return {"items": [*self.happened[::-1], *events()[::-1]], "next": None}

    def _dead_letters(self, _request: Request) -> dict[str, Any]:
        return {"items": [it for it in DEAD_LETTERS if (it["service"], it["about"]) not in self.redriven], "next": None}

    async def _redrive(self, request: Request) -> Response:
        if ROLES.get(_key(request)) != "operator":
            return problem(403, "role.missing")
        asked = await request.json()
        self.redriven.append((asked["service"], asked["about"]))
        return JSONResponse({}, status_code=202)


def problem(status: int, code: str) -> Response:
    """An error in the form of RFC 9457."""
    return JSONResponse({"code": code, "detail": code}, status_code=status, media_type="application/problem+json")


def _key(request: Request) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ")


def _coverage(request: Request) -> dict[str, Any]:
    late = request.query_params.get("month", "2027-02") > "2027-02"
    areas = []
    for at, shape in enumerate(cilegon_map.KELURAHAN):
        workers = 28 + at * 37 % 41
        share = max(4, min(100, SHARES[shape.code[6:8]] + at * 53 % 31 - 15))
        covered = 0 if late else workers * share // 100
        matched = min(workers, covered + 3 + at % 5)
        areas.append({"area": shape.code, "workers": workers, "matched": matched, "covered": covered})
    if request.query_params["level"] == "kecamatan":
        areas = [_together(shape.code, areas) for shape in cilegon_map.KECAMATAN]
    return {"areas": [{**it, "name": regions.name(str(it["area"])), "share": 0.5, "target": 0.8} for it in areas]}


def _together(code: str, areas: list[dict[str, Any]]) -> dict[str, Any]:
    inside = [it for it in areas if it["area"].startswith(code)]
    return {"area": code, **{name: sum(it[name] for it in inside) for name in ("workers", "matched", "covered")}}


def _cycle(request: Request) -> dict[str, Any] | None:
    month = request.path_params["month"]
    counts = {
        "2026-11": (1204, 0, 0, 18, 6, "closed"),
        "2026-12": (1287, 0, 0, 22, 11, "closed"),
        "2027-01": (1296, 38, 12, 9, 0, "confirmed"),
        "2027-02": (1204, 96, 141, 0, 0, "billed"),
    }.get(month)
    if counts is None:
        return None
    confirmed, awaiting, due, rejected, unpaid, state = counts
    states = {"confirmed": confirmed, "awaiting": awaiting, "due": due, "rejected": rejected, "unpaid": unpaid}
    price = 8_400 if month < "2027-01" else 16_800
    months = {"billed": sum(states.values()), **states}
    idr = {name: count * price for name, count in months.items()}
    exceptions = [{"code": "not_answered", "worker_months": awaiting}, {"code": "not_paid", "worker_months": due}]
    return {"month": month, "state": state, "worker_months": months, "idr": idr, "exceptions": exceptions}


def _pledge(request: Request) -> dict[str, Any] | None:
    if request.path_params["id"] != PLEDGE:
        return None
    states = (("2026-12", "confirmed", 34 * 8_400), ("2027-01", "confirmed", 34 * 16_800), ("2027-02", "paid", 571_200))
    return {
        "id": PLEDGE,
        "donor": DONOR_ID,
        "status": "open",
        "slots": 35,
        "filled": 34,
        "starts": "2026-12",
        "until": "2027-11",
        "payment": "direct",
        "scope": {"areas": ["36.72.04", "36.72.08"], "occupations": ["nelayan", "buruh_pelabuhan"]},
        "months": [{"month": month, "state": state, "idr": idr, "workers": 34} for month, state, idr in states],
        "city": cilegon_map.CITY,
        "term_months": 12,
        "programmes": ["jkk", "jkm"],
        "keep": False,
        "amount_idr": None,
        "reference": None,
        "cancelled_from": None,
        "refusal": None,
        "quote": {"total_idr": 6_652_800, "months": [], "notes": []},
        "balances": None,
        "incomplete": [],
    }


def _worker(request: Request) -> dict[str, Any] | None:
    if request.path_params["id"] != WORKER:
        return None
    assert request.query_params["personal"] == "false", "the console must not look at persons"
    return {
        "id": WORKER,
        "status": "covered",
        "area": "36.72.04.1003",
        "occupation": "nelayan",
        "pledge": PLEDGE,
        "matched_until": "2027-11",
        "covered_until": "2027-02",
        "spell_months": 3,
        "ended_reason": None,
    }


def _mailbox(request: Request) -> dict[str, Any]:
    wanted = request.query_params.get("language")
    return {"items": [it for it in MAIL if wanted in (None, it["language"])], "next": None}
