"""Calls the systems of CSR programmes: signed POSTs in the way of Standard Webhooks.

Promises that a call goes to the address that the guard approved and to no other (no redirects, no proxy from the
environment, no connection shared between two names), that it ends in time, and that a hostile answer costs nothing:
its body is never read. Must not log an address or a secret.
"""

import asyncio
import email.utils
import ssl
from datetime import UTC, datetime, timedelta

import httpx

from services.notifier.outbound.addresses import AddressRefused, SsrfGuard, Target
from services.notifier.outbound.contacts import Webhook
from services.notifier.outbound.results import Later, Never, Result, Sent
from services.notifier.outbound.signing import BadSecret, headers
from services.notifier.projections.notices import WEBHOOK_GONE
from services.runtime.base.clock import Clock

TIMEOUT_S = 15.0
_GONE = 410
#: Answers after which the receiver may say how long to wait.
_SLOW_DOWN = (429, 502, 503, 504)


class WebhookCaller:
    """Delivers by webhook. `clock` is the world's clock: receivers refuse signatures of another time."""

    def __init__(
        self, guard: SsrfGuard, clock: Clock, *, timeout_s: float = TIMEOUT_S, tls: ssl.SSLContext | None = None
    ) -> None:
        self._guard = guard
        self._clock = clock
        self._timeout_s = timeout_s
        self._tls = tls or ssl.create_default_context()

    async def call(self, hook: Webhook, *, message: str, body: bytes) -> Result:
        """One attempt; `message` is the id by which the receiver recognises a repeat."""
        try:
            async with asyncio.timeout(self._timeout_s):
                target = await self._guard.target(hook.url)
                signed = headers(hook.secret, message=message, at=self._clock.now(), body=body)
                return await self._post(target, signed, body)
        except AddressRefused as error:
            return Never(error.code)
        except BadSecret:
            return Never("webhook.secret_unreadable")
        except (TimeoutError, httpx.TimeoutException):
            return Later("webhook.timeout")
        except (OSError, httpx.HTTPError):
            return Later("webhook.unreachable")

    async def _post(self, target: Target, signed: dict[str, str], body: bytes) -> Result:
        url = target.url
        extensions = {"sni_hostname": url.raw_host.decode("ascii")} if url.scheme == "https" else {}
        sent = signed | {
            "host": url.netloc.decode("ascii"),
            "content-type": "application/json",
            "user-agent": "gemet-sekul/1",
        }
        # A client per call: a pool would know connections by address and lend one name's to another.
        async with (
            httpx.AsyncClient(
                verify=self._tls, trust_env=False, follow_redirects=False, timeout=self._timeout_s
            ) as client,
            client.stream(
                "POST", url.copy_with(host=target.connect), content=body, headers=sent, extensions=extensions
            ) as response,
        ):
            return self._result(response)

    def _result(self, response: httpx.Response) -> Result:
        if response.is_success:
            return Sent()
        if response.status_code == _GONE:
            return Never(WEBHOOK_GONE)
        if response.is_redirect or response.has_redirect_location:
            return Later("webhook.redirected")
        asked = None
        if response.status_code in _SLOW_DOWN:
            asked = retry_after(response.headers.get("retry-after"), self._clock.now())
        return Later(f"webhook.status_{response.status_code}", asked)


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """What a `Retry-After` header asks for: seconds or an HTTP date; nonsense asks for nothing."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 10**9))
    try:
        until = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(timedelta(0), (until if until.tzinfo else until.replace(tzinfo=UTC)) - now)
