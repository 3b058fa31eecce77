"""Kafka in memory: topics, what publishes to them, what subscribes to them, and the control topic between processes.

Keeps what the rest of the runtime relies on: order within a partition, offsets that only grow, and nothing more. A
record may be delivered twice, late, or be lost (`lose`, `wipe`), a publication may fail before or after it was done
(`Fault`). For tests and simulations. Must not be used by a service.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from schemas.envelope import parse
from schemas.logs import Log
from services.runtime.contract import Written
from services.runtime.eventlog.control import ControlMessage, ProgressReport
from services.runtime.kafka.consumer import Deliver
from services.runtime.shard.inbox import RawRecord

#: called at the points at which Kafka can fail, with a word for the point; may raise
Fault = Callable[[str], None]
_TAIL_RECORDS = 50


class _Partition:
    """Records by offset; `first` is the oldest that is still there."""

    def __init__(self) -> None:
        self.records: dict[int, RawRecord] = {}
        self.first = 0
        self.end = 0


class MemoryBroker:
    """All topics, for all processes of a simulation."""

    def __init__(self) -> None:
        self._partitions: dict[tuple[str, int], _Partition] = {}
        self._listeners: list[Callable[[ControlMessage], None]] = []

    def partition(self, source: str, shard: int) -> _Partition:
        """A partition of the topic of a service."""
        return self._partitions.setdefault((source, shard), _Partition())

    def append(self, source: str, shard: int, one: Written) -> None:
        """Add a fact's record."""
        self.append_raw(source, shard, one.stream.encode(), one.body, tuple(one.envelope.headers()))

    def append_raw(
        self, source: str, shard: int, key: bytes, value: bytes, headers: tuple[tuple[str, bytes], ...]
    ) -> None:
        """Add a record, whatever is in it."""
        partition = self.partition(source, shard)
        partition.records[partition.end] = RawRecord(source, partition.end, key, value, headers)
        partition.end += 1

    def lose(self, source: str, shard: int, offset: int) -> None:
        """Lose one record for good."""
        self.partition(source, shard).records.pop(offset, None)

    def wipe(self) -> None:
        """Lose everything, as a broker without its disk does; offsets begin at 0 again."""
        self._partitions.clear()

    def listen(self, receive: Callable[[ControlMessage], None]) -> Callable[[], None]:
        """Receive what is sent on the control topic; returns what ends it."""
        self._listeners.append(receive)
        return lambda: self._listeners.remove(receive)

    def send(self, message: ControlMessage) -> None:
        """Put a message on the control topic."""
        for receive in list(self._listeners):
            receive(message)


class MemoryClient:
    """A relay's `Publisher` and the `Sender` of the gap search, for the log of one service."""

    def __init__(self, broker: MemoryBroker, own: Log, fault: Fault = lambda _point: None) -> None:
        self._broker = broker
        self._own = own
        self._fault = fault

    async def publish(self, shard: int, recorded: Sequence[Written]) -> None:
        """Append in order. The fault `publish` strikes before a record, `published` after all: the answer is lost."""
        for one in recorded:
            self._fault("publish")
            self._broker.append(self._own.owner, shard, one)
        await asyncio.sleep(0)
        self._fault("published")

    async def tail(self, shard: int) -> list[tuple[int, bytes]]:
        """Numbers and chains of the newest records of a partition; foreign records are left out."""
        self._fault("tail")
        partition = self._broker.partition(self._own.owner, shard)
        begin = max(partition.first, partition.end - _TAIL_RECORDS)
        newest = (partition.records.get(offset) for offset in range(begin, partition.end))
        return list(_places(record for record in newest if record is not None))

    async def announce(self, shard: int, seq: int, cursors: Mapping[str, int]) -> None:
        """Announce on the control topic how far this service has come with a shard."""
        await self.send(shard, ProgressReport(service=self._own.owner, shard=shard, seq=seq, cursors=dict(cursors)))

    async def send(self, shard: int, message: ControlMessage) -> None:
        """Put a message on the control topic."""
        del shard
        self._broker.send(message)

    async def ranges(self, shards: Sequence[int]) -> dict[int, tuple[int, int]]:
        """First and end offset of the own topic's partitions."""
        found = {shard: self._broker.partition(self._own.owner, shard) for shard in shards}
        return {shard: (partition.first, partition.end) for shard, partition in found.items()}


def _places(records: Iterable[RawRecord]) -> Iterator[tuple[int, bytes]]:
    for record in records:
        try:
            envelope = parse(dict(record.headers))
        except (ValueError, UnicodeDecodeError):
            continue
        yield envelope.seq, envelope.chain


class MemorySubscription:
    """A process's reading of its sources, one position per shard and source. Delivers when it is polled."""

    def __init__(self, broker: MemoryBroker, sources: Sequence[Log], deliver: Deliver) -> None:
        self._broker = broker
        self._sources = [log.owner for log in sources]
        self._deliver = deliver
        self._positions: dict[tuple[int, str], int] = {}
        self._paused: set[tuple[int, str]] = set()

    def owns(self, shard: int) -> bool:
        """Whether this process reads a shard."""
        return all((shard, source) in self._positions for source in self._sources)

    def read_from(self, shard: int, offsets: Mapping[str, int]) -> None:
        """Begin to read a shard: each source from the offset given, or from the oldest record there is."""
        for source in self._sources:
            self.reread(shard, source, offsets.get(source, 0))
            self.resume(shard, source)

    def reread(self, shard: int, source: str, offset: int) -> None:
        """Read one source of a shard again from an offset; one that is not there means the oldest record."""
        partition = self._broker.partition(source, shard)
        known = partition.first <= offset <= partition.end
        self._positions[shard, source] = offset if known else partition.first

    def pause(self, shard: int, source: str) -> None:
        """Fetch nothing of a source of a shard for now."""
        self._paused.add((shard, source))

    def resume(self, shard: int, source: str) -> None:
        """Fetch again."""
        self._paused.discard((shard, source))

    async def at_end(self, shard: int, source: str) -> bool:
        """Whether everything that Kafka holds of a source's shard has been fetched."""
        return self._positions.get((shard, source), 0) >= self._broker.partition(source, shard).end

    def readable(self) -> list[tuple[int, str]]:
        """The shards and sources of which there is something to fetch; a position beyond the end starts over."""
        for (shard, source), position in self._positions.items():
            self.reread(shard, source, position)
        return [
            (shard, source)
            for (shard, source), position in self._positions.items()
            if (shard, source) not in self._paused and position < self._broker.partition(source, shard).end
        ]

    def poll(self, shard: int, source: str, limit: int) -> None:
        """Fetch and deliver the next records of a source."""
        partition = self._broker.partition(source, shard)
        begin = max(self._positions[shard, source], partition.first)
        end = min(begin + limit, partition.end)
        self._positions[shard, source] = end
        records = [partition.records[offset] for offset in range(begin, end) if offset in partition.records]
        if records:
            self._deliver(shard, records)
