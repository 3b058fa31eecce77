"""The events of other logs that await the decider, one queue per source, and the order in which they are taken.

Promises rule 5 of the design: one cursor per source and shard; `cursor + 1` is applied, what is not newer is skipped,
what lies beyond a gap is never applied. A record with the next number that does not continue the hash chain of its log
is foreign: it is stored as a dead letter, and the real event is still awaited.

Promises rule 8, causal delivery: an event is taken only once the cursor of its cause's source has reached its cause,
within the same batch or before. Until then it stays at the front of its queue and holds up what follows in its own
source alone. That it waits is evidence that its cause exists, so the gap search looks for it (`ahead`).

No wait can last for ever. A queue is bounded and paused by itself, so a source that is waited for is always read on.
And sources cannot wait for each other in a circle: an event is committed after its cause and after all events before
it in its log, so of the events that wait, the one that was committed first waits for no other that waits.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from schemas.base import kind_of
from schemas.envelope import COMMAND, Envelope, Header, chain_hash, parse, parse_position
from schemas.logs import Log
from services.runtime.base.clock import Clock
from services.runtime.base.settings import Loop
from services.runtime.contract import Received, Service
from services.runtime.eventlog.store import Cursor, DeadLetter


@dataclass(slots=True)
class RawRecord:
    """A record as it came from Kafka. Not frozen, as an envelope is not; nothing changes it."""

    source: str
    offset: int
    key: bytes | None
    value: bytes
    headers: Sequence[Header]


@dataclass(slots=True)
class QueuedRecord:
    """A record whose headers have been read: into its envelope, or into what is wrong with them.

    The headers of the records in a queue would be hundreds of thousands of objects for the garbage collector to search.
    """

    source: str
    offset: int
    key: bytes | None
    value: bytes
    envelope: Envelope | None
    flaw: str = ""


def queued(raw: RawRecord) -> QueuedRecord:
    """Returns a record with its headers read."""
    try:
        return QueuedRecord(raw.source, raw.offset, raw.key, raw.value, parse(dict(raw.headers)))
    except (ValueError, UnicodeDecodeError) as error:
        return QueuedRecord(raw.source, raw.offset, raw.key, raw.value, None, str(error))


@dataclass(slots=True)
class SortedRecords:
    """What the next records amount to. `ahead` names, per source, the highest number known to exist but not applied."""

    records: list[QueuedRecord] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    dead: list[DeadLetter] = field(default_factory=list)
    cursors: dict[str, Cursor] = field(default_factory=dict)
    ahead: dict[str, int] = field(default_factory=dict)

    def exists(self, source: str, seq: int) -> None:
        """Note that an event exists."""
        self.ahead[source] = max(seq, self.ahead.get(source, 0))


class Inbox:
    """The queues of one shard for one service, which decides or projects some kinds of fact alone."""

    def __init__(self, service: Service, shard: int, sources: Sequence[Log], clock: Clock, loop: Loop) -> None:
        self._by = service.name
        self._shard = shard
        self._clock = clock
        self._handled = None if service.handles is None else frozenset(map(kind_of, service.handles))
        self._codecs = {log.owner: log.codec for log in sources}
        self._queues: dict[str, deque[QueuedRecord]] = {log.owner: deque() for log in sources}
        self._bytes = dict.fromkeys(self._queues, 0)
        #: the sources, in the order in which the next batch looks at them
        self._turns: deque[str] = deque(self._queues)
        self._batch_facts, self._batch_bytes = loop.batch_facts_max, loop.batch_bytes_max
        self._queue_facts = loop.queue_facts_max
        self._queue_bytes = loop.queue_bytes_max // max(1, len(self._queues))

    def __len__(self) -> int:
        """How many records wait."""
        return sum(map(len, self._queues.values()))

    def waiting(self, source: str) -> int:
        """How many records of a source wait."""
        return len(self._queues[source])

    def is_full(self, source: str, part: float = 1) -> bool:
        """Whether more than a part of what may wait of a source waits."""
        return len(self._queues[source]) > self._queue_facts * part or self._bytes[source] > self._queue_bytes * part

    def offer(self, records: Iterable[RawRecord]) -> None:
        """Queue records in the order of each topic."""
        for raw in records:
            self._queues[raw.source].append(queued(raw))
            self._bytes[raw.source] += len(raw.value)

    def put_back(self, records: Sequence[QueuedRecord]) -> None:
        """Return records that were taken to the front of their queues."""
        for one in reversed(records):
            self._queues[one.source].appendleft(one)
            self._bytes[one.source] += len(one.value)

    def clear(self) -> None:
        """Drop all records; the next owner reads them again from its cursors."""
        for source, queue in self._queues.items():
            queue.clear()
            self._bytes[source] = 0

    def take(self, cursors: Mapping[str, Cursor], limit: int | None = None) -> SortedRecords:
        """Take and sort the next records from the given cursors on, which are not changed: all sources in turn.

        Bounded by number and by bytes, since some facts have a thousand lines.
        """
        result = SortedRecords()
        most = limit or self._batch_facts
        left = self._batch_bytes
        self._turns.rotate(-1)
        taken = True
        while taken and left > 0 and len(result.records) < most:
            taken = False
            for source in self._turns:
                before = len(result.records)
                left = self._take_from(source, cursors, result, most, left)
                taken = taken or len(result.records) > before
        return result

    def _take_from(
        self, source: str, cursors: Mapping[str, Cursor], result: SortedRecords, most: int, left: int
    ) -> int:
        """Take from one source until its next record has to wait; returns how many bytes the batch has left."""
        queue, records = self._queues[source], result.records
        cursor = result.cursors.get(source) or cursors.get(source) or Cursor()
        known = COMMAND
        while queue and left > 0 and len(records) < most:
            one = queue[0]
            envelope = one.envelope
            if envelope is None:
                result.dead.append(self._foreign(one, "envelope.unreadable", one.flaw))
            elif envelope.service != source or envelope.shard != self._shard:
                detail = f"{envelope.position} is not of this topic"
                result.dead.append(self._foreign(one, "envelope.misplaced", detail))
            elif envelope.seq > cursor.seq + 1:
                result.exists(source, envelope.seq)
            elif envelope.seq == cursor.seq + 1:
                if envelope.chain != chain_hash(cursor.chain, envelope, one.value):
                    detail = f"{envelope.position} does not continue the log of {source}"
                    result.dead.append(self._foreign(one, "chain.broken", detail))
                else:
                    cause = envelope.cause
                    if cause not in (known, COMMAND):
                        if self._is_early(cause, cursors, result):
                            break
                        known = cause
                    cursor = result.cursors[source] = Cursor(envelope.seq, envelope.chain, one.offset)
                    if self._handled is None or envelope.kind in self._handled:
                        self._accept(one, envelope, result)
            queue.popleft()
            records.append(one)
            size = len(one.value)
            self._bytes[source] -= size
            left -= size
        return left

    def _is_early(self, cause: str, cursors: Mapping[str, Cursor], result: SortedRecords) -> bool:
        """Whether an event's cause is of a source that has not reached it."""
        place = parse_position(cause)
        if place is None or place[1] != self._shard or place[0] not in self._queues:
            return False
        source, _, seq = place
        reached = result.cursors.get(source) or cursors.get(source)
        if reached is not None and reached.seq >= seq:
            return False
        result.exists(source, seq)
        return True

    def _accept(self, one: QueuedRecord, envelope: Envelope, result: SortedRecords) -> None:
        try:
            result.received.append(self.received(envelope, one.value))
        except ValueError as error:
            dead = DeadLetter(envelope, one.value, "fact.unreadable", brief(error), "dead", one.offset)
            result.dead.append(dead)

    def received(self, envelope: Envelope, body: bytes) -> Received:
        """Decode a fact. Raises `ValueError` when this reader cannot read it."""
        fact = self._codecs[envelope.service].decode(body, kind=envelope.kind, version=envelope.version)  # type: ignore[index]
        return Received(envelope, body, fact, self._by)

    def _foreign(self, one: QueuedRecord, code: str, detail: str) -> DeadLetter:
        stream = (one.key or b"").decode("utf-8", "replace").replace("\0", "")[:200]
        envelope = Envelope(one.source, self._shard, 0, stream, "", 0, self._clock.now(), "", "", "")
        return DeadLetter(envelope, one.value, code, detail.replace("\0", "")[:400], "foreign", one.offset)


def brief(error: Exception) -> str:
    """An error in at most 400 characters and without the input that pydantic would quote: it may hold anything."""
    details = getattr(error, "errors", None)
    if details is None:
        return f"{type(error).__name__}: {error}"[:400]
    found = (f"{'/'.join(map(str, e['loc']))}: {e['msg']}" for e in details(include_input=False, include_url=False))
    return "; ".join(found)[:400]
