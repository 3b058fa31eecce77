"""How a command finds the gateway and calls it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from services.ops.client import Gateway
from services.ops.local import settings_of
from services.ops.terminal.options import data_of
from services.runtime.base.errors import Defect

T = TypeVar("T")


def call(url: str | None, key: str | None, data: Path | None, do: Callable[[Gateway], Awaitable[T]]) -> T:
    """Returns what `do` returns for the gateway that the options name."""
    return asyncio.run(_call(url, key, data, do))


async def _call(url: str | None, key: str | None, data: Path | None, do: Callable[[Gateway], Awaitable[T]]) -> T:
    async with opened(url, key, data) as gateway:
        return await do(gateway)


def opened(url: str | None, key: str | None, data: Path | None) -> Gateway:
    """A client of the gateway that the options name; what they leave out comes from settings or the data folder."""
    folder = data_of(data)
    settings = settings_of(folder)
    api_key = key or settings.key.get_secret_value() or settings.operator_key.get_secret_value()
    if not api_key:
        raise Defect("key.absent", f"no API key: give --key or set SEKUL_KEY; {folder} has none, nothing ran there yet")
    return Gateway(url or settings.url or settings.http.url_of("gateway"), api_key)
