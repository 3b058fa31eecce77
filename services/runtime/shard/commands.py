"""The commands that await their batch, each with a future that its sender waits for, and how they go before records."""

from asyncio import Future, get_running_loop
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from services.runtime.contract import Command

#: from so many commands in a batch on, their senders are served first
BUSY_FROM: Final = 8
RECORDS_EVERY_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command led to, durable. `position` names the last fact of the log when it was committed."""

    value: Any
    position: str


#: a command, and the future of its answer
Waiting = tuple[Command, Future[Answer]]


class CommandQueue:
    """Commands in the order in which they came."""

    def __init__(self) -> None:
        self._waiting: deque[Waiting] = deque()

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def add(self, command: Command) -> "Future[Answer]":
        """Queue a command; returns the future of its answer."""
        future: Future[Answer] = get_running_loop().create_future()
        self._waiting.append((command, future))
        return future

    def take(self, limit: int) -> list[Waiting]:
        """Take the next commands."""
        return [self._waiting.popleft() for _ in range(min(len(self._waiting), limit))]

    def put_back(self, commands: Iterable[Waiting]) -> None:
        """Return commands that were taken to the front."""
        self._waiting.extendleft(reversed(list(commands)))

    def refuse_all(self, error: Exception) -> None:
        """Refuse all that wait."""
        refuse(self.take(len(self._waiting)), error)


class RecordPause:
    """Under many commands records are applied once in a while and then many together, as each batch of them costs."""

    def __init__(self, wake: Callable[[], None]) -> None:
        """Have `wake` called when records may be taken again."""
        self._wake = wake
        self._pausing = False

    def join(self, commands: int) -> bool:
        """Whether records are taken together with so many commands; if these are many, the next records wait."""
        if self._pausing:
            return False
        if commands >= BUSY_FROM:
            self._pausing = True
            get_running_loop().call_later(RECORDS_EVERY_S, self._end)
        return True

    def _end(self) -> None:
        self._pausing = False
        self._wake()


def refuse(commands: Iterable[Waiting], error: Exception) -> None:
    """Refuse commands."""
    for _, future in commands:
        if not future.done():
            future.set_exception(error)
