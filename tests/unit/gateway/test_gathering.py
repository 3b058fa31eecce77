"""Writes that arrive together reach their shards together; a lone one does not wait."""

import asyncio
from contextlib import AsyncExitStack

from services.gateway.api.gathering import BUSY_FROM, Gathering


async def _write(gathering: Gathering, begun: list[int], name: int, committed: asyncio.Event) -> None:
    async with gathering.joined():
        begun.append(name)
        await committed.wait()


async def test_a_lone_write_does_not_wait() -> None:
    gathering, begun, committed = Gathering(), list[int](), asyncio.Event()
    writing = asyncio.ensure_future(_write(gathering, begun, 1, committed))
    await asyncio.sleep(0)
    assert begun == [1]
    committed.set()
    await writing


async def test_writes_that_arrive_during_a_commit_go_on_together_after_it() -> None:
    gathering, begun = Gathering(), list[int]()
    first, second = asyncio.Event(), asyncio.Event()
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        for name in range(BUSY_FROM + 3):
            tasks.create_task(_write(gathering, begun, name, first if name < BUSY_FROM else second))
        await asyncio.sleep(0)
        assert begun == list(range(BUSY_FROM))
        first.set()
        while len(begun) < BUSY_FROM + 3:
            await asyncio.sleep(0)
        second.set()


async def test_a_commit_that_takes_long_holds_up_the_next_group_for_a_moment_only() -> None:
    gathering, begun, never = Gathering(), list[int](), asyncio.Event()
    tasks = [asyncio.ensure_future(_write(gathering, begun, name, never)) for name in range(BUSY_FROM + 1)]
    async with asyncio.timeout(5):
        while len(begun) <= BUSY_FROM:
            await asyncio.sleep(0.001)
    assert not never.is_set()
    for task in tasks:
        task.cancel()


async def test_a_write_that_is_given_up_holds_up_no_other() -> None:
    gathering, begun, committed = Gathering(), list[int](), asyncio.Event()
    async with asyncio.timeout(5), AsyncExitStack() as stack:
        for _ in range(BUSY_FROM):
            await stack.enter_async_context(gathering.joined())
        given_up, other = (asyncio.ensure_future(_write(gathering, begun, name, committed)) for name in (1, 2))
        await asyncio.sleep(0)
        given_up.cancel()
        committed.set()
        await other
        assert begun == [2]
