"""Commands about donors: they join, and their systems ask for signed calls. Names and addresses go to the vault."""

from dataclasses import dataclass
from typing import Final

from schemas.facts.gateway import DonorKind, DonorRegistered, WebhookAdded
from schemas.languages import Language
from services.gateway.domain.command import Decided, GatewayCommand, Requirements
from services.gateway.domain.command_context import CommandContext
from services.runtime.base.errors import Refused
from services.runtime.vault import Sealed

WEBHOOKS_MAX: Final = 10


@dataclass(frozen=True, kw_only=True)
class RegisterDonor(GatewayCommand):
    """A company's CSR programme or a person joins."""

    donor: str
    kind: DonorKind
    language: Language
    sealed: Sealed

    def decide(self, context: CommandContext) -> Decided | Refused:
        """Always accepted: nothing shows that two donors are the same."""
        del context
        fact = DonorRegistered(donor=self.donor, donor_kind=self.kind, language=self.language)
        return Decided([fact], 201, {"id": self.donor}, stores=[self.sealed])


@dataclass(frozen=True, kw_only=True)
class AddWebhook(GatewayCommand):
    """A donor's system requirements to be called at `url`, with calls signed by `secret`."""

    donor: str
    webhook: str
    url: str
    secret: str

    def needs(self, requirements: Requirements) -> None:
        """The donor, and its record in the vault."""
        requirements.donor(self.donor)
        requirements.records[self.donor] = None

    def decide(self, context: CommandContext) -> Decided | Refused:
        """Taken for a known donor, up to a number that nobody needs."""
        record = context.records.get(self.donor)
        if self.donor not in context.donors or record is None:
            return Refused("donor.unknown", f"there is no donor {self.donor}")
        known = record.get("webhooks", [])
        if len(known) >= WEBHOOKS_MAX:
            return Refused("webhook.too_many", f"a donor has at most {WEBHOOKS_MAX} webhooks")
        webhook = {"id": self.webhook, "url": self.url, "secret": self.secret}
        context.records[self.donor] = record | {"webhooks": [*known, webhook]}
        return Decided(
            [WebhookAdded(donor=self.donor, webhook=self.webhook)],
            201,
            {"id": self.webhook, "secret": self.secret},
            updates=[(self.donor, context.records[self.donor])],
            secret=True,
        )
