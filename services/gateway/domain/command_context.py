"""What a batch of commands knows: rows of the read models, and what the batch itself has done to them so far.

Pure. Holds only what the commands require; an absent row is unknown.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from schemas import months
from schemas.base import Fact
from schemas.facts.common import DayBegan
from schemas.facts.gateway import (
    CycleBillingRequested,
    DonorKind,
    PaymentReported,
    PersonErased,
    PledgeAmended,
    PledgeCancelled,
    PledgeRegistered,
    WorkerEnded,
    WorkerRegistered,
)
from schemas.languages import Language

WorkerStatus = Literal["waiting", "matched", "covered", "lapsed", "ended"]


@dataclass(frozen=True, slots=True)
class DonorRow:
    """A donor."""

    donor: str
    kind: DonorKind
    language: Language
    erased: bool


@dataclass(frozen=True, slots=True)
class PledgeRow:
    """A pledge's terms, and its state in the matcher (`status` is `registered` until the matcher has decided)."""

    pledge: str
    donor: str
    city: str
    slots: int
    months: int
    starts: str
    cancelled_from: str | None
    status: str
    until: str | None


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A worker, with sponsor and cover as far as the other services' facts have arrived."""

    worker: str
    city: str
    area: str
    occupation: str
    eligible_until: str
    ended_reason: str | None
    erased: bool
    ended_on: date | None = None
    pledge: str | None = None
    matched_until: str | None = None
    covered_until: str | None = None
    spell_months: int = 0
    lapsed_month: str | None = None

    @property
    def gone(self) -> bool:
        """Whether this worker needs or may have no sponsor any longer."""
        return self.erased or self.ended_reason is not None

    def status(self, month: str) -> WorkerStatus:
        """A worker's status in a month: covered is more than matched, matched more than lapsed."""
        if self.gone:
            return "ended"
        if self.covered_until is not None and self.covered_until >= month:
            return "covered"
        if self.matched_until is not None and self.matched_until >= month:
            return "matched"
        return "lapsed" if self.lapsed_month is not None else "waiting"


@dataclass(frozen=True, slots=True)
class RemittanceRow:
    """A remittance as the ledger prepared it."""

    remittance: str
    donor: str
    city: str
    month: str
    total_idr: int
    paid_on: date | None


@dataclass(frozen=True, slots=True)
class CycleRow:
    """What has been asked for and done about a city's month."""

    city: str
    month: str
    billing_requested: bool = False
    billed: bool = False
    closed: bool = False
    #: whether billing was asked for a later month of this city
    passed: bool = False


@dataclass(slots=True)
class CommandContext:
    """See the module. `shard_day` is the last day that began on this shard."""

    shard_day: date | None = None
    donors: dict[str, DonorRow] = field(default_factory=dict)
    pledges: dict[str, PledgeRow] = field(default_factory=dict)
    workers: dict[str, WorkerRow] = field(default_factory=dict)
    remittances: dict[str, RemittanceRow] = field(default_factory=dict)
    cycles: dict[tuple[str, str], CycleRow] = field(default_factory=dict)
    #: who holds each claimed NIK
    owners: dict[str, str] = field(default_factory=dict)
    #: the certificates (as documents) of persons whose data this batch destroyed, or who were erased before
    certificates: dict[str, dict[str, str]] = field(default_factory=dict)
    #: the present records of persons that are to be changed
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: workers of this shard who have aged out, each with the last eligible month
    aged_out: list[tuple[str, str]] = field(default_factory=list)

    def fold(self, fact: Fact) -> None:
        """Let the commands that follow in the batch see a fact."""
        match fact:
            case DayBegan():
                self.shard_day = fact.day
            case PledgeRegistered():
                self.pledges[fact.pledge] = PledgeRow(
                    fact.pledge, fact.donor, fact.city, fact.slots, months.count(fact.starts, fact.until), fact.starts,
                    None, "registered", fact.until,
                )  # fmt: skip
            case PledgeCancelled() if row := self.pledges.get(fact.pledge):
                self.pledges[fact.pledge] = replace(row, cancelled_from=fact.from_month)
            case PledgeAmended() if row := self.pledges.get(fact.pledge):
                self.pledges[fact.pledge] = replace(
                    row, slots=fact.slots or row.slots, months=fact.months or row.months
                )
            case WorkerRegistered():
                self.workers[fact.worker] = WorkerRow(
                    fact.worker, fact.city, fact.area, fact.occupation, fact.eligible_until, None, erased=False
                )
            case WorkerEnded() if found := self.workers.get(fact.worker):
                self.workers[fact.worker] = replace(found, ended_reason=fact.reason, ended_on=fact.on)
                self.aged_out = [(worker, month) for worker, month in self.aged_out if worker != fact.worker]
            case PersonErased():
                self._erase(fact.person)
            case PaymentReported() if remittance := self.remittances.get(fact.remittance):
                if fact.amount_idr == remittance.total_idr:
                    paid_on = remittance.paid_on or fact.paid_on
                    self.remittances[fact.remittance] = replace(remittance, paid_on=paid_on)
            case CycleBillingRequested():
                key = (fact.city, fact.month)
                self.cycles[key] = replace(self.cycles.get(key, CycleRow(*key)), billing_requested=True)
            case _:
                pass

    def _erase(self, person: str) -> None:
        if found := self.workers.get(person):
            self.workers[person] = replace(found, erased=True)
        if donor := self.donors.get(person):
            self.donors[person] = replace(donor, erased=True)
