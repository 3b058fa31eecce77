"""Hands each command of a batch to the handler of its family; all of them share the shard's transaction.

Must not know any command: families and handlers are paired in `app.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from services.gateway.domain.state import State
from services.runtime.base.errors import Defect
from services.runtime.base.postgres import Connection
from services.runtime.contract import Command, Outcome


class FamilyHandler(Protocol):
    """Decides the commands of one family; otherwise as `Handler` of the runtime."""

    async def handle(
        self, tx: Connection, shard: int, state: State, commands: Sequence[Any]
    ) -> Sequence[Outcome | Exception]:
        """One outcome per command, in order."""
        ...


class Dispatch:
    """A handler made of handlers, by the base class of their commands."""

    def __init__(self, handlers: Mapping[type, FamilyHandler]) -> None:
        self._handlers = handlers

    async def handle(
        self, tx: Connection, shard: int, state: State, commands: Sequence[Command]
    ) -> Sequence[Outcome | Exception]:
        """One outcome per command, in order. Raises `Defect` if a command has no handler."""
        outcomes: dict[int, Outcome | Exception] = {}
        for family, handler in self._handlers.items():
            places = [place for place, command in enumerate(commands) if isinstance(command, family)]
            if places:
                found = await handler.handle(tx, shard, state, [commands[place] for place in places])
                outcomes.update(zip(places, found, strict=True))
        if len(outcomes) != len(commands):
            raise Defect("command.unknown", "a command without a handler")
        return [outcomes[place] for place in range(len(commands))]
