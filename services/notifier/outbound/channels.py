"""All channels behind one call: takes a notice, its recipient's contact and a target; returns the result."""

from typing import assert_never

from schemas import unsubscribe
from services.notifier.outbound.contacts import Contact
from services.notifier.outbound.mail import Mailer
from services.notifier.outbound.messenger import Messenger
from services.notifier.outbound.plan import Notice, Target, body_of
from services.notifier.outbound.render import Message, render
from services.notifier.outbound.results import Never, Result, Sent
from services.notifier.outbound.webhook import WebhookCaller


class Channels:
    """All channels of this process. `unsubscribe_url` is where tokens are taken, empty for nowhere."""

    def __init__(
        self, *, mailer: Mailer, messenger: Messenger, caller: WebhookCaller, unsubscribe_url: str, key: bytes
    ) -> None:
        self._mailer = mailer
        self._messenger = messenger
        self._caller = caller
        self._unsubscribe_url = unsubscribe_url.rstrip("/")
        self._key = key

    async def attempt(self, notice: Notice, contact: Contact, target: Target) -> Result:
        """One attempt to reach one target."""
        if target.channel_disabled:
            return Never("recipient.channel_off")
        match target.channel:
            case "mailbox":
                # The mailbox is the record itself: what is recorded as sent is in it.
                return Sent()
            case "email":
                return await self._by_mail(notice, contact)
            case "messenger":
                return await self._by_messenger(notice, contact)
            case "webhook":
                return await self._by_webhook(notice, target)
            case _:
                assert_never(target.channel)

    async def _by_mail(self, notice: Notice, contact: Contact) -> Result:
        if not contact.email:
            return Never("email.absent")
        link = self._link(notice.recipient)
        message = self._message(notice, contact, link)
        return await self._mailer.send(contact.email, message, notice=notice.name, unsubscribe=link)

    async def _by_messenger(self, notice: Notice, contact: Contact) -> Result:
        if not contact.phone:
            return Never("messenger.absent")
        message = self._message(notice, contact, self._link(notice.recipient))
        return await self._messenger.send(contact.phone, message)

    async def _by_webhook(self, notice: Notice, target: Target) -> Result:
        if target.hook is None:
            return Never("webhook.absent")
        return await self._caller.call(target.hook, message=notice.name, body=body_of(notice))

    def _message(self, notice: Notice, contact: Contact, link: str) -> Message:
        return render(
            notice.template.name, notice.params, language=notice.language, name=contact.name, unsubscribe=link
        )

    def _link(self, person: str) -> str:
        return f"{self._unsubscribe_url}/{unsubscribe.token(self._key, person)}" if self._unsubscribe_url else ""
