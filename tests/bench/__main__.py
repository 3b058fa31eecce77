"""`make bench`: measures everything on this machine, writes `bench.json`, prints a table.

The stages are told as shares of a floor measured in the same run, since machines differ and are noisy.
"""

import asyncio
import importlib.metadata
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

import orjson
import uvloop
from rich.console import Console
from rich.table import Table

from services.ops.embedded.kafka import Kafka
from services.ops.embedded.postgres import Postgres
from services.runtime.postgres import connect
from tests.bench import chain, floor, ledger, matcher, stages
from tests.support import toys
from tests.support.kafka import drop_topics
from tests.support.postgres import fresh_database

FACTS = 100_000


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
        found["floor"] = await floor.measure(kafka.servers, url, facts=FACTS)
        for name, make in (("matcher", stages.matcher_stage), ("ledger", stages.ledger_stage)):
            await drop_topics(kafka.servers)
            settings = toys.settings(kafka.servers, await fresh_database(postgres), data, shards=1)
            stage = await stages.measure(make(settings, FACTS), settings)
            share = round(stage["facts_per_s"] / found["floor"]["facts_per_s"], 3)
            found[name] = {"stage_share_of_floor": share} | {f"stage_{key}": value for key, value in stage.items()}
        found["ledger"] |= await ledger.measure(await fresh_database(postgres))
        return found
    finally:
        await kafka.stop()
        await postgres.stop()


async def everything() -> dict[str, Any]:
    """All figures."""
    with tempfile.TemporaryDirectory(prefix="sekul-bench-") as folder:
        found = await servers_bench(Path(folder))
    with tempfile.TemporaryDirectory(prefix="sekul-bench-") as folder:
        found["chain"] = await chain.measure(Path(folder))
    for key in ("http_writes_per_s_64", "http_writes_64_p50_ms", "http_writes_64_p99_ms", "http_writes_64_p999_ms"):
        found["ledger"][key.replace("_64_p", "_p").replace("_ms", "_ms_64")] = found["chain"].pop(key)
    return found


def table(found: dict[str, Any]) -> Table:
    """The figures as a table, one line each."""
    shown = Table("part", "figure", "value", title="Gemet Sekul: measured on this machine")
    for part, figures in found.items():
        for name, value in figures.items():
            shown.add_row(part, name, f"{value:,}" if isinstance(value, int | float) else str(value))
        shown.add_section()
    return shown


def main() -> None:
    """Measure, write, print; the matcher's domain first, while nothing else runs."""
    domain = matcher.run()
    found = uvloop.run(everything())
    found["matcher"] |= {
        "cilegon_events_per_s": domain["events_per_s"],
        "cilegon_arrival_p999_ms": domain["arrival_p999_ms"],
        "cilegon_worst_ms": domain["worst_ms"],
        "takeover_s": round(domain["load_ms"] / 1000, 3),
    } | {f"cilegon_{key}": value for key, value in domain.items() if key not in {"events_per_s", "worst_ms"}}
    found["matcher"]["resolve_ortools_events_per_s"] = domain["resolve_ortools_events_per_s"]
    Path("bench.json").write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    Console(file=sys.stdout).print(table(found))


if __name__ == "__main__":
    main()
