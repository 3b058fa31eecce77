"""Mails and messages over real servers: what arrives, and what becomes of it when it does not."""

from collections.abc import AsyncIterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from services.notifier.outbound.mail import Mailer
from services.notifier.outbound.messenger import Messenger
from services.notifier.outbound.render import Message, render
from services.notifier.outbound.results import Later, Never, Sent
from services.ops.embedded.process import free_ports
from services.runtime.clock import SystemClock
from services.runtime.settings import Notices
from tests.support.notices import an_id, sample_params
from tests.support.receiver import receiver

# Apprise imports a module that Python 3.13 no longer has.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")

LINK = "https://sekul.example/v1/unsubscribe/token"
NOTICE = an_id("ntc")


class Post:
    """An SMTP server's mind: keeps mails, and answers as it is told."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.says: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802 -- the name that aiosmtpd looks for
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Take a recipient, or not."""
        answer = self.says.get("RCPT", "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
            self.recipients.append(address)
        return answer

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 -- see above
        """Take a mail, or not."""
        answer = self.says.get("DATA", "250 OK")
        if answer.startswith("250"):
            mail = message_from_bytes(envelope.content, policy=default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
        return answer


@pytest.fixture
async def post() -> AsyncIterator[tuple[Post, Mailer]]:
    """A real SMTP server and a mailer that uses it."""
    mind = Post()
    (port,) = free_ports("mail")
    office = Controller(mind, hostname="127.0.0.1", port=port)
    office.start()
    yield mind, mailer(port)
    office.stop()


def mailer(port: int) -> Mailer:
    """A mailer for a server on this machine."""
    settings = Notices(
        smtp_host="127.0.0.1", smtp_port=port, smtp_tls="none", mail_from="Gemet Sekul <notices@sekul.example>"
    )
    return Mailer(settings, SystemClock())


def message() -> Message:
    """A bill in words."""
    return render("bill_due", sample_params("bill_due"), language="id", name="PT Baja", unsubscribe=LINK)


async def sent(one: Mailer, address: str = "csr@baja.example") -> object:
    """Send it."""
    return await one.send(address, message(), notice=NOTICE, unsubscribe=LINK)


async def test_a_mail_arrives_as_text_and_html(post: tuple[Post, Mailer]) -> None:
    mind, one = post
    assert await sent(one) == Sent()
    (mail,) = mind.mails
    text, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert page is not None
    assert "Rp16.800" in text.get_content()
    assert "<table" in page.get_content()
    assert (mail["To"], mind.recipients) == ("csr@baja.example", ["csr@baja.example"])
    assert mail["Subject"] == "Iuran Januari 2027: Rp16.800, jatuh tempo 15 Januari 2027"


async def test_a_mail_can_be_unsubscribed_with_one_click(post: tuple[Post, Mailer]) -> None:
    mind, one = post
    await sent(one)
    (mail,) = mind.mails
    assert mail["List-Unsubscribe"] == f"<{LINK}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"


async def test_a_mail_that_is_sent_again_has_the_same_message_id(post: tuple[Post, Mailer]) -> None:
    mind, one = post
    await sent(one)
    await sent(one)
    assert [mail["Message-ID"] for mail in mind.mails] == [f"<{NOTICE}@sekul.example>"] * 2


@pytest.mark.parametrize(
    ("step", "answer", "result"),
    [
        ("RCPT", "550 no such user", Never("email.recipient_refused")),
        ("RCPT", "451 come back later", Later("email.recipient_deferred")),
        ("DATA", "554 not here", Never("email.refused")),
        ("DATA", "452 no room now", Later("email.deferred")),
    ],
)
async def test_a_no_is_final_and_a_not_now_is_not(
    post: tuple[Post, Mailer], step: str, answer: str, result: object
) -> None:
    mind, one = post
    mind.says[step] = answer
    assert await sent(one) == result


async def test_a_server_that_is_away_is_tried_again() -> None:
    assert await sent(mailer(1)) == Later("email.unreachable")


@pytest.mark.parametrize("address", ["a@b.example\r\nBcc: c@d.example", "budi", "", "@", "a b@c.example"])
async def test_an_address_that_is_none_reaches_nobody(post: tuple[Post, Mailer], address: str) -> None:
    mind, one = post
    assert isinstance(await sent(one, address), Never)
    assert mind.recipients == []


async def test_a_message_reaches_the_service_that_apprise_names() -> None:
    async with receiver() as there:
        one = Messenger(f"json://127.0.0.1:{there.port}/{{phone}}")
        assert await one.send("+628123456789", message()) == Sent()
        assert (there.calls[0].path, b"Rp16.800" in there.calls[0].body) == ("/+628123456789", True)


async def test_a_service_that_fails_is_tried_again() -> None:
    async with receiver() as there:
        there.answer(500)
        one = Messenger(f"json://127.0.0.1:{there.port}/{{phone}}")
        assert await one.send("+628123456789", message()) == Later("messenger.failed")


@pytest.mark.parametrize("address", ["", "json://127.0.0.1/", "no-such-service://{phone}"])
async def test_an_address_that_apprise_does_not_know_ends_it(address: str) -> None:
    assert await Messenger(address).send("+628123456789", message()) == Never("messenger.address_unreadable")


async def test_apprise_writes_no_number_into_any_log(caplog: pytest.LogCaptureFixture) -> None:
    await Messenger("json://127.0.0.1:1/{phone}").send("+628123456789", message())
    assert "628123456789" not in caplog.text
