"""Commands about a city's contribution month: bill it, close it; and payments that payers report."""

from dataclasses import dataclass
from datetime import date

from schemas import months
from schemas.facts.gateway import CycleBillingRequested, CycleClosingRequested, PaymentReported
from services.gateway.domain.command import Decided, GatewayCommand, Requirements
from services.gateway.domain.command_context import CommandContext, CycleRow
from services.runtime.base.errors import Refused


@dataclass(frozen=True, kw_only=True)
class _CycleCommand(GatewayCommand):
    """A request about a city's month."""

    city: str
    month: str

    def needs(self, requirements: Requirements) -> None:
        """What was asked for and done about this month."""
        requirements.cycle(self.city, self.month)

    def found(self, context: CommandContext) -> tuple[CycleRow, dict[str, str]]:
        """What is known of the month, and the answer that names it."""
        row = context.cycles.get((self.city, self.month), CycleRow(self.city, self.month))
        return row, {"city": self.city, "month": self.month}


@dataclass(frozen=True, kw_only=True)
class RequestBilling(_CycleCommand):
    """Fix and bill a month for a city."""

    def decide(self, context: CommandContext) -> Decided | Refused:
        """Asked once; a month far ahead, or one that a later month has passed, cannot be billed any more."""
        row, answer = self.found(context)
        if row.billing_requested:
            return Decided([], 200, answer)
        if self.month > months.add(months.of(self.day), 1):
            return Refused("cycle.too_early", f"{self.month} can be billed from the month before it on")
        if row.passed:
            return Refused("cycle.passed", f"a later month than {self.month} was billed for {self.city} already")
        return Decided([CycleBillingRequested(city=self.city, month=self.month)], 200, answer)


@dataclass(frozen=True, kw_only=True)
class RequestClosing(_CycleCommand):
    """Close a billed month for a city."""

    def decide(self, context: CommandContext) -> Decided | Refused:
        """Accepted for a billed month; the ledger decides whether it can be closed."""
        row, answer = self.found(context)
        if row.closed:
            return Decided([], 200, answer)
        if not row.billed:
            return Refused("cycle.not_billed", f"{self.month} is not billed for {self.city}")
        return Decided([CycleClosingRequested(city=self.city, month=self.month)], 200, answer)


@dataclass(frozen=True, kw_only=True)
class ReportPayment(GatewayCommand):
    """A payer reports that a remittance was paid to BPJS."""

    remittance: str
    amount_idr: int
    paid_on: date
    channel: str
    external_id: str | None = None

    def needs(self, requirements: Requirements) -> None:
        """The remittance."""
        requirements.remittance(self.remittance)

    def decide(self, context: CommandContext) -> Decided | Refused:
        """Recorded as reported; the ledger decides whether it fits what is due."""
        row = context.remittances.get(self.remittance)
        if row is None or not self.actor.sees_donor(row.donor):
            return Refused("remittance.unknown", f"there is no remittance {self.remittance}")
        fact = PaymentReported(
            remittance=self.remittance,
            amount_idr=self.amount_idr,
            paid_on=self.paid_on,
            channel=self.channel,
            external_id=self.external_id,
        )
        body = {
            "remittance": self.remittance,
            "amount_idr": self.amount_idr,
            "due_idr": row.total_idr,
            "fits": self.amount_idr == row.total_idr and row.paid_on is None,
        }
        return Decided([fact], 202, body)
