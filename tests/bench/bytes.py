"""How many bytes of tables and indexes a worker-month takes, over all services, after a demonstration.

`python -m tests.bench.bytes FOLDER` prints the tables of a demonstration that has ended; `FOLDER` holds its `postgres`.
"""

import asyncio
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from schemas.logs import CATALOGUE
from services.ops.embedded.postgres import Postgres
from services.runtime.base.postgres import Queries, connect

_SQL: Final = Queries("tests.bench", "bytes.sql")
_SCHEMAS: Final = (*CATALOGUE, "vault")


@dataclass(frozen=True)
class Size:
    """A table's size with all that belongs to it, and the part of its indexes."""

    service: str
    name: str
    bytes: int
    index_bytes: int


@dataclass(frozen=True)
class Sizes:
    """All tables, largest first. `checked`: the tables know exactly the worker-months that the log has billed."""

    tables: tuple[Size, ...]
    worker_months: int
    checked: bool

    def figures(self) -> dict[str, Any]:
        """The figures of `bench.json`."""
        services: Counter[str] = Counter()
        for table in self.tables:
            services[table.service] += table.bytes
        return {
            "bytes_per_worker_month": round(services.total() / self.worker_months),
            "bytes_per_worker_month_by_service": {s: round(b / self.worker_months) for s, b in services.items()},
            "checked": self.checked,
        }

    def shown(self) -> Table:
        """A line per table."""
        title = f"{self.worker_months:,} worker-months"
        shown = Table("service", "table", "kB", "of it indexes", "bytes per worker-month", title=title)
        for one in self.tables:
            shown.add_row(
                one.service,
                one.name,
                f"{one.bytes // 1024:,}",
                f"{one.index_bytes // 1024:,}",
                f"{one.bytes / self.worker_months:,.0f}",
            )
        return shown


async def measure(folder: Path) -> Sizes:
    """The sizes that a demonstration has left in its folder; its server is started and stopped for it."""
    server = Postgres(folder / "postgres")
    await server.start()
    try:
        connection = await connect(server.url())
        try:
            rows = await connection.fetch(_SQL["tables"], list(_SCHEMAS))
            billed = await connection.fetchval(_SQL["billed"])
            recorded = await connection.fetchval(_SQL["recorded"])
        finally:
            await connection.close()
    finally:
        await server.stop()
    return Sizes(tuple(Size(**row) for row in rows), billed, checked=billed == recorded > 0)


def main() -> None:
    """Measure and print."""
    sizes = asyncio.run(measure(Path(sys.argv[1])))
    console = Console(file=sys.stdout)
    console.print(sizes.shown())
    console.print(sizes.figures())


if __name__ == "__main__":
    main()
