"""How long the demonstration takes, from the command to its end: four months, two crashes and the proof of all laws."""

import asyncio
import sys
from pathlib import Path
from time import perf_counter

_TIMEOUT_S = 600


async def measure(data: Path) -> dict[str, float | bool]:
    """Seconds of `sekul demo --once`, whose exit code tells that every law holds."""
    begun = perf_counter()
    program = [sys.executable, "-m", "services.cli", "demo", "--once", "--data", str(data)]
    process = await asyncio.create_subprocess_exec(*program, stdout=asyncio.subprocess.DEVNULL)
    async with asyncio.timeout(_TIMEOUT_S):
        code = await process.wait()
    return {"demo_s": round(perf_counter() - begun, 1), "checked": code == 0}
