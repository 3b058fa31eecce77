"""A client that retries: each write carries its own Idempotency-Key and is sent until it is answered.

Knows several gateways, as a load balancer does, and tries the next one when one is away or owns no shard. Promises
that what it returns was answered with a 2xx, once, whatever was killed meanwhile.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

import httpx
import orjson

PATIENCE_S: Final = 150.0
_WAIT_S: Final = 0.15
#: away for now, or busy with the same request
_TRANSIENT: Final = frozenset({429, 502, 503, 504})
_STILL_RUNNING: Final = "idempotency.running"


class Unanswered(AssertionError):
    """A request that was refused, or not answered in time."""


@dataclass
class Caller:
    """`urls` may grow and shrink while it calls; `before` is awaited with the name of each new write."""

    urls: list[str]
    key: str
    before: Callable[[str], Awaitable[None]] | None = None
    timeout_s: float = 40
    writes: int = 0
    #: how often a request was sent again, by what was received instead of an answer
    again: dict[str, int] = field(default_factory=dict)
    _turn: int = 0

    async def __aenter__(self) -> Self:
        """Open the connections."""
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
        headers = {"Authorization": f"Bearer {self.key}"}
        self._client = httpx.AsyncClient(headers=headers, limits=limits)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close them."""
        await self._client.aclose()

    async def write(self, once: str, method: str, path: str, body: Any = None, *, also: Sequence[str] = ()) -> Any:
        """Send a write. `also` are codes of further refusals that are transient here."""
        content = None if body is None else orjson.dumps(body)
        headers = {"Idempotency-Key": once.replace(" ", "-"), "Content-Type": "application/json"}
        await self._begin(once)
        return orjson.loads(await self._send(method, path, headers, content, also))

    async def upload(self, once: str, path: str, content: bytes) -> Any:
        """Send a file."""
        headers = {"Idempotency-Key": once.replace(" ", "-"), "Content-Type": "text/csv"}
        await self._begin(once)
        return orjson.loads(await self._send("POST", path, headers, content))

    async def read(self, path: str) -> Any:
        """Returns the answer of a route."""
        return orjson.loads(await self._send("GET", path, {}))

    async def file(self, path: str) -> bytes:
        """Returns the bytes of a file."""
        return await self._send("GET", path, {})

    async def _begin(self, once: str) -> None:
        self.writes += 1
        if self.before is not None:
            await self.before(once)

    async def _send(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        content: bytes | None = None,
        also: Sequence[str] = (),
    ) -> bytes:
        last = "nothing yet"
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    url = self.urls[self._turn % len(self.urls)]
                    try:
                        answer = await self._client.request(
                            method,
                            url + path,
                            headers=headers,
                            content=content,
                            timeout=httpx.Timeout(self.timeout_s, connect=3),
                        )
                    except httpx.TransportError as error:
                        last = type(error).__name__
                    else:
                        if answer.is_success:
                            return answer.content
                        last = _code(answer)
                        if answer.status_code not in _TRANSIENT and last not in {_STILL_RUNNING, *also}:
                            raise Unanswered(f"{method} {path}: {answer.status_code} {answer.text}")
                    self.again[last] = self.again.get(last, 0) + 1
                    self._turn += 1
                    await asyncio.sleep(_WAIT_S)
        except TimeoutError as error:
            raise Unanswered(f"{method} {path}: no answer in {PATIENCE_S:.0f} s, last: {last}") from error


def _code(answer: httpx.Response) -> str:
    try:
        return str(orjson.loads(answer.content)["code"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return f"http.{answer.status_code}"
