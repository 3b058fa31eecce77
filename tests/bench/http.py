"""A small HTTP/1.1 client for load: one keep-alive connection, one request at a time, as cheap as Python allows.

Traffic goes to this machine only. Must not be used outside of benchmarks: it reads answers with Content-Length alone.
"""

import asyncio
from typing import Self

import orjson


class Connection:
    """One connection to the gateway under a key."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._key = key

    async def __aenter__(self) -> Self:
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close."""
        self._writer.close()
        await self._writer.wait_closed()

    async def call(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers in lower case, and body of the answer."""
        data = b"" if body is None else body if isinstance(body, bytes) else orjson.dumps(body)
        kind = "text/csv" if isinstance(body, bytes) else "application/json"
        lines = [
            f"{method} {path} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Authorization: Bearer {self._key}",
            f"Content-Length: {len(data)}",
            f"Content-Type: {kind}",
            *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
        ]
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + data)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        answered = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        content = await self._reader.readexactly(int(answered.get("content-length", 0)))
        return int(head[0].split()[1]), answered, content


def percentile_ms(seconds: list[float], part: float) -> float:
    """A percentile in milliseconds."""
    ranked = sorted(seconds)
    return round(1000 * ranked[min(len(ranked) - 1, int(len(ranked) * part))], 1)


def percentiles(name: str, seconds: list[float]) -> dict[str, float]:
    """The three that are published: p50, p99, p99.9."""
    return {
        f"{name}_{label}_ms": percentile_ms(seconds, p) for label, p in (("p50", 0.5), ("p99", 0.99), ("p999", 0.999))
    }
