"""A part that ends is started again, whatever becomes of the lines that report it."""

import asyncio
import errno
from pathlib import Path

from services.ops.parts import Watch

SOON_S = 5


class Flaky:
    """A part that runs until it is killed."""

    pid = 1

    def __init__(self) -> None:
        self.starts = 0
        self.running = False

    async def start(self) -> None:
        self.starts += 1
        self.running = True

    async def stop(self) -> None:
        self.running = False

    def kill(self) -> None:
        self.running = False


async def restarted(part: Flaky, watch: Watch) -> None:
    await watch.start()
    watch.keep()
    part.kill()
    async with asyncio.timeout(SOON_S):
        while part.starts < 2:
            await asyncio.sleep(0.01)
    await watch.stop()


async def test_a_part_that_ends_is_started_again_and_reported(tmp_path: Path) -> None:
    part, lines = Flaky(), list[str]()
    await restarted(part, Watch("matcher", part, tmp_path / "matcher.pid", lines.append))
    assert lines == ["matcher has ended; starting it again"]
    assert not part.running


async def test_a_full_disk_under_the_supervisors_output_keeps_no_part_from_its_restart(tmp_path: Path) -> None:
    def full(_line: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    part = Flaky()
    await restarted(part, Watch("matcher", part, tmp_path / "matcher.pid", full))
    assert part.starts == 2
