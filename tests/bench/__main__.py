"""`make bench`: measures everything on this machine, writes `bench.json`, prints a table.

The stages are reported as shares of a floor measured in the same run, since machines differ and are noisy.
"""

import asyncio
import importlib.metadata
import platform
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from operator import itemgetter
from pathlib import Path
from statistics import mean
from typing import Any, Final

import orjson
import uvloop
from rich.console import Console
from rich.table import Table

from services.ops.doctor import running
from services.ops.embedded.kafka import Kafka
from services.ops.embedded.postgres import Postgres
from services.runtime.base.postgres import connect
from tests.bench import billing, chain, demo, floor, ledger, matcher, recovery, stages
from tests.support import toys
from tests.support.kafka import drop_topics
from tests.support.postgres import fresh_database

FACTS = 100_000
SETUP: Final = {
    "floor": "one process reads, appends in one transaction and publishes batches of 4,000 facts of 300 bytes",
    "chain": "four services, Kafka and PostgreSQL on this machine; light load is one pledge at a time; recovery: from "
    "kill -9 of a part to the next match, median and worst of five",
    "matcher": "stage: one shard, one process; of five facts one is answered, four pass by (answered: each is). "
    "cilegon: the domain alone, 176,000 workers, 2,000 pledges; stress: a million workers, 5,000 pledges",
    "ledger": "stage: one shard, one process; of three facts one is answered, two pass by (answered: each is). "
    "bill: 100,000 worker-months in process; bill_kafka: 200,000, from Kafka to Kafka; "
    "http: donors and pledges registered over 64 and 512 connections to the whole stack, "
    "beside a floor of uvicorn, pydantic and one COPY per shared commit",
}


async def machine(url: str) -> dict[str, Any]:
    """What it was measured on."""
    cpu, memory_kb = await asyncio.to_thread(_hardware)
    connection = await connect(url)
    try:
        shown = {name: await connection.fetchval(f"show {name}") for name in ("synchronous_commit", "fsync")}
        version = await connection.fetchval("show server_version")
    finally:
        await connection.close()
    return {
        "cpu": cpu[0],
        "cores": len(cpu),
        "memory_gb": round(memory_kb / 2**20),
        "kafka": "4.3.1",
        "postgresql": version,
        "python": platform.python_version(),
        "hot_path": running(),
        "faststream": importlib.metadata.version("faststream"),
        **shown,
    }


def _hardware() -> tuple[list[str], int]:
    """The name of each core's model, and the memory in kB."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return models, int(Path("/proc/meminfo").read_text(encoding="utf-8").split()[1])


async def servers_bench(data: Path) -> dict[str, Any]:
    """What needs servers but no services of their own: floor, stages, the ledger's tables."""
    kafka, postgres = Kafka(data / "kafka"), Postgres(data / "postgres")
    await kafka.start()
    await postgres.start()
    try:
        url = await fresh_database(postgres)
        found: dict[str, Any] = {"machine": await machine(url)}
        floors = [await floor.measure(kafka.servers, url, facts=FACTS)]

        async def stage(make: Callable[..., stages.Stage], passing: int, name: str) -> dict[str, Any]:
            """A stage between two floors: machines change their speed within minutes."""
            await drop_topics(kafka.servers)
            settings = toys.settings(kafka.servers, await fresh_database(postgres), data, shards=1)
            figures = await stages.measure(make(settings, FACTS, passing=passing), settings)
            floors.append(await floor.measure(kafka.servers, url, facts=FACTS))
            around = mean(one["facts_per_s"] for one in floors[-2:])
            share = round(figures["facts_per_s"] / around, 3)
            return {f"{name}_share_of_floor": share} | {f"{name}_{key}": value for key, value in figures.items()}

        found["matcher"] = await stage(stages.matcher_stage, stages.MATCHER_PASSES, "stage")
        found["matcher"] |= await stage(stages.matcher_stage, 0, "answered")
        found["ledger"] = await stage(stages.ledger_stage, stages.LEDGER_PASSES, "stage")
        found["ledger"] |= await stage(stages.ledger_stage, 0, "answered")
        found["floor"] = sorted(floors, key=itemgetter("facts_per_s"))[len(floors) // 2]
        found["ledger"] |= await ledger.measure(await fresh_database(postgres))
        await drop_topics(kafka.servers)
        settings = toys.settings(kafka.servers, await fresh_database(postgres), data, shards=1)
        through_kafka = await billing.measure(settings)
        checked = found["ledger"]["checked"] and through_kafka["checked"]
        share = through_kafka["bill_kafka_worker_months_per_s"] / found["ledger"]["copy_rows_per_s"]
        found["ledger"] |= through_kafka | {"bill_kafka_share_of_copy": round(share, 3), "checked": checked}
        return found
    finally:
        await kafka.stop()
        await postgres.stop()


async def everything() -> dict[str, Any]:
    """All figures that need servers."""
    with tempfile.TemporaryDirectory(prefix="sekul-bench-") as folder:
        found = await servers_bench(Path(folder))
    with tempfile.TemporaryDirectory(prefix="sekul-bench-") as folder:
        found["chain"] = await chain.measure(Path(folder))
    with tempfile.TemporaryDirectory(prefix="sekul-bench-") as folder:
        played = await demo.measure(Path(folder))
    with tempfile.TemporaryDirectory(prefix="sekul-bench-") as folder:
        found["chain"] |= await recovery.measure(Path(folder))
    found["chain"] |= played | {"checked": found["chain"]["checked"] and played["checked"]}
    for key in [key for key in found["chain"] if key.startswith("http_")]:
        found["ledger"][key] = found["chain"].pop(key)
    return found


def domain(size: matcher.Size) -> dict[str, Any]:
    """The matcher's domain alone, in a process of its own, so that its memory is its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
        return alone.submit(matcher.run, size).result()


def table(found: dict[str, Any]) -> Table:
    """The figures as a table, one line each."""
    shown = Table("part", "figure", "value", title="Gemet Sekul: measured on this machine")
    for part, figures in found.items():
        if part in SETUP:
            shown.add_row(part, "set-up", SETUP[part])
        for name, value in figures.items():
            shown.add_row(part, name, f"{value:,}" if isinstance(value, int | float) else str(value))
        shown.add_section()
    return shown


def main() -> None:
    """Measure, write, print; the matcher's domain first, while nothing else runs."""
    cilegon, stress = domain(matcher.Size()), domain(matcher.STRESS)
    found = uvloop.run(everything())
    found["matcher"] |= {
        "takeover_s": round(cilegon.pop("load_ms") / 1000, 3),
        "resolve_ortools_events_per_s": cilegon.pop("resolve_ortools_events_per_s"),
    }
    found["matcher"] |= {f"cilegon_{key}": value for key, value in cilegon.items()}
    found["matcher"] |= {f"stress_{key}": value for key, value in stress.items()}
    Path("bench.json").write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    Console(file=sys.stdout).print(table(found))


if __name__ == "__main__":
    main()
