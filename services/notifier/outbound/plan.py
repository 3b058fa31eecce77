"""The plan for a notice that is due: suppress it, or reach its recipient by which targets. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast
from uuid import UUID

import orjson

from schemas.envelope import instant
from schemas.facts.notifier import Channel
from schemas.languages import Language
from services.notifier.domain.identity import text_of
from services.notifier.domain.templates import Template
from services.notifier.outbound.contacts import Contact, Webhook
from services.notifier.outbound.requests import Request
from services.runtime.base.postgres import Row


@dataclass(frozen=True)
class Notice:
    """A notice that is due, with what its recipient chose. `suppress_reason` is the code of why not to send it."""

    id: UUID
    recipient: str
    template: Template
    language: Language
    params: dict[str, str]
    requested_at: datetime
    channels: tuple[str, ...] | None = None
    suppress_reason: str | None = None

    @property
    def name(self) -> str:
        """The id as the outside knows it."""
        return text_of(self.id)

    @classmethod
    def of(cls, request: Request, row: Row) -> "Notice":
        """A request with its row of `owed` or `delayed`.

        A person's choice of language precedes that of the donor's registration, which precedes the fact's.
        """
        language = row["chosen_language"] or row["registered_language"] or request.language
        return cls(
            id=request.notice,
            recipient=request.recipient,
            template=request.template,
            language=cast("Language", language),
            params=request.params,
            requested_at=request.requested_at,
            channels=None if row["channels"] is None else tuple(row["channels"]),
            suppress_reason=_suppress_reason(request.template, row),
        )


def _suppress_reason(template: Template, row: Row) -> str | None:
    """Why a notice is not sent: its recipient died, opted out, or left and need not know what is to come."""
    if row["erased"]:
        return "recipient.erased"
    if row["ended"] == "died":
        return "recipient.died"
    if row["opted_out"]:
        return "recipient.opted_out"
    if row["ended"] and not template.for_leavers:
        return "recipient.ended"
    return None


@dataclass(frozen=True)
class Target:
    """One way to the recipient and the number of the attempt.

    `hook` is absent if it was removed; `channel_disabled`: the channel was ruled out since the last attempt.
    """

    channel: Channel
    webhook: str | None = None
    attempt: int = 1
    hook: Webhook | None = field(default=None, repr=False)
    channel_disabled: bool = False


def channels_of(notice: Notice, enabled: Sequence[Channel]) -> list[Channel]:
    """The channels in use that the recipient has not ruled out; only donors have systems to call."""
    return [
        channel
        for channel in enabled
        if (notice.channels is None or channel in notice.channels)
        and (channel != "webhook" or notice.template.event is not None)
    ]


def targets(channels: Sequence[Channel], contact: Contact, gone: Collection[str]) -> list[Target]:
    """The targets of a first attempt: of those channels, the ones for which the recipient left an address."""
    found: list[Target] = []
    for channel in channels:
        match channel:
            case "mailbox":
                found.append(Target(channel))
            case "email" if contact.email:
                found.append(Target(channel))
            case "messenger" if contact.phone:
                found.append(Target(channel))
            case "webhook":
                found += [Target(channel, hook.id, 1, hook) for hook in contact.webhooks if hook.id not in gone]
            case _:
                pass
    return found


def body_of(notice: Notice) -> bytes:
    """What a webhook carries: the same bytes at each attempt, and nothing personal but the donor's own id."""
    data = {"notice": notice.name, "donor": notice.recipient} | notice.template.data(notice.params)
    event = {"type": notice.template.event, "timestamp": instant(notice.requested_at), "data": data}
    return orjson.dumps(event)
