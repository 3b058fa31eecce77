"""A real HTTP server that receives webhooks in tests: answers as the test sets, and keeps what came."""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus


@dataclass(frozen=True)
class Call:
    """One request as it came over the wire; names of headers in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    sni: str | None


@dataclass(frozen=True)
class Reply:
    """What to answer; a body that never ends keeps coming until the caller hangs up."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    endless: bool = False


class Receiver:
    """Listens on a port of its own on 127.0.0.1. `replies` are used up one by one, then everything is 200."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.replies: deque[Reply] = deque()
        self.port = 0
        self._sni: dict[int, str | None] = {}

    def url(self, path: str = "/hook", host: str = "127.0.0.1", scheme: str = "http") -> str:
        """An address of this receiver."""
        return f"{scheme}://{host}:{self.port}{path}"

    def answer(self, *statuses: int, **headers: str) -> None:
        """Answer the next calls with these statuses; `retry_after="3"` becomes `Retry-After: 3`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.replies.extend(Reply(status, named) for status in statuses)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, path, _ = head[0].split(" ")
            pairs = (line.split(": ", 1) for line in head[1:] if line)
            headers = {name.lower(): value for name, value in pairs}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            tls = writer.get_extra_info("ssl_object")
            self.calls.append(Call(method, path, headers, body, self._sni.get(id(tls))))
            await self._reply(writer, self.replies.popleft() if self.replies else Reply())
        except (ConnectionError, asyncio.IncompleteReadError):
            # The caller hung up: some tests want just that.
            return
        finally:
            writer.close()

    async def _reply(self, writer: asyncio.StreamWriter, reply: Reply) -> None:
        if reply.silent:
            await asyncio.sleep(30)
        length = {} if reply.endless else {"content-length": "0"}
        lines = [f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in (length | {"connection": "close"} | reply.headers).items()]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        await writer.drain()
        while reply.endless:
            writer.write(b"x" * 65_536)
            await writer.drain()

    def note_sni(self, tls: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
        """Remember which name the caller asked for."""
        self._sni[id(tls)] = name


@asynccontextmanager
async def receiver(tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """A receiver that listens while the block runs."""
    one = Receiver()
    if tls is not None:
        tls.sni_callback = one.note_sni
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0, ssl=tls)
    one.port = server.sockets[0].getsockname()[1]
    try:
        yield one
    finally:
        server.close()
