"""The gateway's log: what donors, field officers, operators and BPJS reported, after validation."""

from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AwareDatetime, Field

from schemas.base import (
    Area,
    City,
    Code,
    Count,
    DonorId,
    ExternalId,
    Fact,
    Idr,
    ImportId,
    Month,
    PersonId,
    PledgeId,
    QuarterEnd,
    ReceiptId,
    Record,
    RemittanceId,
    ServiceName,
    Text,
    WebhookId,
    WorkerId,
)
from schemas.facts.common import DayBegan, DeadLetterRecorded, DeadLetterRedriven
from schemas.languages import Language

DonorKind = Literal["company", "person"]
Payment = Literal["direct", "pooled"]
Programme = Literal["jkk", "jkm", "jht"]
EndReason = Literal["died", "moved", "formal_job", "age", "withdrew"]


class Scope(Record):
    """Which workers a pledge may protect. `areas` lie in one city; an empty `occupations` means all of them."""

    areas: tuple[Area, ...]
    occupations: tuple[Code, ...] = ()
    workers: tuple[WorkerId, ...] = ()
    near: Area | None = None


class DonorRegistered(Fact):
    """A company's CSR programme or a person joined; the name lies in the vault."""

    STREAM: ClassVar[str] = "donor"
    kind: Literal["donor.registered"] = "donor.registered"
    donor: DonorId
    donor_kind: DonorKind
    language: Language


class PledgeTerms(Record):
    """What a donor promises: contributions for `slots` workers from `starts` to `until`, both included."""

    donor: DonorId
    language: Language
    city: City
    slots: Count
    starts: Month
    until: Month
    payment: Payment
    programmes: tuple[Programme, ...]

    def terms(self) -> dict[str, Any]:
        """Returns the terms alone, for another fact about the same pledge."""
        return {name: getattr(self, name) for name in PledgeTerms.model_fields}


class PledgeRegistered(PledgeTerms, Fact):
    """A donor made a pledge; `keep` wants its workers never swapped."""

    STREAM: ClassVar[str] = "pledge"
    kind: Literal["pledge.registered"] = "pledge.registered"
    pledge: PledgeId
    donor_kind: DonorKind
    scope: Scope
    keep: bool
    amount_idr: Idr | None = None
    reference: Text | None = None


class PledgeCancelled(Fact):
    """A donor withdrew the pledge from a month on."""

    STREAM: ClassVar[str] = "pledge"
    kind: Literal["pledge.cancelled"] = "pledge.cancelled"
    pledge: PledgeId
    from_month: Month


class PledgeAmended(Fact):
    """A donor changed the number of slots or the length of the pledge; absent means unchanged."""

    STREAM: ClassVar[str] = "pledge"
    kind: Literal["pledge.amended"] = "pledge.amended"
    pledge: PledgeId
    slots: Count | None = None
    months: Count | None = None


class Consent(Record):
    """A worker agreed, alone or before the RT, that the data be used for his protection. `witness` is a role's code."""

    by: Literal["self", "rt"]
    given_at: AwareDatetime
    text_version: Code
    witness: Code | None = None


class WorkerRegistered(Fact):
    """A worker without protection was put on the list, which takes his consent. `band` 1 is desil 1..4, 2 all others.

    `eligible_until` is the end of the quarter in which the worker is last below 65; the birth date stays in the vault.
    """

    STREAM: ClassVar[str] = "worker"
    kind: Literal["worker.registered"] = "worker.registered"
    worker: WorkerId
    city: City
    area: Area
    occupation: Code
    band: Annotated[int, Field(ge=1, le=2)]
    eligible_until: QuarterEnd
    consent: Consent


class WorkerEnded(Fact):
    """A worker needs or may have no sponsor any longer; `on` is the day of the event."""

    STREAM: ClassVar[str] = "worker"
    kind: Literal["worker.ended"] = "worker.ended"
    worker: WorkerId
    reason: EndReason
    on: date


class PersonErased(Fact):
    """The key of a person's data was destroyed. `certificate` is the hex SHA-256 of the certificate given."""

    STREAM: ClassVar[str] = "person"
    kind: Literal["person.erased"] = "person.erased"
    person: PersonId
    certificate: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class PersonRead(Fact):
    """Somebody saw personal data; `actor` is the id of the API key, `fields` the names of what was shown."""

    STREAM: ClassVar[str] = "person"
    kind: Literal["person.read"] = "person.read"
    person: PersonId
    actor: Text
    role: Code
    fields: tuple[Code, ...]


class PreferencesSet(Fact):
    """A person chose the language, the channels, and whether to receive notices at all."""

    STREAM: ClassVar[str] = "person"
    kind: Literal["preferences.set"] = "preferences.set"
    person: PersonId
    language: Language | None = None
    opted_out: bool = False
    channels: tuple[Literal["mailbox", "email", "messenger", "webhook"], ...] | None = None


class WebhookAdded(Fact):
    """A donor's system wants signed calls; address and secret lie in the vault."""

    STREAM: ClassVar[str] = "donor"
    kind: Literal["webhook.added"] = "webhook.added"
    donor: DonorId
    webhook: WebhookId


class CycleBillingRequested(Fact):
    """An operator asked that a month be fixed and billed for a city."""

    STREAM: ClassVar[str] = "city"
    kind: Literal["cycle.billing_requested"] = "cycle.billing_requested"
    city: City
    month: Month


class CycleClosingRequested(Fact):
    """An operator asked that a billed month be closed for a city."""

    STREAM: ClassVar[str] = "city"
    kind: Literal["cycle.closing_requested"] = "cycle.closing_requested"
    city: City
    month: Month


class PaymentReported(Fact):
    """A payer paid a remittance to BPJS with its pay code. `external_id` is the bank's or provider's reference."""

    STREAM: ClassVar[str] = "remittance"
    kind: Literal["payment.reported"] = "payment.reported"
    remittance: RemittanceId
    amount_idr: Idr
    paid_on: date
    channel: Code
    external_id: ExternalId | None = None


class ReceiptLine(Record):
    """One worker-month on BPJS's receipt."""

    worker: WorkerId
    amount_idr: Idr
    outcome: Literal["confirmed", "rejected"]
    reason: Code | None = None


class ReceiptReceived(Fact):
    """BPJS's receipt for a remittance, at most 1,000 lines a fact.

    Number, date and total are BPJS's own; a receipt that arrives as a file of rows has no place for them yet.
    """

    STREAM: ClassVar[str] = "remittance"
    kind: Literal["receipt.received"] = "receipt.received"
    receipt: ReceiptId
    remittance: RemittanceId
    month: Month
    bpjs_number: ExternalId | None = None
    bpjs_date: date | None = None
    total_idr: Idr | None = None
    lines: tuple[ReceiptLine, ...]


class ImportFinished(Fact):
    """A file was read to its end, row by row."""

    STREAM: ClassVar[str] = "import_id"
    kind: Literal["import.finished"] = "import.finished"
    import_id: ImportId
    of: Literal["workers", "pledges", "receipts"]
    rows: Count
    accepted: Count
    refused: Count
    duplicates: Count


class RedriveRequested(Fact):
    """An operator asked a service to decide its dead letters of one stream again, in order."""

    STREAM: ClassVar[str] = "about"
    kind: Literal["redrive.requested"] = "redrive.requested"
    about: Text
    service: ServiceName


GatewayFact = Annotated[
    DayBegan
    | DeadLetterRecorded
    | DeadLetterRedriven
    | DonorRegistered
    | PledgeRegistered
    | PledgeCancelled
    | PledgeAmended
    | WorkerRegistered
    | WorkerEnded
    | PersonErased
    | PersonRead
    | PreferencesSet
    | WebhookAdded
    | CycleBillingRequested
    | CycleClosingRequested
    | PaymentReported
    | ReceiptReceived
    | ImportFinished
    | RedriveRequested,
    Field(discriminator="kind"),
]
