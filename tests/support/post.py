"""A real SMTP server for tests: keeps the mails that arrive, and answers as the test sets."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from services.ops.embedded.process import LOOPBACK, free_ports


@dataclass
class Post:
    """Keeps mails. `arrives` is called in the server's thread, after a mail is kept and before it is answered."""

    port: int
    #: how long a mail takes
    delay_s: float = 0.0
    arrives: Callable[[int], None] = lambda _number: None
    #: answers other than 250, by command
    says: dict[str, str] = field(default_factory=dict)
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Accept a recipient, or refuse it."""
        answer = self.says.get("RCPT", "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
            self.recipients.append(address)
        return answer

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Accept a mail, or refuse it."""
        answer = self.says.get("DATA", "250 OK")
        if answer.startswith("250"):
            mail = message_from_bytes(envelope.content, policy=default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
            self.arrives(len(self.mails))
        await asyncio.sleep(self.delay_s)
        return answer

    def notices(self) -> Counter[str]:
        """How often each notice arrived; a Message-ID is the notice's id at the sender's domain."""
        return Counter(str(mail["Message-ID"]).strip("<>").partition("@")[0] for mail in self.mails)


@contextmanager
def post_office(seed: str = "", delay_s: float = 0.0) -> Iterator[Post]:
    """A server on a port of its own while the block runs."""
    (port,) = free_ports(f"mail {seed}")
    post = Post(port, delay_s)
    controller = Controller(post, hostname=LOOPBACK, port=port)
    controller.start()
    try:
        yield post
    finally:
        controller.stop()
