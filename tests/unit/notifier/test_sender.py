"""The loop that sends ends when it is cancelled."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from services.notifier.outbound.sender import Sender


class NothingDue:
    """No notice is ever due."""

    async def busy(self, _shards: Sequence[int], _now: datetime) -> list[int]:
        """No shard has any."""
        return []


async def test_a_sender_that_is_cancelled_as_it_is_woken_ends() -> None:
    wake = asyncio.Event()
    parts: Any = {
        "due": NothingDue(),
        "shards": SimpleNamespace(owned=list),
        "channels": None,
        "reporter": SimpleNamespace(clock=SimpleNamespace(now=lambda: datetime(2026, 11, 24, tzinfo=UTC))),
    }
    running = asyncio.create_task(Sender(**parts, wake=wake).run())
    await asyncio.sleep(0.01)
    wake.set()
    await asyncio.sleep(0)
    running.cancel()
    done, _ = await asyncio.wait([running], timeout=2)
    assert done == {running}
    assert running.cancelled()
