"""Divides a portion among the shards that its rows belong to.

Promises the same division each time a file is read, also when what a pay code stands for has changed in between: what
was found first is kept. Rows that are refused already belong to the import's home shard.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from services.gateway.imports.cell_reader import ReportLine, RowError, refused
from services.gateway.imports.command import RoutedReceiptRow, RowRequest, WorkerRow
from services.gateway.imports.import_store import SQL, Import
from services.gateway.imports.pledges import PledgeRow
from services.gateway.imports.receipts import ReceiptRow
from services.gateway.imports.row_reader import Portion
from services.gateway.outbound.peers import Peers
from services.runtime.base.errors import Refused
from services.runtime.base.postgres import Pool
from services.runtime.base.sharding import shard_of

#: How many names of one portion the ledger is asked about; the read models know all but the newest.
_QUERIES_MAX: Final = 20


@dataclass(slots=True)
class Part:
    """The rows of a chunk that belong to one shard."""

    requests: list[RowRequest] = field(default_factory=list)
    lines: list[ReportLine] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Named:
    """The remittance that a pay code or an id stands for."""

    remittance: str
    city: str
    month: str


class ShardRouter:
    """Divides the portions of one file."""

    def __init__(self, opened: Import, pool: Pool, peers: Peers, shards: int) -> None:
        self.home = shard_of(opened.id, shards)
        self._opened = opened
        self._pool = pool
        self._peers = peers
        self._shards = shards
        self._names: dict[str, Named | None] = {}

    async def parts(self, portion: Portion) -> dict[int, Part]:
        """A portion by shards."""
        await self._learn([request.remittance for request in portion.requests if isinstance(request, ReceiptRow)])
        parts: dict[int, Part] = defaultdict(Part)
        lines = list(portion.lines)
        for request in portion.requests:
            placed = self._place(request)
            if isinstance(placed, ReportLine):
                lines.append(placed)
            else:
                city, ready = placed
                parts[shard_of(city, self._shards)].requests.append(ready)
        if lines:
            parts[self.home].lines = lines
        return dict(parts)

    def _place(self, request: WorkerRow | PledgeRow | ReceiptRow) -> tuple[str, RowRequest] | ReportLine:
        match request:
            case WorkerRow():
                return request.city, request
            case PledgeRow():
                return request.terms.city, request
            case ReceiptRow():
                return self._entry(request)

    def _entry(self, row: ReceiptRow) -> tuple[str, RowRequest] | ReportLine:
        named = self._names[row.remittance]
        if named is None:
            error = RowError("pay_code", "remittance.unknown", "no remittance has this pay code or id")
            return refused(row.number, [error])
        if row.month is not None and row.month != named.month:
            error = RowError("month", "month.differs", f"the remittance is of {named.month}")
            return refused(row.number, [error])
        return named.city, RoutedReceiptRow(row, named.remittance, named.month)

    async def _learn(self, names: Sequence[str]) -> None:
        """Find out what names stand for, and keep it."""
        wanted = sorted(set(names) - self._names.keys())
        if not wanted:
            return
        kept = await self._kept(wanted)
        new = [name for name in wanted if name not in kept]
        if new:
            found = await self._find(new)
            columns = zip(*((name, *_columns(found.get(name))) for name in new), strict=True)
            await self._pool.execute(SQL["resolve"], self._opened.id, *map(list, columns))
            kept = await self._kept(wanted)
        self._names |= kept

    async def _kept(self, names: list[str]) -> dict[str, Named | None]:
        rows = await self._pool.fetch(SQL["resolved"], self._opened.id, names)
        return {
            row["name"]: Named(row["remittance"], row["city"], row["month"]) if row["remittance"] else None
            for row in rows
        }

    async def _find(self, names: list[str]) -> dict[str, Named]:
        found: dict[str, Named] = {}
        for row in await self._pool.fetch(SQL["remittances"], names):
            found[row["remittance"]] = found[row["pay_code"]] = Named(row["remittance"], row["city"], row["month"])
        for name in [name for name in names if name not in found][:_QUERIES_MAX]:
            path = (
                f"/internal/remittances/{name}"
                if name.startswith("rem_")
                else f"/internal/remittances/by-pay-code/{name}"
            )
            answer: dict[str, Any] | Refused = await self._peers.get("ledger", path, {}, self._opened.trace)
            if not isinstance(answer, Refused):
                found[name] = Named(answer["id"], answer["city"], answer["month"])
        return found


def _columns(named: Named | None) -> tuple[str | None, str | None, str | None]:
    return (named.remittance, named.city, named.month) if named else (None, None, None)
