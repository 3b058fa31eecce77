"""How fast a list of workers becomes people on record: HTTP, parsing, validation, sealing, facts, report, whole.

The whole stack runs, so the other services read the new workers on the same cores at the same time. The clock stops
when the import says that it is done; then the end state is checked: everybody in the log once, in the vault once.
"""

import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

from services.ops.supervisor import Stack, Wanted
from services.runtime.base.postgres import Connection, connect
from tests.support.files import as_csv, person

TIMEOUT_S = 300
WORKERS = 100_000


async def measure(stack: Stack, *, workers: int = WORKERS) -> dict[str, float | bool]:
    """Workers a second of one file, and whether the end state was right."""
    data = as_csv(person(number) for number in range(workers))
    headers = {"Authorization": f"Bearer {stack.operator_key}"}
    async with httpx.AsyncClient(base_url=stack.url, headers=headers, timeout=60) as client:
        begun = time.perf_counter()
        answer = await client.post("/v1/imports/workers", content=data)
        answer.raise_for_status()
        taken = time.perf_counter() - begun
        status = await _done(client, answer.json()["id"])
        seconds = time.perf_counter() - begun
    database = await connect(stack.settings.database.admin_url.get_secret_value())  # type: ignore[union-attr]
    checked = await _checked(database, status, workers)
    await database.close()
    return {
        "import_workers_per_s": round(workers / seconds),
        "import_s": round(seconds, 2),
        "import_upload_s": round(taken, 2),
        "checked": checked,
    }


async def _done(client: httpx.AsyncClient, import_id: str) -> Mapping[str, object]:
    async with asyncio.timeout(TIMEOUT_S):
        while True:
            status: Mapping[str, object] = (await client.get(f"/v1/imports/{import_id}")).json()
            if status["status"] == "done":
                return status
            await asyncio.sleep(0.05)


async def _checked(database: Connection, status: Mapping[str, object], workers: int) -> bool:
    """Each row accepted, each worker registered once and once in the vault, and nobody else."""
    counts = [
        await database.fetchval("SELECT count(*) FROM gateway.facts WHERE kind = 'worker.registered'"),
        await database.fetchval("SELECT count(DISTINCT stream) FROM gateway.facts WHERE kind = 'worker.registered'"),
        await database.fetchval("SELECT count(*) FROM vault.persons"),
        await database.fetchval("SELECT count(*) FROM vault.lookups"),
        status["accepted"],
    ]
    return counts == [workers] * 5


async def main(workers: int) -> None:
    """Measure on a stack of its own and print the figures as JSON."""
    folder = Path(tempfile.mkdtemp(prefix="sekul-bench-"))
    try:
        async with Stack(Wanted(folder, port=0)) as stack:
            print(json.dumps(await measure(stack, workers=workers)))  # noqa: T201
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else WORKERS))
