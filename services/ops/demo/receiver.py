"""A company's own system in the demonstration: receives webhooks and checks who signed them (Standard Webhooks).

Promises to count the calls, and apart those that are signed with another secret. Must not read the bodies of the calls.
"""

import asyncio
import base64
import hmac
from hashlib import sha256
from typing import Final, Self

from services.ops.embedded.process import LOOPBACK

_HEAD_MAX: Final = 16 * 1024
_ANSWER: Final = b"HTTP/1.1 204 No Content\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class CsrSystem:
    """`async with CsrSystem() as system: ... system.url`; `secret` is that of the registered address."""

    def __init__(self) -> None:
        self.secret = ""
        self.genuine = self.forged = 0
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        """Listen on a port of its own."""
        self._server = await asyncio.start_server(self._serve, LOOPBACK, 0, limit=_HEAD_MAX)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    @property
    def url(self) -> str:
        """The address of its webhook."""
        port = self._server.sockets[0].getsockname()[1] if self._server else 0
        return f"http://{LOOPBACK}:{port}/gemet-sekul"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one call."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            if self._is_genuine(headers, body):
                self.genuine += 1
            else:
                self.forged += 1
            writer.write(_ANSWER)
            await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            self.forged += 1
        finally:
            writer.close()

    def _is_genuine(self, headers: dict[str, str], body: bytes) -> bool:
        """Whether the secret signed a call. The timestamp is not checked: the clock is virtual."""
        signed = f"{headers.get('webhook-id', '')}.{headers.get('webhook-timestamp', '')}.".encode() + body
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        wanted = "v1," + base64.b64encode(hmac.new(key, signed, sha256).digest()).decode()
        return any(hmac.compare_digest(wanted, one) for one in headers.get("webhook-signature", "").split(" "))
