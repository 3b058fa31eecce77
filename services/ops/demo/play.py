"""`sekul demo`: Cilegon from an empty folder to a proof, on real parts, through the public API alone.

Promises exit code 0 only when every law holds. Must not keep anybody's data in a file of its own.
"""

import asyncio
import shutil
import signal
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from schemas import months
from schemas.logs import CATALOGUE
from services.ops.client import Gateway
from services.ops.demo import founding, report
from services.ops.demo.founding import Stage
from services.ops.demo.months import play as play_month
from services.ops.demo.receiver import CsrSystem
from services.ops.demo.screen import Screen
from services.ops.embedded.process import port_taken
from services.ops.local import Folder
from services.ops.supervisor import Stack, Wanted
from services.runtime.base.clock import SystemClock
from services.settings import Settings

#: two months before the relief of PP 50/2025 ends for most jobs
FIRST_MONTH: Final = "2026-11"
_SHARDS: Final = 4
_CONNECTIONS: Final = 48
_PATIENCE_S: Final = 60.0
_PREFIX: Final = "demo-"


@dataclass(frozen=True)
class Demo:
    """Which demonstration to play."""

    workers: int
    months: int
    seed: int
    once: bool
    #: the folder of the data of demonstrations
    home: Path
    port: int | None = None


async def play(demo: Demo, console: Console) -> int:
    """Play a demonstration; returns the exit code."""
    this = asyncio.current_task()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, _cancel, this)
    shown: list[bool] = []
    try:
        await _play(demo, Screen(console), shown)
    except asyncio.CancelledError:
        console.print("stopped")
    return 0 if shown == [True] else 1


def _cancel(task: "asyncio.Task[object] | None") -> None:
    if task is not None:
        task.cancel()


async def _play(demo: Demo, screen: Screen, shown: list[bool]) -> None:
    """Play, and append to `shown` whether every law holds; without `once`, run until cancelled."""
    async with AsyncExitStack() as opened:
        with screen.step("Apache Kafka, PostgreSQL and four services start"):
            stack = await opened.enter_async_context(Stack(_wanted(demo, _fresh(demo.home))))
        gateway = await opened.enter_async_context(
            Gateway(stack.url, stack.operator_key, patience_s=_PATIENCE_S, connections=_CONNECTIONS)
        )
        csr = await opened.enter_async_context(CsrSystem())
        stage = Stage(stack, gateway, screen, csr, demo.seed, demo.workers, FIRST_MONTH)
        await founding.found(stage)
        span = months.span(FIRST_MONTH, months.add(FIRST_MONTH, demo.months - 1))
        for number, month in enumerate(span):
            await play_month(stage, month, number, kill_kafka=number == min(1, demo.months - 1))
        await stage.settled()
        shown.append(await report.show(stage, span))
        if not demo.once:
            report.invite(stage)
            await asyncio.Event().wait()


def _fresh(home: Path) -> Path:
    """A new folder; those of earlier demonstrations that run no longer make room."""
    home.mkdir(parents=True, exist_ok=True)
    for former in home.glob(f"{_PREFIX}*"):
        if not Folder(former).in_use():
            shutil.rmtree(former)
    return home / f"{_PREFIX}{SystemClock().now():%Y%m%d-%H%M%S}"


def _wanted(demo: Demo, data: Path) -> Wanted:
    port = demo.port
    if port is None and any(port_taken(Settings().http.port_of(name)) for name in CATALOGUE):
        port = 0
    env = {
        "SEKUL_CLOCK_START": f"{FIRST_MONTH}-01",
        "SEKUL_HTTP__REQUESTS_PER_MINUTE": "1000000",
        "SEKUL_NOTICES__WEBHOOK_PRIVATE_ADDRESSES": "true",
        "SEKUL_KAFKA__SESSION_TIMEOUT_MS": "6000",
    }
    return Wanted(data=data, port=port, clock="virtual", shards=_SHARDS, env=env)
