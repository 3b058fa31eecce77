"""Sends e-mail by SMTP: plain text and HTML, one-click unsubscription (RFC 8058), one Message-ID per notice for ever.

A mail that is sent again after a crash carries the same Message-ID, so that mail systems and people can tell that it is
the same. Must not log an address.
"""

import asyncio
import email.utils
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

import aiosmtplib

from services.notifier.outbound.render import Message, html
from services.notifier.outbound.results import Later, Never, Result, Sent
from services.runtime.base.clock import Clock
from services.settings import Notices

#: how long one step of the talk with the server may take, and all of them together
STEP_S: Final = 20.0
MAIL_S: Final = 60.0
#: how many mails may be on their way at once: servers turn away who comes with more
CONNECTIONS_MAX: Final = 8
#: SMTP answers from here on mean "no", below "not now".
_PERMANENT: Final = 500
#: Lines of the full length: at 78 characters, Python breaks a long subject before its first word.
_WIRE: Final = SMTP.clone(max_line_length=998)


class Mailer:
    """Delivers by e-mail. `clock` is the world's clock, for the Date header."""

    def __init__(self, settings: Notices, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._connections = asyncio.Semaphore(CONNECTIONS_MAX)
        self._sender = email.utils.parseaddr(settings.mail_from)[1]
        self._domain = self._sender.rpartition("@")[2] or "localhost"

    async def send(self, address: str, message: Message, *, notice: str, unsubscribe: str) -> Result:
        """One attempt."""
        try:
            mail = self._composed(address, message, notice, unsubscribe)
        except (ValueError, IndexError, MessageError):
            # The parser of addresses raises more than one kind of error.
            return Never("email.address_unreadable")
        try:
            async with self._connections, asyncio.timeout(MAIL_S):
                await self._hand_over(mail.as_bytes(policy=_WIRE), address)
        except aiosmtplib.SMTPRecipientsRefused as error:
            permanent = all(one.code >= _PERMANENT for one in error.recipients)
            return Never("email.recipient_refused") if permanent else Later("email.recipient_deferred")
        except aiosmtplib.SMTPDataError as error:
            return Never("email.refused") if error.code >= _PERMANENT else Later("email.deferred")
        except (aiosmtplib.SMTPException, OSError, UnicodeError):
            # Login, sender and server are settings of this service, so these errors are retried.
            return Later("email.unreachable")
        return Sent()

    async def _hand_over(self, mail: bytes, address: str) -> None:
        settings = self._settings
        await aiosmtplib.send(
            mail,
            sender=self._sender,
            recipients=[address],
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.smtp_user or None,
            password=settings.smtp_password.get_secret_value() or None,
            use_tls=settings.smtp_tls == "tls",
            start_tls=settings.smtp_tls == "starttls",
            local_hostname=self._domain,
            timeout=STEP_S,
        )

    def _composed(self, address: str, message: Message, notice: str, unsubscribe: str) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = self._settings.mail_from
        mail["To"] = Address(addr_spec=address)
        mail["Subject"] = message.subject
        mail["Date"] = email.utils.format_datetime(self._clock.now())
        mail["Message-ID"] = f"<{notice}@{self._domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["Content-Language"] = message.language
        if unsubscribe:
            mail["List-Unsubscribe"] = f"<{unsubscribe}>"
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail.set_content(message.text)
        mail.add_alternative(html(message), subtype="html")
        return mail
