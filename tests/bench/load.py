"""The load generator of the HTTP figures: a process of its own, raw sockets, one request at a time per connection.

`python -m tests.bench.load < plan.json` reads a plan, prints the seconds of each request as JSON. Cheap enough that the
server is the limit, never this. Must not be pointed at anything but this machine.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from functools import partial
from typing import Final, cast

import orjson
import uvloop
from pydantic import BaseModel

LONGEST_S: Final = 180.0


class Plan(BaseModel):
    """What is sent: `writes` POSTs of `body` to `path`, each with its number in the place of `NUMBER`."""

    port: int
    key: str
    path: str
    body: str
    writes: int
    connections: int
    #: before each Idempotency-Key, so that the keys of two plans differ
    prefix: str


def requests(plan: Plan) -> Iterator[bytes]:
    """The requests, head and body in one piece."""
    for number in range(plan.writes):
        body = plan.body.replace("NUMBER", str(number)).encode()
        head = (
            f"POST {plan.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {plan.key}\r\n"
            f"Content-Type: application/json\r\nIdempotency-Key: {plan.prefix}{number}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        yield head.encode() + body


class Client(asyncio.Protocol):
    """One keep-alive connection: the next request goes out when the last is answered."""

    def __init__(self, requests: Iterator[bytes], seconds: list[float], ended: asyncio.Event) -> None:
        self._requests = requests
        self._seconds = seconds
        self._ended = ended
        self._received = b""
        self._begun = 0.0
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast("asyncio.WriteTransport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        """Take an answer, all of it or a part, and send the next request."""
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        if not head.startswith(b"HTTP/1.1 201"):
            raise SystemExit(f"refused: {self._received!r}")
        lower = head.lower()
        length = int(lower[lower.index(b"content-length:") + 15 :].split(b"\r\n", 1)[0])
        if len(body) == length:
            self._seconds.append(time.perf_counter() - self._begun)
            self._received = b""
            self._send()

    def connection_lost(self, error: Exception | None) -> None:
        """Tell that this connection has ended."""
        self._ended.set()

    def _send(self) -> None:
        assert self._transport is not None
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            return
        self._begun = time.perf_counter()
        self._transport.write(request)


async def run(plan: Plan) -> tuple[float, list[float]]:
    """The seconds of the whole and of each request."""
    loop, seconds, waiting = asyncio.get_running_loop(), list[float](), iter(list(requests(plan)))
    ends = [asyncio.Event() for _ in range(plan.connections)]
    async with asyncio.timeout(LONGEST_S):
        begun = time.perf_counter()
        for ended in ends:
            await loop.create_connection(partial(Client, waiting, seconds, ended), "127.0.0.1", plan.port)
        await asyncio.gather(*(ended.wait() for ended in ends))
        return time.perf_counter() - begun, seconds


if __name__ == "__main__":
    sys.stdout.buffer.write(orjson.dumps(uvloop.run(run(Plan.model_validate_json(sys.stdin.buffer.read())))))
