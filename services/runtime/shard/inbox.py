"""Sorts what comes from Kafka: the next fact of a source, an old one, one from beyond a hole, or no fact of it at all.

Promises rule 5 of the design: one number per source and shard; `cursor + 1` is applied, what is not newer is skipped,
and what lies beyond a hole is never applied. A record that carries the next number but does not continue the hash
chain of its log is foreign: it is put aside and the real fact is still waited for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from schemas.base import Fact, kind_of
from schemas.envelope import Envelope, chain_hash, parse
from schemas.facts.gateway import RedriveRequested
from schemas.logs import Log
from services.runtime.base.clock import Clock
from services.runtime.contract import Received
from services.runtime.eventlog.store import Cursor
from services.runtime.shard.dead_letters import DeadLetter


@dataclass(slots=True)
class RawRecord:
    """A record as it came from Kafka; not frozen, as an envelope is not."""

    source: str
    offset: int
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


@dataclass(slots=True)
class SortedRecords:
    """What a batch of records amounts to. `ahead` holds, per source, the highest number seen beyond a hole."""

    received: list[Received] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    cursors: dict[str, Cursor] = field(default_factory=dict)
    ahead: dict[str, int] = field(default_factory=dict)


class Inbox:
    """Sorts the records of one shard for one reader, who hears only of the kinds that he heeds (None: of all)."""

    def __init__(
        self, by: str, shard: int, sources: Iterable[Log], clock: Clock, heeds: Iterable[type[Fact]] | None = None
    ) -> None:
        # an operator's wish is the runtime's own affair, whatever a service heeds
        self._heeds = None if heeds is None else {kind_of(RedriveRequested), *map(kind_of, heeds)}
        self._clock = clock
        self._by = by
        self._shard = shard
        self._sources: Mapping[str, Log] = {log.owner: log for log in sources}

    def sort(self, records: Iterable[RawRecord], cursors: Mapping[str, Cursor]) -> SortedRecords:
        """Sort records in their order, starting from the given cursors, which are not changed."""
        result = SortedRecords()
        for raw in records:
            cursor = result.cursors.get(raw.source) or cursors.get(raw.source) or Cursor()
            try:
                envelope = parse(dict(raw.headers))
            except (ValueError, UnicodeDecodeError) as error:
                result.letters.append(self._foreign(raw, "envelope.unreadable", str(error)))
                continue
            if envelope.service != raw.source or envelope.shard != self._shard:
                result.letters.append(
                    self._foreign(raw, "envelope.misplaced", f"{envelope.position} is not of this topic")
                )
            elif envelope.seq <= cursor.seq:
                continue
            elif envelope.seq > cursor.seq + 1:
                result.ahead[raw.source] = max(envelope.seq, result.ahead.get(raw.source, 0))
            elif envelope.chain != chain_hash(cursor.chain, envelope, raw.value):
                detail = f"{envelope.position} does not continue the log of {raw.source}"
                result.letters.append(self._foreign(raw, "chain.broken", detail))
            else:
                result.cursors[raw.source] = Cursor(envelope.seq, envelope.chain, raw.offset)
                if self._heeds is None or envelope.kind in self._heeds:
                    self._accept(raw, envelope, result)
        return result

    def _accept(self, raw: RawRecord, envelope: Envelope, result: SortedRecords) -> None:
        try:
            received = self.received(envelope, raw.value)
        except ValueError as error:
            dead = DeadLetter(envelope, raw.value, "fact.unreadable", brief(error), "dead", raw.offset)
            result.letters.append(dead)
        else:
            result.received.append(received)

    def received(self, envelope: Envelope, body: bytes) -> Received:
        """Decode a fact. Raises `ValueError` when this reader cannot read it."""
        fact = self._sources[envelope.service].codec.decode(body, kind=envelope.kind, version=envelope.version)
        return Received(envelope, body, fact, self._by)

    def _foreign(self, raw: RawRecord, code: str, detail: str) -> DeadLetter:
        stream = (raw.key or b"").decode("utf-8", "replace").replace("\0", "")[:200]
        envelope = Envelope(raw.source, self._shard, 0, stream, "", 0, self._clock.now(), "", "", "")
        return DeadLetter(envelope, raw.value, code, detail.replace("\0", "")[:400], "foreign", raw.offset)


def brief(error: Exception) -> str:
    """An error in at most 400 characters and without the input that pydantic would quote: it may hold anything."""
    details = getattr(error, "errors", None)
    if details is None:
        return f"{type(error).__name__}: {error}"[:400]
    found = (f"{'/'.join(map(str, e['loc']))}: {e['msg']}" for e in details(include_input=False, include_url=False))
    return "; ".join(found)[:400]
