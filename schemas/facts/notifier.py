"""The notifier's log: which notices were owed to whom, and how they ended. No word of a person's data.

A notice has no id of its own in the log: it is a line of a `notices.requested`, found by that fact's number.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field

from schemas.base import Code, Count, Fact, PersonId, Record, Text, WebhookId
from schemas.facts.common import DayBegan, DeadLetterRecorded, DeadLetterRedriven
from schemas.languages import Language

Channel = Literal["mailbox", "email", "messenger", "webhook"]


class NoticeLine(Record):
    """A notice to one person. With template and recipient, `subject` is unique for ever: it is the notice's key."""

    recipient: PersonId
    subject: Text
    params: dict[str, str]


class NoticesRequested(Fact):
    """Notices of one template that are owed because of one input, at most 1,000 a fact; `about` is its stream.

    `params`, those of all lines and those of each, are codes, months, amounts and ids as text, never personal data.
    """

    STREAM: ClassVar[str] = "about"
    kind: Literal["notices.requested"] = "notices.requested"
    about: Text
    template: Code
    language: Language
    not_before: AwareDatetime
    params: dict[str, str]
    lines: tuple[NoticeLine, ...]


class NoticeLines(Record):
    """Some of the notices that fact number `of` of the same log requested: the places of their lines, from 0."""

    of: Count
    lines: tuple[Count, ...]


class NoticesSent(Fact):
    """Notices went out by a channel (`webhook`: by which one); `attempt` is counted from 1."""

    STREAM: ClassVar[str] = "by"
    kind: Literal["notices.sent"] = "notices.sent"
    by: Literal["sender"] = "sender"
    notices: tuple[NoticeLines, ...]
    channel: Channel
    webhook: WebhookId | None = None
    attempt: Count


class NoticesDelayed(Fact):
    """An attempt failed for now; the next one is not before `retry_at`."""

    STREAM: ClassVar[str] = "by"
    kind: Literal["notices.delayed"] = "notices.delayed"
    by: Literal["sender"] = "sender"
    notices: tuple[NoticeLines, ...]
    channel: Channel
    webhook: WebhookId | None = None
    attempt: Count
    code: Code
    retry_at: AwareDatetime


class NoticesFailed(Fact):
    """Notices will not go out by this channel any more."""

    STREAM: ClassVar[str] = "by"
    kind: Literal["notices.failed"] = "notices.failed"
    by: Literal["sender"] = "sender"
    notices: tuple[NoticeLines, ...]
    channel: Channel
    webhook: WebhookId | None = None
    attempt: Count
    code: Code


class NoticesSuppressed(Fact):
    """Notices were owed but not sent: opted out, erased, or no channel."""

    STREAM: ClassVar[str] = "by"
    kind: Literal["notices.suppressed"] = "notices.suppressed"
    by: Literal["sender"] = "sender"
    notices: tuple[NoticeLines, ...]
    code: Code


NotifierFact = Annotated[
    DayBegan
    | DeadLetterRecorded
    | DeadLetterRedriven
    | NoticesRequested
    | NoticesSent
    | NoticesDelayed
    | NoticesFailed
    | NoticesSuppressed,
    Field(discriminator="kind"),
]
