"""Writes that come together reach their shards together; a lone one does not wait."""

import asyncio
from contextlib import ExitStack

from services.gateway.api.gathering import BUSY_FROM, Gathering


async def test_a_lone_write_does_not_wait() -> None:
    gathering = Gathering()
    with gathering.counted():
        waiting = asyncio.ensure_future(gathering.wait())
        await asyncio.sleep(0)
        assert waiting.done()


async def test_many_writes_go_on_at_the_same_beat_though_one_is_given_up() -> None:
    gathering = Gathering()
    with ExitStack() as stack:
        for _ in range(BUSY_FROM):
            stack.enter_context(gathering.counted())
        waiting = [asyncio.ensure_future(gathering.wait()) for _ in range(BUSY_FROM)]
        await asyncio.sleep(0)
        assert not any(one.done() for one in waiting)
        waiting[0].cancel()
        async with asyncio.timeout(5):
            await asyncio.gather(*waiting[1:])
