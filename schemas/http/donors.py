"""Bodies about donors."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import DonorId, PersonId, WebhookId
from schemas.facts.gateway import DonorKind
from schemas.http.common import Answer, Body, Email, Name, Number, Url
from schemas.languages import Language


class NewDonor(Body):
    """A company's CSR programme or a person joins."""

    kind: DonorKind
    name: Name
    email: Email | None = None
    phone: Number | None = None
    language: Language


class DonorCreated(Answer):
    """The donor's id."""

    id: DonorId


class DonorAnswer(Answer):
    """A donor; the personal fields for a role that may see them."""

    id: DonorId
    kind: DonorKind
    language: Language
    status: Literal["active", "erased"]
    name: str | None = None
    email: str | None = None
    phone: str | None = None


class NewWebhook(Body):
    """Where a donor's system wants to be called."""

    url: Url


class WebhookCreated(Answer):
    """The secret that signs the calls (Standard Webhooks); shown once."""

    id: WebhookId
    secret: str


Channel = Literal["mailbox", "email", "messenger", "webhook"]
Channels = Annotated[tuple[Channel, ...], Field(min_length=1, max_length=4)]


class Preferences(Body):
    """How a person wants to be notified; what is absent returns to the service's default."""

    language: Language | None = None
    opted_out: bool = False
    channels: Channels | None = None


class PreferencesAnswer(Answer):
    """The preferences as they are now."""

    id: PersonId
    language: Language | None
    opted_out: bool
    channels: list[str] | None
