"""What the sender needs of the runtime: this process's shards, and a signal when something new may be due."""

import asyncio
from collections.abc import Sequence

from schemas.facts.common import DayBegan
from schemas.facts.notifier import NoticesRequested
from services.runtime.contract import Command, Received, Recorded
from services.runtime.process.engine import Engine


class CommitSignal:
    """A listener that sets `due` when notices were requested, or a day began on which some come due."""

    def __init__(self) -> None:
        self.due = asyncio.Event()

    def committed(self, shard: int, recorded: Sequence[Recorded], received: Sequence[Received]) -> None:
        """Set `due` if something new may be due."""
        if any(isinstance(one.fact, NoticesRequested | DayBegan) for one in recorded):
            self.due.set()


class EngineShards:
    """The shards of this process's engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def owned(self) -> Sequence[int]:
        """The shards that can be written here now."""
        return self._engine.owned

    def holds(self, shard: int) -> bool:
        """Whether a shard is this process's, though it may be unable to write for a moment."""
        processor = self._engine.processors.get(shard)
        return processor is not None and processor.status in ("opening", "live", "away")

    async def submit(self, shard: int, command: Command) -> None:
        """Have a command decided, durably. Raises `RetryLater` when the shard cannot be written here now."""
        await self._engine.processor(shard).submit(command)
