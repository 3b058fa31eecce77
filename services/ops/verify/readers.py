"""The law that no cursor is beyond the head of its source, and each is on its hash chain.

Dead letters and lag are counted; neither breaks a law.
"""

from typing import Final

from schemas.envelope import GENESIS
from schemas.logs import CATALOGUE, ServiceName, sources_of
from services.ops.store import Store
from services.ops.verify.finding import Finding, Law
from services.runtime.base.postgres import Queries, Row

SQL: Final = Queries("services.ops.verify", "readers.sql")


async def cursors(store: Store) -> Finding:
    """Check every cursor against the head and the hash chain of its source."""
    law, behind = Law("cursors"), 0
    for reader in CATALOGUE:
        known = {(row["source"], row["shard"]): row for row in await store.some(reader, "cursors")}
        for source in (log.owner for log in sources_of(reader)):
            for shard in await store.shards(source):
                law.counted += 1
                head = await store.one(source, "head", shard)
                behind += await _cursor(store, law, reader, source, known.get((source, shard)), head, shard)
    words = "all at the heads of their sources" if not behind else f"{behind:,} facts are still to be applied"
    return law.finding(f"{law.counted} cursors on the chains of their sources, {words}")


async def _cursor(
    store: Store, law: Law, reader: ServiceName, source: ServiceName, row: Row | None, head: Row | None, shard: int
) -> int:
    """Check one; returns how far it is behind."""
    has, wants = row["seq"] if row else 0, head["seq"] if head else 0
    place = f"{reader}<{source}/{shard}"
    if has > wants:
        law.breach(f"{place}: has read {has} of {wants} facts")
        return 0
    chain = await store.connection.fetchval(SQL["chain"].format(schema=source), shard, has) if has else GENESIS
    if row is not None and row["chain"] != chain:
        law.breach(f"{place}: is on another hash chain than the log at {has}")
    return int(wants - has)


async def inbox(store: Store) -> Finding:
    """Compare the gateway's copy of other logs with those logs."""
    law = Law("inbox")
    for row in await store.some("gateway", "cursors"):
        source: ServiceName = row["source"]
        law.counted += row["seq"]
        statement = SQL["inbox_differs"].format(schema=source)
        for found in await store.connection.fetch(statement, row["shard"], source, row["seq"]):
            law.breach(f"the gateway's copy of {source}/{row['shard']}/{found['seq']} differs from the log")
    return law.finding(f"the gateway's copy of {law.counted:,} facts equals their logs")


async def dead_letters(store: Store) -> Finding:
    """Count dead letters and foreign records."""
    waiting = [
        f"{service} has {row['number']} {row['state']}, such as {row['example']}"
        for service in CATALOGUE
        for row in await store.some(service, "dead_letters")
    ]
    if not waiting:
        return Finding("deadletters", "holds", "no dead letters, no foreign records")
    return Finding("deadletters", "look", "; ".join(waiting) + "; see `sekul deadletters list`")
