"""Durable writes over HTTP: donors and pledges of the running stack, beside a floor measured in the same run.

Each 201 is a fact on disk; the end state is counted in the database. The share of the floor is the figure that matters:
machines differ, and the load generator, the database and the other services use the same cores.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import mean
from typing import Any, Final

import orjson

from services.ops.embedded.process import free_ports, port_taken
from services.ops.supervisor import Stack
from services.runtime.base.postgres import connect
from tests.bench.http import Connection, percentiles
from tests.bench.load import Plan

DONOR: Final = '{"kind":"person","name":"Warga NUMBER","language":"id"}'
PLEDGE: Final = (
    '{"donor":"DONOR","slots":5,"months":12,"starts":"START","scope":{"areas":["36.72.01"]},"payment":"direct",'
    '"reference":"NUMBER"}'
)


@dataclass(frozen=True)
class Load:
    """What a load did."""

    writes_per_s: int
    seconds: list[float]


async def measure(stack: Stack, starts: str, *, writes: int = 20_000) -> dict[str, Any]:
    """All figures of writes; the floor before and after, since machines change their speed within minutes."""
    port, key, database = stack.settings.http.gateway_port, stack.operator_key, stack.settings.database.admin_url
    assert database is not None
    url = database.get_secret_value()
    async with Connection(port, key) as connection:
        _, _, body = await connection.call("POST", "/v1/donors", orjson.loads(DONOR))
        pledge = PLEDGE.replace("DONOR", orjson.loads(body)["id"]).replace("START", starts)

    async def writing(path: str, body: str, table: str, connections: int) -> Load:
        plan = Plan(port=port, key=key, path=path, body=body, writes=writes, connections=connections, prefix="")
        before = await count(url, f"gateway.{table}")
        load = await run(plan.model_copy(update={"prefix": f"{table}-{connections}-{before}-"}))
        assert await count(url, f"gateway.{table}") == before + writes, f"{table}: a write is missing or double"
        await _settled(port, key)
        return load

    floors = [await floor(url, writes=writes)]
    donors = await writing("/v1/donors", DONOR, "donors", 64)
    floors.append(await floor(url, writes=writes))
    pledges = await writing("/v1/pledges", pledge, "pledges", 64)
    many = await writing("/v1/donors", DONOR, "donors", 512)
    base = mean(one.writes_per_s for one in floors)
    return {
        "http_floor_per_s_64": round(base),
        **_labelled("http_floor", floors[0], 64),
        "http_writes_per_s_64": donors.writes_per_s,
        **_labelled("http_writes", donors, 64),
        "http_share_of_floor": round(donors.writes_per_s / base, 3),
        "http_pledges_per_s_64": pledges.writes_per_s,
        **_labelled("http_pledges", pledges, 64),
        "http_writes_per_s_512": many.writes_per_s,
        **_labelled("http_writes", many, 512),
    }


def _labelled(name: str, load: Load, connections: int) -> dict[str, float]:
    return {f"{key}_{connections}": value for key, value in percentiles(name, load.seconds).items()}


async def run(plan: Plan) -> Load:
    """Run a load in a process of its own."""
    process = await create_subprocess_exec(sys.executable, "-m", "tests.bench.load", stdin=PIPE, stdout=PIPE)
    output, _ = await process.communicate(plan.model_dump_json().encode())
    assert process.returncode == 0, output[-1_000:]
    total, seconds = orjson.loads(output)
    assert len(seconds) == plan.writes
    return Load(round(plan.writes / total), seconds)


async def floor(url: str, *, writes: int, connections: int = 64) -> Load:
    """The floor, beside the idle stack."""
    async with _floor_server(url) as port:
        load = await run(
            Plan(port=port, key="", path="/v1/donors", body=DONOR, writes=writes, connections=connections, prefix="f")
        )
    assert await count(url, "public.http_floor") == writes
    await _drop(url)
    return load


@asynccontextmanager
async def _floor_server(url: str) -> AsyncIterator[int]:
    port = free_ports("http_floor", 1)[0]
    process: Process = await create_subprocess_exec(sys.executable, "-m", "tests.bench.http_floor", str(port), url)
    try:
        async with asyncio.timeout(20):
            while not port_taken(port):
                await asyncio.sleep(0.05)
        yield port
    finally:
        process.terminate()
        await process.wait()


async def count(url: str, table: str) -> int:
    """How many rows a table has; each has a key of its own, so none is there twice."""
    connection = await connect(url)
    try:
        return int(await connection.fetchval(f"select count(*) from {table}"))
    finally:
        await connection.close()


async def _drop(url: str) -> None:
    connection = await connect(url)
    try:
        await connection.execute("drop table public.http_floor")
    finally:
        await connection.close()


async def _settled(port: int, key: str) -> None:
    """Wait until the other services have caught up."""
    async with Connection(port, key) as connection, asyncio.timeout(120):
        while not orjson.loads((await connection.call("GET", "/v1/health"))[2])["settled"]:
            await asyncio.sleep(0.2)
