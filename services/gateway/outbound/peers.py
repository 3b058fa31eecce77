"""Questions that only their owner can answer, asked of the matcher, the ledger and the notifier over HTTP.

Promises an answer, a refusal with the owner's own code, or `PeerAway` in time. Must not send personal data.
"""

from collections.abc import Mapping
from typing import Any, Final

import httpx
import orjson

from schemas.base import Fact
from schemas.logs import ServiceName
from services.runtime.base.errors import Refused, RetryLater
from services.settings import Settings

_TIMEOUT: Final = httpx.Timeout(20.0, connect=2.0)


class PeerAway(RetryLater):
    """A service does not answer, or not as it should."""

    def __init__(self, service: ServiceName, why: str) -> None:
        super().__init__("peer.away", f"the {service} does not answer ({why}); ask again in a moment")


class Peers:
    """Clients of the other services."""

    def __init__(self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._settings = settings
        self._client = httpx.AsyncClient(
            timeout=_TIMEOUT,
            transport=transport,
            headers={"Authorization": f"Bearer {settings.keys.internal}"},
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=16),
            trust_env=False,
        )

    async def get(self, service: ServiceName, path: str, params: Mapping[str, str | int | None], trace: str) -> Any:
        """Ask a question; parameters that are `None` are left out."""
        given = {name: value for name, value in params.items() if value is not None}
        return await self._ask("GET", service, path, trace, params=given)

    async def get_or_none(self, service: ServiceName, path: str, trace: str) -> Any:
        """Ask what can be done without: `None` while the service is away, and for what it does not know."""
        try:
            answer = await self.get(service, path, {}, trace)
        except PeerAway:
            return None
        return None if isinstance(answer, Refused) else answer

    async def post(self, service: ServiceName, path: str, fact: Fact, trace: str) -> Any:
        """Ask a question about a fact that has not happened."""
        return await self._ask("POST", service, path, trace, content=fact.model_dump_json().encode())

    async def readiness(self, service: ServiceName, trace: str) -> dict[str, Any] | None:
        """What a service reports of itself; `None` without an answer within two seconds."""
        url = self._settings.http.url_of(service) + "/readyz"
        try:
            response = await self._client.get(url, headers={"traceparent": trace}, timeout=2.0)
            report: dict[str, Any] = orjson.loads(response.content)
        except (httpx.HTTPError, orjson.JSONDecodeError):
            return None
        return report

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _ask(self, method: str, service: ServiceName, path: str, trace: str, **more: Any) -> Any:
        url = self._settings.http.url_of(service) + path
        headers = {"traceparent": trace, "Content-Type": "application/json"}
        try:
            response = await self._client.request(method, url, headers=headers, **more)
            answer = orjson.loads(response.content)
        except (httpx.HTTPError, orjson.JSONDecodeError) as error:
            raise PeerAway(service, type(error).__name__) from error
        if response.is_success:
            return answer
        if response.status_code < 500 and isinstance(answer, dict) and "code" in answer:
            return Refused(str(answer["code"]), str(answer.get("detail", "")))
        raise PeerAway(service, f"status {response.status_code}")
