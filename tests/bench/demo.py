"""A demonstration from the command to its end: its time, and the bytes that it leaves; all laws are proved in it."""

import asyncio
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.bench import bytes as table_bytes

_TIMEOUT_S = 600


async def measure(data: Path) -> dict[str, Any]:
    """Seconds of `sekul demo --once`, whose exit code is zero if every law holds, and what its tables take up."""
    begun = perf_counter()
    program = [sys.executable, "-m", "services.cli", "demo", "--once", "--data", str(data)]
    process = await asyncio.create_subprocess_exec(*program, stdout=asyncio.subprocess.DEVNULL)
    async with asyncio.timeout(_TIMEOUT_S):
        code = await process.wait()
    seconds = round(perf_counter() - begun, 1)
    (folder,) = await asyncio.to_thread(lambda: list(data.glob("demo-*")))
    sizes = (await table_bytes.measure(folder)).figures()
    return {"demo_s": seconds, **sizes, "checked": code == 0 and sizes["checked"]}
