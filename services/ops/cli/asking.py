"""How a command finds the gateway and asks it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from services.ops.cli.options import data_of
from services.ops.client import Gateway
from services.ops.local import settings_of
from services.runtime.base.errors import Defect

T = TypeVar("T")


def ask(url: str | None, key: str | None, data: Path | None, do: Callable[[Gateway], Awaitable[T]]) -> T:
    """Open the gateway that the options mean, and do something with it."""
    return asyncio.run(_ask(url, key, data, do))


async def _ask(url: str | None, key: str | None, data: Path | None, do: Callable[[Gateway], Awaitable[T]]) -> T:
    async with opened(url, key, data) as gateway:
        return await do(gateway)


def opened(url: str | None, key: str | None, data: Path | None) -> Gateway:
    """A client of the gateway that the options mean; what they leave out is of the settings or the data folder."""
    folder = data_of(data)
    settings = settings_of(folder)
    shown = key or settings.key.get_secret_value() or settings.operator_key.get_secret_value()
    if not shown:
        raise Defect("key.absent", f"no API key: give --key or SEKUL_KEY; nothing has run from {folder} yet")
    return Gateway(url or settings.url or settings.http.url_of("gateway"), shown)
