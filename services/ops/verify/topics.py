"""The law that every topic carries its log: a reader that goes by sequence numbers, as services do, gets every fact.

Bytes, keys and headers are those of the log, and each number first appears after the one before it. Facts that are
published twice must be identical; foreign records are counted, because every client of Kafka can write one.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from schemas.envelope import Envelope, parse
from schemas.logs import CATALOGUE, ServiceName
from services.ops.store import Store
from services.ops.verify.finding import Finding, Law
from services.runtime.base.postgres import Row
from services.runtime.kafka.reading import Reader, Record

#: how often and at what interval the end of a topic is awaited
_TRIES: Final = 24
_WAIT_S: Final = 0.25


class Topics:
    """Compares all topics with all logs."""

    def __init__(self, store: Store, reader: Reader) -> None:
        self._store = store
        self._reader = reader
        self.law = Law("topics")
        self._twice = self._foreign = self._gone = 0

    async def check(self) -> Finding:
        """Read all topics; returns the finding."""
        for service in CATALOGUE:
            for shard in await self._store.shards(service):
                await self._shard(service, shard)
        if self._twice:
            self.law.notes.append(f"{self._twice:,} published more than once")
        if self._foreign:
            self.law.notes.append(f"{self._foreign:,} foreign records skipped")
        if self._gone:
            self.law.notes.append(f"{self._gone:,} are older than Kafka's retention")
        return self.law.finding(f"{self.law.counted:,} facts on their topics as in their logs")

    async def _shard(self, service: ServiceName, shard: int) -> None:
        head = await self._store.one(service, "head", shard)
        one = _Partition(self._store, service, shard, head["seq"] if head else 0)
        offset, topic = 0, CATALOGUE[service].topic
        for _ in range(_TRIES):
            async for chunk in self._reader.read(topic, shard, offset=offset):
                await one.see(chunk)
                offset = chunk[-1].offset + 1
            if one.next > one.until:
                break
            await asyncio.sleep(_WAIT_S)
        self.law.counted += one.matched
        self._twice += one.twice
        self._foreign += one.foreign
        self._gone += one.gone
        if one.next <= one.until:
            self.law.breach(f"{service}/{shard}/{one.next} is not on the topic, the log goes to {one.until}")
        for wrong in one.wrong:
            self.law.breach(wrong)


class _Partition:
    """Compares one partition with its log while it is read."""

    def __init__(self, store: Store, service: ServiceName, shard: int, until: int) -> None:
        self._store, self._service, self._shard = store, service, shard
        self.until, self.next = until, 1
        self.matched = self.twice = self.foreign = self.gone = 0
        self.wrong: list[str] = []

    async def see(self, records: Sequence[Record]) -> None:
        """Compare a chunk of records with the facts that they name."""
        named = [(record, _envelope(record, self._service, self._shard)) for record in records]
        seqs = [envelope.seq for _, envelope in named if envelope is not None and envelope.seq <= self.until]
        if self.matched == 0 and records[0].offset > 0 and seqs and not self.twice:
            self.gone, self.next = seqs[0] - 1, seqs[0]
        rows = await self._store.some(self._service, "some", self._shard, seqs)
        facts = {row["seq"]: row for row in rows}
        for record, envelope in named:
            self._one(record, envelope, facts)

    def _one(self, record: Record, envelope: Envelope | None, facts: dict[int, Row]) -> None:
        if envelope is not None and envelope.seq > self.until:
            return
        row = facts.get(envelope.seq) if envelope is not None else None
        if row is None or envelope is None or row["chain"] != envelope.chain or bytes(row["body"]) != record.value:
            self.foreign += 1
            return
        if (
            record.key != row["stream"].encode()
            or list(record.headers) != Envelope.of_row(self._service, row).headers()
        ):
            self.wrong.append(f"{envelope.position} at offset {record.offset}: another key or headers than its fact")
        if envelope.seq == self.next:
            self.next += 1
            self.matched += 1
        else:
            # beyond a gap that is filled later, where readers pass again, or already seen
            self.twice += 1


def _envelope(record: Record, service: ServiceName, shard: int) -> Envelope | None:
    try:
        found = parse(dict(record.headers))
    except (ValueError, UnicodeDecodeError):
        return None
    return found if (found.service, found.shard) == (service, shard) else None
