"""Finds what a reader misses, and gets it: seek back, then from the very beginning, then ask the owner.

A reader misses something when it has seen a number beyond a hole, or when the owner's log is known to be longer than
what Kafka has to offer. Promises never to skip: the cursor only ever moves to the next number.
"""

from typing import Protocol

from services.runtime.base.telemetry import count, log
from services.runtime.eventlog.progress import Progress
from services.runtime.eventlog.store import Cursor
from services.runtime.shard.processor import ShardProcessor

#: rounds of looking before each step: a fact on its way is no loss
PATIENCE = 3


class Reader(Protocol):
    """What is needed of the subscription."""

    async def reread(self, shard: int, source: str, offset: int) -> None:
        """Read a source of a shard again from an offset."""
        ...

    async def at_end(self, shard: int, source: str) -> bool:
        """Whether all that Kafka holds has been fetched."""
        ...


class Asker(Protocol):
    """What is needed of the control topic."""

    async def say(self, shard: int, said: dict[str, object]) -> None:
        """Put a word on the control topic."""
        ...


class Gaps:
    """Looks after the holes of all lanes of one process, one round at a time."""

    def __init__(self, reader: Reader, asker: Asker, progress: Progress) -> None:
        self._reader = reader
        self._asker = asker
        self._progress = progress
        #: per (shard, source): the cursor when it was last seen to be stuck, and for how many rounds
        self._stuck: dict[tuple[int, str], tuple[int, int]] = {}

    async def look(self, lane: ShardProcessor, source: str) -> None:
        """One round for one source of a lane."""
        key = (lane.shard, source)
        cursor = lane.cursors.get(source, Cursor())
        wanted = max(self._progress.head_of(source, lane.shard), lane.ahead.get(source, 0))
        if wanted <= cursor.seq:
            self._stuck.pop(key, None)
            return
        if lane.backlog or not await self._reader.at_end(lane.shard, source):
            return
        at, rounds = self._stuck.get(key, (cursor.seq, 0))
        rounds = rounds + 1 if at == cursor.seq else 1
        self._stuck[key] = (cursor.seq, rounds)
        step, waited = divmod(rounds, PATIENCE)
        if waited:
            return
        log.info("gap.found", shard=lane.shard, source=source, has=cursor.seq, wants=wanted, step=step)
        if step == 1:
            count("gap.reread")
            await self._reader.reread(lane.shard, source, cursor.offset + 1)
        elif step % 2 == 0:
            count("gap.reread")
            await self._reader.reread(lane.shard, source, 0)
        else:
            count("gap.asked")
            wish = {"is": "wish", "service": source, "shard": lane.shard, "from_seq": cursor.seq + 1}
            await self._asker.say(lane.shard, wish)
        if lane.ahead.get(source, 0) > self._progress.head_of(source, lane.shard) and step > 2:
            # The owner's log is not that long: the number was not of its log.
            lane.ahead.pop(source, None)
