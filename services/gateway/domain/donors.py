"""Commands about donors: they join, and their systems ask for signed calls. Names and addresses go to the vault."""

from dataclasses import dataclass
from typing import Final

from schemas.facts.gateway import DonorKind, DonorRegistered, Language, WebhookAdded
from services.gateway.domain.command import Decided, GatewayCommand, Wants
from services.gateway.domain.world import World
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

    def decide(self, world: World) -> Decided | Refused:
        """Always taken: nothing tells that two donors are one."""
        del world
        fact = DonorRegistered(donor=self.donor, donor_kind=self.kind, language=self.language)
        return Decided([fact], 201, {"id": self.donor}, stores=[self.sealed])


@dataclass(frozen=True, kw_only=True)
class AddWebhook(GatewayCommand):
    """A donor's system wants to be called at `url`, with calls signed by `secret`."""

    donor: str
    webhook: str
    url: str
    secret: str

    def needs(self, wants: Wants) -> None:
        """The donor, and its record in the vault."""
        wants.donor(self.donor)
        wants.records[self.donor] = None

    def decide(self, world: World) -> Decided | Refused:
        """Taken for a known donor, up to a number that nobody needs."""
        record = world.records.get(self.donor)
        if self.donor not in world.donors or record is None:
            return Refused("donor.unknown", f"there is no donor {self.donor}")
        known = record.get("webhooks", [])
        if len(known) >= WEBHOOKS_MAX:
            return Refused("webhook.too_many", f"a donor has at most {WEBHOOKS_MAX} webhooks")
        webhook = {"id": self.webhook, "url": self.url, "secret": self.secret}
        world.records[self.donor] = record | {"webhooks": [*known, webhook]}
        return Decided(
            [WebhookAdded(donor=self.donor, webhook=self.webhook)],
            201,
            {"id": self.webhook, "secret": self.secret},
            updates=[(self.donor, world.records[self.donor])],
            secret=True,
        )
