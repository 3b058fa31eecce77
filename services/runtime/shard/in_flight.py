"""A batch on its way through a lane: what it was made of, what it led to, and who waits for it."""

from asyncio import Future, Task
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from services.runtime.base.errors import Defect
from services.runtime.contract import Command, Outcome
from services.runtime.eventlog.store import Head
from services.runtime.shard.batch import BatchTransaction
from services.runtime.shard.inbox import RawRecord, SortedRecords


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command led to, durable. `position` names the last fact of the log when it was committed."""

    value: Any
    position: str


Waiting = tuple[Command, Future[Answer]]


@dataclass
class InFlightBatch:
    """A batch on its way; see the module."""

    records: list[RawRecord]
    commands: list[Waiting]
    sorted: SortedRecords = field(default_factory=SortedRecords)
    unit: BatchTransaction | None = None
    #: the head that the transaction leaves, to recognise a commit whose answer was lost
    expected: Head | None = None
    task: Task[None] | None = None

    @property
    def decided(self) -> BatchTransaction:
        """The unit, once there is one."""
        if self.unit is None:
            raise Defect("lane.nothing_to_write", "a batch was to be written that nobody decided")
        return self.unit

    @property
    def may_overlap(self) -> bool:
        """Whether the next batch may be decided while this one is written."""
        unit = self.unit
        return unit is None or not (self.commands or self.sorted.letters or unit.letters or unit.redrives)

    def answer(self, outcomes: Sequence[Outcome | Exception], position: str) -> None:
        """Tell who waits; what they hear is durable."""
        for (_, future), outcome in zip(self.commands, outcomes, strict=True):
            if future.done():
                continue
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(Answer(outcome.answer, position))
