"""A real SMTP server for tests: keeps the mails that come, and answers as the test sets."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from services.ops.embedded.process import free_ports


class Post:
    """The handler of an SMTP server: keeps mails, and answers as the test sets."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.says: dict[str, str] = {}
        self.port = 0

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


@contextmanager
def post_office() -> Iterator[Post]:
    """A server on a port of its own while the block runs."""
    mind = Post()
    (mind.port,) = free_ports("mail")
    office = Controller(mind, hostname="127.0.0.1", port=mind.port)
    office.start()
    try:
        yield mind
    finally:
        office.stop()
