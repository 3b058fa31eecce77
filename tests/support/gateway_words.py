"""Words that tests of the gateway speak: donors, pledges and workers by HTTP, and what other services answer."""

from datetime import UTC, datetime, time
from itertools import count
from typing import Any

import httpx

from schemas.facts.ledger import (
    ConfirmedLine,
    CycleBilled,
    CycleClosed,
    CycleCloseRefused,
    IuranConfirmed,
    RemittancePrepared,
    WorkerLapsed,
)
from schemas.facts.matcher import EndedLine, MadeLine, MatchesEnded, MatchesMade, PledgeOpened
from services.runtime.base import ids
from tests.support.gateway import DAY, Twin

CITY = "36.72"
KELURAHAN = "36.72.01.1001"
_numbers = count(1)


def donor_body(**changes: Any) -> dict[str, Any]:
    """A good donor, with some fields changed."""
    return {"kind": "company", "name": "PT Baja", "language": "id"} | changes


def pledge_body(donor: str, **changes: Any) -> dict[str, Any]:
    """A good pledge, with some fields changed."""
    return {"donor": donor, "slots": 2, "months": 12, "starts": "2026-12", "scope": {"areas": ["36.72.01"]}} | changes


def worker_body(number: int | None = None, **changes: Any) -> dict[str, Any]:
    """A good worker with a NIK of her own; the same number is the same person."""
    serial = next(_numbers) if number is None else number
    return {
        "nik": f"367201410190{serial:04d}",
        "name": f"Siti {serial}",
        "born": "1990-01-01",
        "sex": "f",
        "area": KELURAHAN,
        "occupation": "pedagang",
        "consent": {"given_at": "2026-11-20T01:00:00Z", "by": "rt"},
    } | changes


async def donor(gw: Twin, **changes: Any) -> str:
    """Register a donor. Returns the id."""
    return str(good(await gw.client.post("/v1/donors", json=donor_body(**changes)), 201)["id"])


async def pledge(gw: Twin, of: str, **changes: Any) -> str:
    """Register a pledge. Returns the id."""
    return str(good(await gw.client.post("/v1/pledges", json=pledge_body(of, **changes)), 201)["id"])


async def worker(gw: Twin, **changes: Any) -> str:
    """Register a worker. Returns the id."""
    return str(good(await gw.client.post("/v1/workers", json=worker_body(**changes)), 201)["id"])


async def key(gw: Twin, role: str, **more: Any) -> httpx.AsyncClient:
    """A client with a key of a role."""
    made = good(await gw.client.post("/v1/keys", json={"role": role, **more}), 201)
    return gw.caller(made["key"])


def good(response: httpx.Response, status: int = 200) -> dict[str, Any]:
    """The body of a good answer."""
    assert response.status_code == status, (response.status_code, response.text)
    body: dict[str, Any] = response.json()
    return body


def refused(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem of a refusal, which must be one of RFC 9457 with our code."""
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert (response.status_code, problem["status"], problem["code"]) == (status, status, code), response.text
    assert {"type", "title", "detail", "instance"} <= problem.keys()
    return problem


def places(problem: dict[str, Any]) -> list[tuple[str, str]]:
    """Where a body was wrong, and how."""
    return [(error["pointer"], error["code"]) for error in problem["errors"]]


def new(prefix: str) -> str:
    """An unknown id."""
    at = datetime.combine(DAY, time(2), UTC)
    return ids.derived(prefix, at, f"test {next(_numbers)}")


def opened(name: str, of: str, slots: int = 2) -> PledgeOpened:
    """The matcher takes a pledge up."""
    return PledgeOpened(
        pledge=name, donor=of, donor_kind="company", language="id", city=CITY, slots=slots, starts="2026-12",
        until="2027-11", payment="direct", programmes=("jkk", "jkm"), transport_only=False,
    )  # fmt: skip


def matched(name: str, who: str, match: str | None = None, from_month: str = "2026-12") -> MatchesMade:
    """The matcher assigns a slot to a worker."""
    line = MadeLine(
        workers=(who,), matches=(match or new("mat"),), occupation="pedagang", from_month=from_month, until="2027-11",
        reason="new",
    )  # fmt: skip
    return MatchesMade(pledge=name, lines=(line,), workers=1)


def unmatched(made: MatchesMade, last_month: str, reason: Any = "moved") -> MatchesEnded:
    """The matcher ends matches."""
    lines = [
        EndedLine(workers=line.workers, matches=line.matches, last_month=last_month, reason=reason)
        for line in made.lines
    ]
    return MatchesEnded(pledge=made.pledge, lines=tuple(lines), workers=made.workers)


def prepared(name: str, of: str, pledges: tuple[str, ...], idr: int = 16_800) -> RemittancePrepared:
    """The ledger reports a remittance."""
    return RemittancePrepared(
        remittance=name, donor=of, language="id", city=CITY, month="2026-12", payment="direct", pledges=pledges,
        workers=2, total_idr=idr, pay_code="123456789012", due_on=DAY.replace(day=30),
    )  # fmt: skip


def confirmed(remittance: str, of: str, name: str, who: str, month: str = "2026-12", spell: int = 1) -> IuranConfirmed:
    """The ledger reports that BPJS confirmed a worker's month."""
    line = ConfirmedLine(workers=(who,), pledge=name, idr=8_400, spell_months=spell, covered_until=month)
    return IuranConfirmed(
        remittance=remittance, receipt=new("rcp"), donor=of, month=month, lines=(line,), workers=1, total_idr=8_400
    )


def lapsed(who: str, month: str, covered_until: str) -> WorkerLapsed:
    """The ledger reports a month without cover."""
    return WorkerLapsed(worker=who, month=month, covered_until=covered_until)


def billed(month: str = "2026-12") -> CycleBilled:
    """The ledger reports that a month is billed."""
    return CycleBilled(city=CITY, month=month, worker_months=2, idr=16_800)


def closed(month: str = "2026-12") -> CycleClosed:
    """The ledger reports that a month is closed."""
    return CycleClosed(city=CITY, month=month, confirmed=2, rejected=0, unpaid=0, confirmed_idr=16_800)


def not_closed(month: str = "2026-12") -> CycleCloseRefused:
    """The ledger reports that a month cannot be closed yet."""
    return CycleCloseRefused(city=CITY, month=month, code="cycle.open_exceptions", exceptions=1)
