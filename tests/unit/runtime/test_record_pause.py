"""Under many commands records are taken once in a while; otherwise at once."""

import asyncio

from services.runtime.shard.commands import BUSY_FROM, RECORDS_EVERY_S, RecordPause
from tests.support import virtual_time


async def _joined(*commands: int, then_s: float = 0) -> list[bool]:
    woken = asyncio.Event()
    pause = RecordPause(woken.set)
    found = [pause.join(number) for number in commands]
    if then_s:
        async with asyncio.timeout(then_s):
            await woken.wait()
        found.append(pause.join(0))
    return found


def test_records_join_a_few_commands() -> None:
    assert virtual_time.run(_joined(1, BUSY_FROM - 1, 0)) == [True, True, True]


def test_records_wait_after_many_commands() -> None:
    assert virtual_time.run(_joined(BUSY_FROM, 0, BUSY_FROM)) == [True, False, False]


def test_records_are_taken_again_after_the_pause() -> None:
    assert virtual_time.run(_joined(BUSY_FROM, 0, then_s=2 * RECORDS_EVERY_S)) == [True, False, True]
