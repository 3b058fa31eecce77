"""What is to be done about a notice that is due: keep silent, or reach its recipient by which targets. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

import orjson

from schemas.envelope import instant
from schemas.facts.gateway import Language
from schemas.facts.notifier import Channel
from services.notifier.domain.catalogue import CATALOGUE, data_of
from services.notifier.outbound.contacts import Contact, Webhook
from services.runtime.base.postgres import Row


@dataclass(frozen=True)
class Notice:
    """A notice that is due, with what its recipient chose. `silence` is the code of the reason to say nothing."""

    id: str
    shard: int
    recipient: str
    template: str
    language: Language
    params: dict[str, str]
    requested_at: datetime
    channels: tuple[str, ...] | None = None
    silence: str | None = None

    @classmethod
    def of(cls, row: Row, shard: int) -> "Notice":
        """A row of `owed` or `delayed`.

        A person's choice of language goes before that of the donor's registration, and this before what the fact said.
        """
        language = row["chosen_language"] or row["registered_language"] or row["language"]
        return cls(
            id=row["notice"],
            shard=shard,
            recipient=row["recipient"],
            template=row["template"],
            language=cast("Language", language),
            params=orjson.loads(row["params"]),
            requested_at=row["requested_at"],
            channels=None if row["channels"] is None else tuple(row["channels"]),
            silence=_silence(row),
        )


def _silence(row: Row) -> str | None:
    """Why nothing is to be said: to nobody who is no more or wants no word, to none who left about what is to come."""
    if row["erased"]:
        return "recipient.erased"
    if row["ended"] == "died":
        return "recipient.died"
    if row["opted_out"]:
        return "recipient.opted_out"
    if row["ended"] and not CATALOGUE[row["template"]].for_leavers:
        return "recipient.ended"
    return None


@dataclass(frozen=True)
class Target:
    """One way to the recipient and the number of the attempt.

    `hook` is absent when nobody knows it any more; `barred` says that the channel was ruled out since the last attempt.
    """

    channel: Channel
    webhook: str | None = None
    attempt: int = 1
    hook: Webhook | None = field(default=None, repr=False)
    barred: bool = False


def channels_of(notice: Notice, enabled: Sequence[Channel]) -> list[Channel]:
    """The channels in use that the recipient has not ruled out; only donors have systems to call."""
    return [
        channel
        for channel in enabled
        if (notice.channels is None or channel in notice.channels)
        and (channel != "webhook" or CATALOGUE[notice.template].event is not None)
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
    data = {"notice": notice.id, "donor": notice.recipient} | data_of(notice.template, notice.params)
    event = {"type": CATALOGUE[notice.template].event, "timestamp": instant(notice.requested_at), "data": data}
    return orjson.dumps(event)
