"""Calls to real HTTP servers: signed so that the reference library believes them, and nowhere but where they may go."""

import asyncio
import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from standardwebhooks import Webhook as Judge
from standardwebhooks import WebhookVerificationError

from services.notifier.outbound.addresses import SsrfGuard
from services.notifier.outbound.contacts import Webhook
from services.notifier.outbound.results import Later, Never, Sent
from services.notifier.outbound.webhook import WebhookCaller
from services.runtime.base.clock import SystemClock
from tests.support.notices import an_id
from tests.support.notifier_shards import SECRET
from tests.support.receiver import Reply, receiver

MESSAGE = an_id("ntc")
BODY = b'{"type":"bill.due","timestamp":"2026-12-01T02:00:00Z","data":{"total_idr":16800}}'
NAME = "hook.example"


class Names:
    """A resolver with its answers in order; the last one stays."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)

    async def __call__(self, host: str, port: int) -> list[str]:
        return [self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]]


def caller(*, timeout_s: float = 5, tls: ssl.SSLContext | None = None, guard: SsrfGuard | None = None) -> WebhookCaller:
    """A caller that may call this machine."""
    return WebhookCaller(guard or SsrfGuard(private_allowed=True), SystemClock(), timeout_s=timeout_s, tls=tls)


def hook(url: str, secret: str = SECRET) -> Webhook:
    return Webhook(an_id("whk"), url, secret)


async def test_the_reference_library_believes_a_call() -> None:
    async with receiver() as there:
        assert await caller().call(hook(there.url()), message=MESSAGE, body=BODY) == Sent()
        (call,) = there.calls
        assert Judge(SECRET).verify(call.body, call.headers)["data"] == {"total_idr": 16800}
        assert (call.method, call.path, call.body) == ("POST", "/hook", BODY)
        assert call.headers["content-type"] == "application/json"


async def test_a_tampered_call_fails_verification() -> None:
    async with receiver() as there:
        await caller().call(hook(there.url()), message=MESSAGE, body=BODY)
        (call,) = there.calls
        with pytest.raises(WebhookVerificationError):
            Judge(SECRET).verify(call.body.replace(b"16800", b"99999"), call.headers)


async def test_a_repeat_carries_the_same_id_and_body() -> None:
    async with receiver() as there:
        for _ in range(2):
            await caller().call(hook(there.url()), message=MESSAGE, body=BODY)
        first, second = there.calls
        assert first.headers["webhook-id"] == second.headers["webhook-id"] == MESSAGE
        assert first.body == second.body


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_any_success_is_a_success(status: int) -> None:
    async with receiver() as there:
        there.answer(status)
        assert await caller().call(hook(there.url()), message=MESSAGE, body=BODY) == Sent()


@pytest.mark.parametrize("status", [400, 401, 404, 408, 500, 503])
async def test_any_other_answer_is_tried_again(status: int) -> None:
    async with receiver() as there:
        there.answer(status)
        assert await caller().call(hook(there.url()), message=MESSAGE, body=BODY) == Later(f"webhook.status_{status}")


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_a_receiver_can_ask_for_a_later_retry(status: int) -> None:
    async with receiver() as there:
        there.answer(status, retry_after="3600")
        result = await caller().call(hook(there.url()), message=MESSAGE, body=BODY)
        assert result == Later(f"webhook.status_{status}", timedelta(hours=1))


async def test_a_receiver_that_is_gone_is_never_called_again() -> None:
    async with receiver() as there:
        there.answer(410)
        assert await caller().call(hook(there.url()), message=MESSAGE, body=BODY) == Never("webhook.gone")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    async with receiver() as elsewhere, receiver() as there:
        there.answer(status, location=elsewhere.url())
        result = await caller().call(hook(there.url()), message=MESSAGE, body=BODY)
        assert (result, elsewhere.calls) == (Later("webhook.redirected"), [])


async def test_this_machine_is_not_called_unless_the_settings_say_so() -> None:
    async with receiver() as there:
        result = await caller(guard=SsrfGuard(resolve=Names("127.0.0.1"))).call(
            hook(f"http://{NAME}/hook"), message=MESSAGE, body=BODY
        )
        assert (result, there.calls) == (Never("webhook.address_private"), [])


async def test_a_name_that_changes_its_answer_gains_nothing() -> None:
    # The guard sees the receiver's address; a second question to the resolver would have another answer.
    async with receiver() as there:
        names = Names("127.0.0.1", "192.0.2.1")
        result = await caller(guard=SsrfGuard(private_allowed=True, resolve=names)).call(
            hook(there.url(host=NAME)), message=MESSAGE, body=BODY
        )
        assert result == Sent()
        assert names.answers == ["192.0.2.1"]
        assert there.calls[0].headers["host"] == f"{NAME}:{there.port}"


async def test_a_proxy_in_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiver() as proxy, receiver() as there:
        monkeypatch.setenv("HTTP_PROXY", proxy.url(""))
        monkeypatch.setenv("ALL_PROXY", proxy.url(""))
        assert await caller().call(hook(there.url()), message=MESSAGE, body=BODY) == Sent()
        assert proxy.calls == []


async def test_a_receiver_that_does_not_answer_is_left_in_time() -> None:
    async with receiver() as there:
        there.replies.append(Reply(silent=True))
        began = asyncio.get_running_loop().time()
        result = await caller(timeout_s=0.3).call(hook(there.url()), message=MESSAGE, body=BODY)
        assert result == Later("webhook.timeout")
        assert asyncio.get_running_loop().time() - began < 3


async def test_an_endless_answer_costs_nothing() -> None:
    async with receiver() as there:
        there.replies.append(Reply(endless=True))
        assert await caller().call(hook(there.url()), message=MESSAGE, body=BODY) == Sent()


async def test_a_closed_port_is_tried_again() -> None:
    async with receiver() as there:
        url = there.url()
    assert await caller().call(hook(url), message=MESSAGE, body=BODY) == Later("webhook.unreachable")


async def test_a_name_that_does_not_resolve_is_tried_again() -> None:
    async def nobody(_host: str, _port: int) -> list[str]:
        raise OSError("no such name")

    result = await caller(guard=SsrfGuard(resolve=nobody)).call(hook(f"https://{NAME}/"), message=MESSAGE, body=BODY)
    assert result == Later("webhook.unreachable")


async def test_a_malformed_secret_fails_without_a_call() -> None:
    async with receiver() as there:
        result = await caller().call(hook(there.url(), "whsec_"), message=MESSAGE, body=BODY)
        assert (result, there.calls) == (Never("webhook.secret_unreadable"), [])


# -- TLS: the certificate must be the name's, though we connect to an address ------------------------------------------


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server of that name shows, and what a client needs to believe it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = SystemClock().now()
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = serialization.PrivateFormat.PKCS8
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return server, ssl.create_default_context(cafile=str(folder / "cert.pem"))


async def test_over_tls_the_host_name_is_sent_and_verified(tmp_path: Path) -> None:
    server, trust = certificate(tmp_path, NAME)
    async with receiver(server) as there:
        guard = SsrfGuard(private_allowed=True, resolve=Names("127.0.0.1"))
        calls = caller(tls=trust, guard=guard)
        result = await calls.call(hook(there.url(host=NAME, scheme="https")), message=MESSAGE, body=BODY)
        assert (result, there.calls[0].sni) == (Sent(), NAME)


async def test_over_tls_another_names_certificate_is_refused(tmp_path: Path) -> None:
    server, trust = certificate(tmp_path, "somebody.example")
    async with receiver(server) as there:
        guard = SsrfGuard(private_allowed=True, resolve=Names("127.0.0.1"))
        calls = caller(tls=trust, guard=guard)
        result = await calls.call(hook(there.url(host=NAME, scheme="https")), message=MESSAGE, body=BODY)
        assert (result, there.calls) == (Later("webhook.unreachable"), [])
