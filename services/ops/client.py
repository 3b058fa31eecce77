"""A client of the gateway's public API, for the command line and the demonstration.

Promises that a write is done once, however often it is sent: each carries an Idempotency-Key. Transient failures (too
many requests, a service that is away for a moment) are retried until `patience_s` has passed.
Must not know what any route means.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, Self

import httpx
import orjson

from services.runtime.base import ids

_TRANSIENT: Final = frozenset({429, 502, 503, 504})
#: the answer while another process still handles the same request
_STILL_RUNNING: Final = "idempotency.running"
_WAIT_LONGEST_S: Final = 5.0
_TIMEOUT: Final = httpx.Timeout(660, connect=5)


class Problem(Exception):
    """The gateway's refusal (RFC 9457): a stable code, a message, and for bodies the fields that are wrong."""

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(document.get("code", f"http.{status}"))
        self.detail = str(document.get("detail") or document.get("title") or f"HTTP {status}")
        self.errors: list[dict[str, str]] = list(document.get("errors") or ())
        self.document = dict(document)
        super().__init__(f"{self.code}: {self.detail}")


class Gateway:
    """`async with Gateway(url, key) as gateway: await gateway.get("/v1/coverage")`."""

    def __init__(self, url: str, key: str, *, patience_s: float = 5, connections: int = 32) -> None:
        self._patience_s = patience_s
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._client = httpx.AsyncClient(
            base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=_TIMEOUT, limits=limits
        )
        #: the position of this client's last write; a read can wait for it
        self.position: str | None = None

    async def __aenter__(self) -> Self:
        """Return the client; its connections open with the first request."""
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def get(self, path: str, *, position: str | None = None, **query: Any) -> Any:
        """Returns the answer of a route; with `position`, only once the fact at that position is visible."""
        headers = {"Sekul-After": position} if position else {}
        return orjson.loads((await self._send("GET", path, headers=headers, params=_present(query))).content)

    async def file(self, path: str, **query: Any) -> bytes:
        """Returns the bytes of a file."""
        return (await self._send("GET", path, params=_present(query))).content

    async def all(self, path: str, *, limit: int = 1_000, **query: Any) -> AsyncIterator[dict[str, Any]]:
        """All items of a list, page by page."""
        after: str | None = None
        while True:
            page = await self.get(path, limit=limit, **(query | ({"after": after} if after else {})))
            for item in page["items"]:
                yield item
            after = page["next"]
            if after is None:
                return

    async def post(self, path: str, body: Any = None, *, once: str | None = None) -> Any:
        """Send a POST that is done once; `once` is the Idempotency-Key, a new one when absent."""
        return await self.write("POST", path, body, once=once)

    async def write(self, method: str, path: str, body: Any = None, *, once: str | None = None) -> Any:
        """Send a write by any method; returns the answer."""
        content = None if body is None else orjson.dumps(body)
        return await self.upload(path, content, "application/json", method=method, once=once)

    async def upload(
        self,
        path: str,
        content: bytes | None,
        media: str,
        *,
        method: str = "POST",
        once: str | None = None,
        **query: Any,
    ) -> Any:
        """Send a body of any media type; returns the answer."""
        headers = {"Idempotency-Key": once or ids.hexadecimal(16)}
        if content is not None:
            headers["Content-Type"] = media
        answer = await self._send(method, path, headers=headers, content=content, params=_present(query))
        self.position = answer.headers.get("Sekul-Position", self.position)
        return orjson.loads(answer.content)

    @asynccontextmanager
    async def stream(self, path: str, headers: Mapping[str, str], **query: Any) -> AsyncIterator[AsyncIterator[str]]:
        """Open an answer without end; returns its lines."""
        timeout = httpx.Timeout(60, connect=5)
        async with self._client.stream(
            "GET", path, params=_present(query), headers=dict(headers), timeout=timeout
        ) as answer:
            if answer.status_code != httpx.codes.OK:
                await answer.aread()
                raise _problem(answer)
            yield answer.aiter_lines()

    async def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        clock = asyncio.get_running_loop()
        deadline = clock.time() + self._patience_s
        wait = 0.1
        while True:
            try:
                answer = await self._client.request(method, path, **request)
            except httpx.TransportError:
                if clock.time() > deadline or self._patience_s <= _WAIT_LONGEST_S:
                    raise
            else:
                if answer.is_success:
                    return answer
                problem = _problem(answer)
                transient = answer.status_code in _TRANSIENT or problem.code == _STILL_RUNNING
                if not transient or clock.time() > deadline:
                    raise problem
                wait = max(wait, min(float(answer.headers.get("Retry-After", 0)), _WAIT_LONGEST_S))
            await asyncio.sleep(wait * (0.5 + ids.fraction()))
            wait = min(wait * 2, _WAIT_LONGEST_S)


def _present(query: Mapping[str, Any]) -> dict[str, Any]:
    """A query without the values that are `None`."""
    return {name: value for name, value in query.items() if value is not None}


def _problem(answer: httpx.Response) -> Problem:
    try:
        document = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        document = {}
    return Problem(answer.status_code, document if isinstance(document, dict) else {})
