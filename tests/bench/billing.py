"""How fast the ledger holds money for matches and bills rosters, from Kafka's topic to its own: the service as it runs.

A town's matches arrive first, then the rosters of a month; each phase begins with a full topic and ends when all facts
that answer it are published. Every figure checks the end state that it claims.
"""

from collections.abc import Iterable

from schemas.base import Fact
from schemas.logs import MATCHER
from services.ledger.app import service
from services.runtime.base.postgres import Queries, open_pool
from services.runtime.contract import Recorded
from services.settings import Settings
from tests.bench import stages
from tests.bench.http import percentiles
from tests.bench.ledger import MONTH, Town

SQL = Queries("tests.bench", "billing.sql")


async def measure(settings: Settings, *, workers: int = 200_000) -> dict[str, float | bool]:
    """Matches and worker-months a second, and what a batch takes."""
    town = Town(workers)
    held = await _phase(settings, [*town.opened(), *town.matched()])
    billed = await _phase(settings, [*town.rosters(MONTH), town.fixed(MONTH)], behind=held.last)
    async with open_pool(settings.database_url("ledger"), schema="ledger") as pool:
        row = await pool.fetchrow(SQL["billed"])
    assert row is not None
    held_ok = row["held"] == workers and row["balance"] == 0
    billed_ok = row["worker_months"] == row["prepared"] == workers and row["iuran_idr"] == row["billed_idr"]
    return {
        "matches_per_s": round(workers / held.seconds),
        "matches_cpu_us": round(held.busy / workers * 1e6, 2),
        "bill_kafka_worker_months_per_s": round(workers / billed.seconds),
        "bill_kafka_cpu_us": round(billed.busy / workers * 1e6, 2),
        **percentiles("bill_kafka_batch", billed.batches),
        "checked": held_ok and billed_ok and held.checked and billed.checked,
    }


async def _phase(settings: Settings, facts: Iterable[Fact], *, behind: Recorded | None = None) -> stages.Run:
    last = await stages.fill(settings, MATCHER, list(facts), behind=behind)
    return await stages.run(service(settings), settings, {"matcher": last})
