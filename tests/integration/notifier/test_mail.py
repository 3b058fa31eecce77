"""Mails and messages over real servers: what arrives, and what becomes of it when it does not."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from services.notifier.outbound.mail import Mailer
from services.notifier.outbound.messenger import Messenger
from services.notifier.outbound.render import Message, render
from services.notifier.outbound.results import Later, Never, Sent
from services.runtime.base.clock import SystemClock
from services.settings import Notices
from tests.support.notices import an_id, sample_params
from tests.support.post import Post, post_office
from tests.support.receiver import receiver

# Apprise imports a module that Python 3.13 no longer has.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")

LINK = "https://sekul.example/v1/unsubscribe/token"
NOTICE = an_id("ntc")


@pytest.fixture
async def post() -> AsyncIterator[tuple[Post, Mailer]]:
    """A real SMTP server and a mailer that uses it."""
    with post_office() as mind:
        yield mind, mailer(mind.port)


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
    assert mail["Subject"] == "Iuran Januari 2027: Rp16.800, paling lambat 15 Januari 2027"


async def test_a_long_subject_and_names_of_all_scripts_arrive_as_they_are(post: tuple[Post, Mailer]) -> None:
    mind, one = post
    written = replace(
        message(), subject="Ringkasan " + "panjang " * 12 + "selesai", body="Yth. Ni Luh Ayu Kadék,\n\nå 你好"
    )
    assert await one.send("csr@baja.example", written, notice=NOTICE, unsubscribe="") == Sent()
    (mail,) = mind.mails
    text = mail.get_body(("plain",))
    assert text is not None
    assert mail["Subject"] == written.subject
    assert "Ni Luh Ayu Kadék" in text.get_content()


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
async def test_a_malformed_address_is_not_sent_to(post: tuple[Post, Mailer], address: str) -> None:
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


@pytest.mark.parametrize("address", ["", "no-such-service://{phone}"])
async def test_an_address_that_apprise_does_not_know_ends_it(address: str) -> None:
    assert await Messenger(address).send("+628123456789", message()) == Never("messenger.address_unreadable")


async def test_apprise_writes_no_number_into_any_log(caplog: pytest.LogCaptureFixture) -> None:
    await Messenger("json://127.0.0.1:1/{phone}").send("+628123456789", message())
    assert "628123456789" not in caplog.text
