"""Finds what a reader misses, and gets it: seek back, then from the very beginning, then ask the owner.

A reader misses something when it has seen a number beyond a gap, or when the owner's log is known to be longer than
what Kafka has to offer. Promises never to skip: the cursor only ever moves to the next number.
"""

from typing import Protocol

from schemas.logs import ServiceName
from services.runtime.base.telemetry import count, log
from services.runtime.eventlog.control import ControlMessage, RepublishRequest
from services.runtime.eventlog.progress import Progress
from services.runtime.eventlog.store import Cursor
from services.runtime.shard.processor import ShardProcessor

#: rounds of looking before each step: an event on its way is not missing
PATIENCE = 3


class Reader(Protocol):
    """What is needed of the subscription."""

    def reread(self, shard: int, source: str, offset: int) -> None:
        """Read a source of a shard again from an offset."""
        ...

    async def at_end(self, shard: int, source: str) -> bool:
        """Whether all that Kafka holds has been fetched."""
        ...


class Sender(Protocol):
    """What is needed of the control topic."""

    async def send(self, shard: int, message: ControlMessage) -> None:
        """Put a message on the control topic."""
        ...


class Gaps:
    """Closes the gaps of all shards of one process, one round at a time."""

    def __init__(self, reader: Reader, sender: Sender, progress: Progress) -> None:
        self._reader = reader
        self._sender = sender
        self._progress = progress
        #: per (shard, source): the cursor when it was last seen to be stuck, and for how many rounds
        self._stuck: dict[tuple[int, str], tuple[int, int]] = {}

    async def look(self, processor: ShardProcessor, source: ServiceName) -> None:
        """One round for one source of a shard."""
        shard = processor.shard
        key = (shard, source)
        cursor = processor.cursors.get(source, Cursor())
        wanted = max(self._progress.head_of(source, shard), processor.ahead.get(source, 0))
        if wanted <= cursor.seq:
            self._stuck.pop(key, None)
            return
        if processor.backlog(source) or not await self._reader.at_end(shard, source):
            return
        at, rounds = self._stuck.get(key, (cursor.seq, 0))
        rounds = rounds + 1 if at == cursor.seq else 1
        self._stuck[key] = (cursor.seq, rounds)
        step, waited = divmod(rounds, PATIENCE)
        if waited:
            return
        log.info("gap.found", shard=shard, source=source, has=cursor.seq, wants=wanted, step=step)
        if step == 1:
            count("gap.reread")
            self._reader.reread(shard, source, cursor.offset + 1)
        elif step % 2 == 0:
            count("gap.reread")
            self._reader.reread(shard, source, 0)
        else:
            count("gap.requested")
            await self._sender.send(shard, RepublishRequest(service=source, shard=shard, from_seq=cursor.seq + 1))
        if processor.ahead.get(source, 0) > self._progress.head_of(source, shard) and step > 2:
            # The owner's log is not that long: the number was not of its log.
            processor.ahead.pop(source, None)
