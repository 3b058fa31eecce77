"""A real SMTP server that counts: which mails came, how often, and who wants to know when one comes."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any

from aiosmtpd.controller import Controller

from services.ops.embedded.process import LOOPBACK, free_ports


@dataclass
class PostOffice:
    """Keeps Message-IDs. `arrives` is called in the server's thread, after a mail is kept and before it is answered."""

    port: int
    #: how long a mail takes
    delay_s: float = 0.02
    arrives: Callable[[int], None] = lambda _number: None
    came: Counter[str] = field(default_factory=Counter)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a mail."""
        self.came[str(message_from_bytes(envelope.content)["Message-ID"])] += 1
        self.arrives(self.came.total())
        await asyncio.sleep(self.delay_s)
        return "250 OK"

    def notices(self) -> Counter[str]:
        """How often each notice came; a Message-ID is the notice's id at the sender's domain."""
        return Counter({name.strip("<>").partition("@")[0]: times for name, times in self.came.items()})


@contextmanager
def post_office(seed: str) -> Iterator[PostOffice]:
    """An office that is open."""
    (port,) = free_ports(f"mail {seed}")
    office = PostOffice(port)
    controller = Controller(office, hostname=LOOPBACK, port=port)
    controller.start()
    try:
        yield office
    finally:
        controller.stop()
