"""The notifier's log: which notice was owed to whom, and how it ended. No word of a person's data."""

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field

from schemas.base import Code, Count, Fact, NoticeId, PersonId, Text, WebhookId
from schemas.facts.common import DayBegan, DeadLetterRecorded, DeadLetterRedriven
from schemas.facts.gateway import Language

Channel = Literal["mailbox", "email", "messenger", "webhook"]


class NoticeRequested(Fact):
    """A notice is owed. `key` is unique for ever: the same key again is the same notice.

    `params` are codes, months, amounts and ids as text, never personal data.
    """

    STREAM: ClassVar[str] = "recipient"
    kind: Literal["notice.requested"] = "notice.requested"
    notice: NoticeId
    key: Text
    recipient: PersonId
    template: Code
    language: Language
    params: dict[str, str]
    not_before: AwareDatetime


class NoticeSent(Fact):
    """A notice went out by a channel (`webhook` tells which, if by one); `attempt` counts from 1."""

    STREAM: ClassVar[str] = "recipient"
    kind: Literal["notice.sent"] = "notice.sent"
    notice: NoticeId
    recipient: PersonId
    channel: Channel
    webhook: WebhookId | None = None
    attempt: Count


class NoticeDelayed(Fact):
    """An attempt failed for now; the next one is not before `retry_at`."""

    STREAM: ClassVar[str] = "recipient"
    kind: Literal["notice.delayed"] = "notice.delayed"
    notice: NoticeId
    recipient: PersonId
    channel: Channel
    webhook: WebhookId | None = None
    attempt: Count
    code: Code
    retry_at: AwareDatetime


class NoticeFailed(Fact):
    """A notice will not go out by this channel any more."""

    STREAM: ClassVar[str] = "recipient"
    kind: Literal["notice.failed"] = "notice.failed"
    notice: NoticeId
    recipient: PersonId
    channel: Channel
    webhook: WebhookId | None = None
    attempt: Count
    code: Code


class NoticeSuppressed(Fact):
    """A notice was owed but not sent: opted out, erased, or no channel."""

    STREAM: ClassVar[str] = "recipient"
    kind: Literal["notice.suppressed"] = "notice.suppressed"
    notice: NoticeId
    recipient: PersonId
    code: Code


NotifierFact = Annotated[
    DayBegan
    | DeadLetterRecorded
    | DeadLetterRedriven
    | NoticeRequested
    | NoticeSent
    | NoticeDelayed
    | NoticeFailed
    | NoticeSuppressed,
    Field(discriminator="kind"),
]
