"""The commands that await their batch, each with a future that its sender waits for."""

from asyncio import Future, get_running_loop
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from services.runtime.contract import Command


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


def refuse(commands: Iterable[Waiting], error: Exception) -> None:
    """Refuse commands."""
    for _, future in commands:
        if not future.done():
            future.set_exception(error)
