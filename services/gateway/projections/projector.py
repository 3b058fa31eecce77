"""The gateway's projector: which tables there are, and which source fills them.

Promises that each table, or each column of `cycles`, is written by one source alone: the tables come out the same
however the sources interleave. Must not read one source's rows to write another's.
"""

from collections.abc import Sequence

from services.gateway.projections import dead_letters, ledger, matcher, own
from services.runtime.base.postgres import Connection
from services.runtime.contract import Received, Recorded


class GatewayProjector:
    """See the module."""

    tables: tuple[str, ...] = (
        "donors",
        "pledges",
        "workers",
        "pledge_matching",
        "matches",
        "covered_months",
        "worker_cover",
        "remittances",
        "cycles",
        "all_dead_letters",
    )

    async def project(self, tx: Connection, recorded: Sequence[Recorded]) -> None:
        """Fold the gateway's own facts."""
        await own.project(tx, recorded)
        if recorded:
            facts = ((one.fact, one.at) for one in recorded)
            await dead_letters.fold(tx, "gateway", recorded[0].shard, facts)

    async def receive(self, tx: Connection, received: Sequence[Received]) -> None:
        """Fold the other services' facts, source by source."""
        sources: dict[str, list[Received]] = {}
        for one in received:
            sources.setdefault(one.source, []).append(one)
        if facts := sources.get("matcher"):
            await matcher.receive(tx, facts)
        if facts := sources.get("ledger"):
            await ledger.receive(tx, facts)
        for source, facts in sources.items():
            await dead_letters.fold(tx, source, facts[0].shard, ((one.fact, one.at) for one in facts))
