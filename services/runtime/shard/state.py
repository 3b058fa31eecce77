"""What a shard processor owns in memory; nothing but the processor writes it.

The *head* and the cursors are what is committed. The *tip* and its cursors are where memory is: the same, with the
batch that is being written. All of it can be made again from the store (`Loaded`).
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from services.runtime.base.errors import RetryLater
from services.runtime.contract import Written
from services.runtime.eventlog.store import Cursor, DeadLetter, Head

#: an input: its source and its number there
Place = tuple[str, int]


class Status(StrEnum):
    """Whether a shard can be written here, and if not, why."""

    OPENING = "opening"
    LIVE = "live"
    #: the store is away for now
    AWAY = "away"
    #: another process writes the shard
    FENCED = "fenced"
    CLOSED = "closed"

    @property
    def ended(self) -> bool:
        """Whether this processor is done for good."""
        return self in (Status.FENCED, Status.CLOSED)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A shard as it is committed: the fold of its log, and where it is in its sources."""

    head: Head
    state: Any
    snapshot_seq: int
    cursors: dict[str, Cursor]
    blocked: set[str]


def _record(dead: DeadLetter) -> tuple[str, int, int, int]:
    """What no other record of a topic has, also when an empty topic is filled again."""
    return dead.service, dead.seq, dead.offset, hash(dead.body)


@dataclass(slots=True)
class ShardState:
    """See the module."""

    status: Status = Status.OPENING
    #: why the shard cannot be written, while its status says so
    trouble: str = ""
    #: since when, in the event loop's time, the same batch is under way; None: there is nothing to do
    busy_since: float | None = None
    #: the decider's state at the tip
    state: Any = None
    #: the epoch under which this processor owned the shard last; None: it never did
    epoch: int | None = None
    head: Head = field(default_factory=lambda: Head(0, 0, b""))
    cursors: dict[str, Cursor] = field(default_factory=dict)
    tip: Head = field(default_factory=lambda: Head(0, 0, b""))
    tip_cursors: dict[str, Cursor] = field(default_factory=dict)
    snapshot_seq: int = 0
    #: set unless an input is decided in part
    whole: asyncio.Event = field(default_factory=asyncio.Event)
    #: streams that wait behind a dead letter
    blocked: set[str] = field(default_factory=set)
    #: the highest number per source that is known to exist, until the cursor has reached it
    ahead: dict[str, int] = field(default_factory=dict)
    #: foreign records that are stored: a reader that reads again meets them again
    foreign: set[tuple[str, int, int, int]] = field(default_factory=set)
    #: undecidable inputs, with code and detail: they become dead letters when they are taken again
    poison: dict[Place, tuple[str, str]] = field(default_factory=dict)
    #: how often inputs failed alone, for a reason that is not known to pass
    suspects: dict[Place, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Nothing is decided yet."""
        self.whole.set()

    def adopt(self, loaded: Loaded) -> None:
        """Replace all that follows from the store by what it holds."""
        self.epoch, self.state, self.snapshot_seq = loaded.head.epoch, loaded.state, loaded.snapshot_seq
        self.head = self.tip = loaded.head
        self.cursors = self.tip_cursors = loaded.cursors
        self.blocked = loaded.blocked

    def decided(self, head: Head, cursors: Mapping[str, Cursor]) -> None:
        """Move the tip: a batch has been decided."""
        self.tip = head
        self.tip_cursors = {**self.tip_cursors, **cursors}

    def committed(self, head: Head, cursors: Mapping[str, Cursor], dead: Iterable[DeadLetter]) -> None:
        """Move the head: a batch has been committed."""
        self.head = head
        self.cursors = {**self.cursors, **cursors}
        if self.tip.seq < head.seq:
            self.tip = head
        for one in dead:
            if one.state == "foreign":
                self.foreign.add(_record(one))
            else:
                self.blocked.add(one.stream)
        for source, cursor in cursors.items():
            if self.ahead.get(source, 0) <= cursor.seq:
                self.ahead.pop(source, None)
        if self.foreign and cursors:
            self.foreign = {one for one in self.foreign if one[0] not in cursors or one[2] > cursors[one[0]].offset}

    def unseen(self, dead: Iterable[DeadLetter]) -> list[DeadLetter]:
        """Those that are not stored as foreign records already, each once."""
        return [one for key, one in {_record(one): one for one in dead}.items() if key not in self.foreign]

    def expect(self, ahead: Mapping[str, int]) -> None:
        """Note numbers that are known to exist."""
        for source, seq in ahead.items():
            self.ahead[source] = max(seq, self.ahead.get(source, 0))

    def cleared(self, inputs: Iterable[Written]) -> None:
        """Forget what was held against inputs that have been committed."""
        if self.suspects or self.poison:
            for one in inputs:
                self.suspects.pop((one.service, one.seq), None)
                self.poison.pop((one.service, one.seq), None)

    @property
    def reached(self) -> dict[str, int]:
        """The number of the last fact applied and committed of each source."""
        return {source: cursor.seq for source, cursor in self.cursors.items()}

    @property
    def unsaved(self) -> int:
        """How many facts the tip is ahead of the last snapshot."""
        return self.tip.seq - self.snapshot_seq

    @property
    def settled(self) -> bool:
        """Whether memory is where the log is: nothing is being written."""
        return self.tip.seq == self.head.seq


class ShardView:
    """What others may read of a shard, and wait for."""

    def __init__(self, shard: int) -> None:
        self.shard = shard
        self._own = ShardState()
        self._changed = asyncio.Event()

    @property
    def status(self) -> Status:
        """Whether the shard can be written here."""
        return self._own.status

    @property
    def trouble(self) -> str:
        """Why the shard cannot be written, while its status says so."""
        return self._own.trouble

    @property
    def busy_since(self) -> float | None:
        """Since when, in the event loop's time, the same batch is under way; None if there is nothing to do."""
        return self._own.busy_since

    @property
    def state(self) -> Any:
        """The decider's state, with what is being written and perhaps with a part of an input; see `whole_state`."""
        return self._own.state

    async def whole_state(self) -> Any:
        """The decider's state after whole inputs, with what is being written."""
        await self._own.whole.wait()
        return self._own.state

    @property
    def head(self) -> Head:
        """The end of the committed log."""
        return self._own.head

    @property
    def cursors(self) -> Mapping[str, Cursor]:
        """The last fact applied and committed of each source."""
        return self._own.cursors

    @property
    def blocked(self) -> set[str]:
        """The streams that wait behind a dead letter."""
        return self._own.blocked

    @property
    def ahead(self) -> dict[str, int]:
        """The highest number per source that is known to exist, until the cursor has reached it."""
        return self._own.ahead

    async def opened(self) -> bool:
        """Wait until the shard can be written here; returns False when this processor has ended instead."""
        await self._until(lambda: self._own.status is Status.LIVE or self._own.status.ended)
        return not self._own.status.ended

    async def _until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            self._changed.clear()
            await self._changed.wait()

    def _become(self, status: Status, trouble: str = "") -> None:
        self._own.status, self._own.trouble = status, trouble
        self._changed.set()

    def _unavailable(self) -> RetryLater:
        return RetryLater("shard.unavailable", f"shard {self.shard} is {self._own.status} here; try again in a moment")
