"""A twin of the public API with the Cilegon of a story: enough for the console to show all of its pages.

Deterministic. It answers in the forms of the contract and keeps what a redrive asked for.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from schemas.reference import cilegon_map, regions

OPERATOR: Final = "key_operator"
AUDITOR: Final = "key_auditor"
DONOR: Final = "key_donor"
ROLES: Final = {OPERATOR: "operator", AUDITOR: "auditor", DONOR: "donor"}
TODAY: Final = "2027-02-18"
AT: Final = datetime(2027, 2, 18, 2, 0, 5, tzinfo=UTC)
PLEDGE: Final = "plg_01kcx3v8a7f2mth4q9z6r1wdne"
WORKER: Final = "wrk_01kcx3tq5sbe8v7m2h0n4y6jpa"
DONOR_ID: Final = "don_01kcx3s0pz9c4w6t8x2r7m5kvq"
REMITTANCE: Final = "rem_01kcx40b7yq3n8d5s1e9t2xkma"
SHARES: Final = {"01": 74, "02": 88, "03": 63, "04": 81, "05": 47, "06": 92, "07": 58, "08": 36}


def pseudo_id(prefix: str, number: int) -> str:
    """An id of the right form that belongs to a number."""
    digits = "0123456789abcdefghjkmnpqrstvwxyz"
    mixed = number * 2654435761 + 97
    return f"{prefix}_01kcx3" + "".join(digits[mixed >> shift & 31] for shift in range(0, 40, 2))


@dataclass
class Twin:
    """The state of the story; tests may change it."""

    app: Starlette = field(init=False)
    redriven: list[tuple[str, str]] = field(default_factory=list)
    away: set[str] = field(default_factory=set)
    listeners: list[asyncio.Queue[str]] = field(default_factory=list)
    streamed: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make the application."""
        answers = {
            "/v1/clock": lambda _: {"day": TODAY, "mode": "virtual"},
            "/v1/keys/me": lambda request: {"role": ROLES[_key(request)]},
            "/v1/coverage": _coverage,
            "/v1/cycles/{month}": _cycle,
            "/v1/events": lambda _: {"items": events()[::-1], "next": None},
            "/v1/pledges/{id}": _pledge,
            "/v1/pledges/{id}/timeline": lambda _: {"items": timeline(), "next": None},
            "/v1/workers/{id}": _worker,
            "/v1/workers/{id}/explain": lambda _: EXPLANATION,
            "/v1/health": lambda _: {"services": HEALTH},
            "/v1/deadletters": self._letters,
            "/v1/mailbox": _mailbox,
            "/v1/ledger/trial-balance": lambda _: {"accounts": BALANCES, "sum_idr": 0},
        }
        self.app = Starlette(
            routes=[
                Route("/v1/events/stream", self._stream),
                Route("/v1/deadletters/redrive", self._redrive, methods=["POST"]),
                *(Route(path, self._answer(path, answer)) for path, answer in answers.items()),
            ]
        )

    def happens(self, kind: str, data: dict[str, Any], *, seq: int, service: str = "gateway") -> None:
        """Let a fact reach everybody who listens to the stream."""
        told = json.dumps(cloud_event(kind, data, seq=seq, service=service))
        for listener in self.listeners:
            listener.put_nowait(f"id: {service}/3/{seq}\ndata: {told}\n\n")

    def skips(self, count: int) -> None:
        """Let the stream say that it left facts out."""
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

        async def told() -> AsyncIterator[str]:
            yield ": hello\n\n"
            while True:
                yield await queue.get()

        return StreamingResponse(told(), media_type="text/event-stream")

    def _letters(self, _request: Request) -> dict[str, Any]:
        return {"items": [it for it in LETTERS if (it["service"], it["about"]) not in self.redriven], "next": None}

    async def _redrive(self, request: Request) -> Response:
        if ROLES.get(_key(request)) != "operator":
            return problem(403, "role.missing")
        asked = await request.json()
        self.redriven.append((asked["service"], asked["about"]))
        return JSONResponse({}, status_code=202)


def problem(status: int, code: str) -> Response:
    """An error in the form of RFC 9457."""
    return JSONResponse({"code": code, "detail": code}, status_code=status, media_type="application/problem+json")


def cloud_event(kind: str, data: dict[str, Any], *, seq: int, service: str, cause: str = "", minutes: int = 0) -> Any:
    """A fact as the API tells it."""
    return {
        "specversion": "1.0",
        "id": f"{service}/3/{seq}",
        "source": f"/sekul/{service}/3",
        "type": f"sekul.{kind}.v1",
        "time": (AT + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z"),
        "subject": data.get("pledge", data.get("worker", "36.72")),
        "sekulcause": cause,
        "data": {"kind": kind, **data},
    }


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
    return {"areas": [{**it, "name": regions.name(it["area"]), "share": 0.5, "target": 0.8} for it in areas]}


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
    confirmed, paid, due, rejected, unpaid, state = counts
    states = {"confirmed": confirmed, "paid": paid, "due": due, "rejected": rejected, "unpaid": unpaid}
    price = 8_400 if month < "2027-01" else 16_800
    months = {"billed": sum(states.values()), **states}
    idr = {name: count * price for name, count in months.items()}
    return {"month": month, "state": state, "worker_months": months, "idr": idr, "exceptions": [{}] * (paid + due)}


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
    }


def _worker(request: Request) -> dict[str, Any] | None:
    if request.path_params["id"] != WORKER:
        return None
    return {
        "id": WORKER,
        "status": "covered",
        "area": "36.72.04.1003",
        "pledge": PLEDGE,
        "covered_until": "2027-02",
        "spell_months": 3,
    }


def _mailbox(request: Request) -> dict[str, Any]:
    wanted = request.query_params.get("language")
    return {"items": [it for it in MAIL if wanted in (None, it["language"])], "next": None}


def timeline() -> list[Any]:
    """The facts of the pledge, from its promise to the notice."""
    donor = {"donor": DONOR_ID, "donor_kind": "company", "language": "id"}
    registered = {"pledge": PLEDGE, **donor, "slots": 35, "months": 12, "starts": "2026-12"}
    match = {"pledge": PLEDGE, "from_month": "2026-12", "until": "2027-11", "reason": "new"}
    lines = [{"worker": pseudo_id("wrk", n), "idr": 16_800} for n in range(34)]
    return [
        cloud_event("pledge.registered", registered, seq=41, service="gateway", cause="command"),
        cloud_event(
            "pledge.opened",
            {"pledge": PLEDGE, "slots": 35, "starts": "2026-12", "until": "2027-11"},
            seq=77,
            service="matcher",
            cause="gateway/3/41",
        ),
        *(
            cloud_event(
                "match.made",
                {**match, "worker": WORKER if n == 0 else pseudo_id("wrk", n)},
                seq=78 + n,
                service="matcher",
                cause="gateway/3/41",
            )
            for n in range(34)
        ),
        cloud_event(
            "entry.posted", {"pledge": PLEDGE, "what": "promised"}, seq=120, service="ledger", cause="matcher/3/77"
        ),
        cloud_event(
            "notice.requested",
            {"recipient": DONOR_ID, "template": "pledge_accepted"},
            seq=9,
            service="notifier",
            cause="matcher/3/77",
        ),
        cloud_event(
            "bill.issued",
            {"pledge": PLEDGE, "month": "2027-01", "lines": lines, "total_idr": 571_200},
            seq=190,
            service="ledger",
            cause="matcher/3/160",
            minutes=1440 * 2,
        ),
        cloud_event(
            "payment.reported",
            {"remittance": REMITTANCE, "amount_idr": 571_200, "paid_on": "2027-02-20"},
            seq=90,
            service="gateway",
            cause="command",
            minutes=1440 * 2 + 95,
        ),
        cloud_event(
            "iuran.confirmed",
            {"remittance": REMITTANCE, "month": "2027-01", "lines": lines},
            seq=214,
            service="ledger",
            cause="gateway/3/92",
            minutes=1440 * 4,
        ),
        cloud_event(
            "notice.sent",
            {"recipient": WORKER, "channel": "mailbox"},
            seq=77,
            service="notifier",
            cause="command",
            minutes=1440 * 4 + 1,
        ),
    ]


def events() -> list[Any]:
    """The latest facts of all services, oldest first."""
    told = timeline()[:8]
    for n in range(9):
        told.append(
            cloud_event(
                "worker.registered",
                {"worker": pseudo_id("wrk", 50 + n), "occupation": "pedagang", "area": f"36.72.0{n % 8 + 1}.1001"},
                seq=100 + n,
                service="gateway",
                minutes=1,
            )
        )
    return told


EXPLANATION: Final = {
    "status": "covered",
    "why": [
        {"code": "scope.fits", "detail": "Janji ini melindungi nelayan di Ciwandan, dan pekerja ini salah satunya."},
        {"code": "band.first", "detail": "Desil 1 sampai 4 didahulukan."},
    ],
    "change": None,
}
HEALTH: Final = [
    {
        "service": service,
        "live": True,
        "ready": service != "notifier",
        "owned": 16 if service != "notifier" else 12,
        "shards": 16,
        "head": head,
        "lag": lag,
        "progress_at": "2027-02-18T02:00:05Z",
    }
    for service, head, lag in (
        ("gateway", 18_214, {"matcher": 0, "ledger": 0, "notifier": 3}),
        ("matcher", 9_330, {"gateway": 0, "ledger": 0}),
        ("ledger", 12_871, {"gateway": 0, "matcher": 0}),
        ("notifier", 7_402, {"gateway": 0, "matcher": 0, "ledger": 1_482}),
    )
]
LETTERS: Final = [
    {
        "service": "ledger",
        "about": REMITTANCE,
        "source": "gateway",
        "source_seq": 912 + n,
        "shard": 3,
        "code": "receipt.foreign_month",
        "detail": "The receipt names 2027-04, and the remittance is of 2027-01.",
        "at": "2027-02-17T04:12:00Z",
        "waiting": 1,
    }
    for n in range(2)
]
MAIL: Final = [
    {
        "notice": pseudo_id("ntc", 1),
        "recipient": WORKER,
        "name": "S••• R•••••",
        "template": "covered",
        "subject": "Anda terlindungi untuk Januari 2027",
        "text": "Iuran BPJS Ketenagakerjaan Anda untuk Januari 2027 (Rp16.800) sudah dikonfirmasi.\n\nAnda terlindungi "
        "sampai Januari 2027, tiga bulan berturut-turut. Anda tidak perlu membayar apa pun.",
        "language": "id",
        "state": "sent",
        "channel": "mailbox",
        "at": "2027-02-18T02:01:00Z",
    },
    {
        "notice": pseudo_id("ntc", 2),
        "recipient": DONOR_ID,
        "name": "P• K••••••• P•••",
        "template": "summary",
        "subject": "Laporan Januari 2027: 34 pekerja terlindungi",
        "text": "Janji Anda di Kota Cilegon melindungi 34 pekerja pada Januari 2027.\n\nTerkonfirmasi: Rp571.200\n"
        "Ditolak BPJS: 0\n\nTerima kasih atas kepedulian Anda.",
        "language": "id",
        "state": "sent",
        "channel": "mailbox",
        "at": "2027-02-18T02:01:00Z",
    },
    {
        "notice": pseudo_id("ntc", 3),
        "recipient": pseudo_id("don", 7),
        "name": "J••• S••••",
        "template": "bill_due",
        "subject": "Your iuran for February 2027 is due",
        "text": "Please pay Rp16,800 for 1 worker to BPJS Ketenagakerjaan by 15 March 2027.\n\nPay code: 270218 004 117",
        "language": "en",
        "state": "sent",
        "channel": "mailbox",
        "at": "2027-02-18T02:00:30Z",
    },
]
BALANCES: Final = [
    {"account": f"donor:{DONOR_ID}:promises", "idr": -6_652_800},
    {"account": f"pledge:{PLEDGE}:promised", "idr": 201_600},
    {"account": f"pledge:{PLEDGE}:held", "idr": 5_023_200},
    {"account": f"pledge:{PLEDGE}:due", "idr": 0},
    {"account": f"pledge:{PLEDGE}:remitted", "idr": 571_200},
    {"account": f"pledge:{PLEDGE}:confirmed", "idr": 856_800},
]
