"""How fast the whole chain is, all services on one machine: imports, a pledge's way to its match, durable writes.

Measured over the public API of a running stack; each figure checks its end state.
"""

import asyncio
import time
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from schemas.logs import CATALOGUE
from services.ops.supervisor import Stack, Wanted
from tests.bench import imports, writes
from tests.bench.http import Connection, percentiles

KELURAHAN = [f"36.72.{kecamatan:02d}.100{number}" for kecamatan in range(1, 9) for number in range(1, 5)]
#: limits of the edge that a load test must not run into
ENVIRONMENT = {"SEKUL_HTTP__REQUESTS_PER_MINUTE": "10000000", "SEKUL_SHARDS": "4"}


async def measure(data: Path, *, workers: int = 100_000, pledges: int = 300) -> dict[str, Any]:
    """All figures of the chain."""
    async with Stack(Wanted(data, port=0, clock="virtual", env=ENVIRONMENT)) as stack:
        port, key = stack.settings.http.gateway_port, stack.operator_key
        found: dict[str, Any] = await imports.measure(stack, workers=workers)
        async with Connection(port, key) as connection:
            await _settled(connection)
            found |= await _pledge_to_match(connection, pledges)
        found |= await writes.measure(stack, _next_month())
        found["memory_mb"] = {name: _resident_mb(stack.pid(name)) for name in (*CATALOGUE, "kafka")}
    return found


async def _settled(connection: Connection) -> None:
    """Wait until every service has applied all facts."""
    while not orjson.loads((await connection.call("GET", "/v1/health"))[2])["settled"]:
        await asyncio.sleep(0.1)


async def _pledge_to_match(connection: Connection, pledges: int) -> dict[str, Any]:
    """From the 201 of a pledge to an answer that shows its slots filled, one pledge at a time: light load."""
    _, _, body = await connection.call("POST", "/v1/donors", {"kind": "company", "name": "PT Contoh", "language": "id"})
    donor = orjson.loads(body)["id"]
    seconds = []
    for number in range(pledges):
        scope = {"areas": [KELURAHAN[number % len(KELURAHAN)]]}
        pledge = {
            "donor": donor,
            "slots": 5,
            "months": 12,
            "starts": _next_month(),
            "scope": scope,
            "payment": "direct",
        }
        status, headers, body = await connection.call("POST", "/v1/pledges", pledge)
        accepted = time.perf_counter()
        assert status == 201, body
        path, after = f"/v1/pledges/{orjson.loads(body)['id']}", headers["sekul-position"]
        _, _, body = await connection.call("GET", path, Sekul_After=after)
        seconds.append(time.perf_counter() - accepted)
        assert orjson.loads(body)["filled"] == 5, body
    return percentiles("pledge_to_match", seconds)


def _next_month() -> str:
    today = date.fromordinal(int(time.time()) // 86_400 + date(1970, 1, 1).toordinal())  # noqa: TID251 -- a label
    return f"{today.year + today.month // 12}-{today.month % 12 + 1:02d}"


def _resident_mb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return round(int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024)
