"""Sends short messages by whatever service an Apprise address names: SMS gateways, WhatsApp, Telegram and others.

Apprise reports only success or failure, so a failure is always retried within the limit of attempts. Must not
log a number: Apprise's own log is silent.
"""

import asyncio
import logging
from typing import Final
from urllib.parse import quote

import apprise

from services.notifier.outbound.render import Message
from services.notifier.outbound.results import Later, Never, Result, Sent

#: where the person's number goes in the address
PLACE: Final = "{phone}"
# Its warnings quote the address with the person's number in it.
logging.getLogger("apprise").disabled = True


class Messenger:
    """Delivers by messenger. `address` is an Apprise address with `{phone}` in it."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def send(self, phone: str, message: Message) -> Result:
        """One attempt."""
        service = apprise.Apprise()
        # In a thread: the first time, Apprise looks through its hundred services for a second.
        if not await asyncio.to_thread(service.add, self._address.replace(PLACE, quote(phone, safe="+"))):
            return Never("messenger.address_unreadable")
        done = await service.async_notify(body=f"{message.body}\n\n{message.footer}", title=message.subject)
        return Sent() if done else Later("messenger.failed")
