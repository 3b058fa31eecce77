"""The ledger's log: what is due, paid and confirmed, in whole rupiah."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.base import (
    City,
    Code,
    Count,
    DonorId,
    Fact,
    Idr,
    Month,
    PledgeId,
    ReceiptId,
    Record,
    RemittanceId,
    Text,
    WorkerId,
)
from schemas.facts.common import DayBegan, DeadLetterRecorded, DeadLetterRedriven
from schemas.facts.gateway import Payment, PledgeTerms
from schemas.facts.ledger_lines import BillLine, Holding, Postings, RejectedLine
from schemas.languages import Language


class EntryPosted(Fact):
    """A journal entry; its postings sum to zero. `about` is the pledge, match, remittance or receipt that it books.

    `effective` is the day on which it counts, absent: the day (Asia/Jakarta) on which it was recorded. `corrects` is
    the receipt whose rejections it takes back. `holding` says for which months of which matches money is held or freed.
    """

    STREAM: ClassVar[str] = "pledge"
    kind: Literal["entry.posted"] = "entry.posted"
    pledge: PledgeId
    what: Code
    about: Text
    month: Month | None = None
    corrects: ReceiptId | None = None
    effective: date | None = None
    holding: tuple[Holding, ...] = ()
    postings: Postings


class PledgeBooked(PledgeTerms, Fact):
    """The terms of a pledge as the ledger's books hold them from now on; `ended` is the last month that it pays for."""

    STREAM: ClassVar[str] = "pledge"
    kind: Literal["pledge.booked"] = "pledge.booked"
    pledge: PledgeId
    transport_only: bool
    ended: Month | None = None


class BillIssued(Fact):
    """The iuran of a pledge for a month, a line for each price; at most 1,000 worker-months a bill."""

    STREAM: ClassVar[str] = "pledge"
    kind: Literal["bill.issued"] = "bill.issued"
    remittance: RemittanceId
    pledge: PledgeId
    donor: DonorId
    city: City
    month: Month
    lines: tuple[BillLine, ...]
    workers: Count
    total_idr: Idr


class RemittancePrepared(Fact):
    """What one payer has to pay to BPJS for a month, in one go, with its pay code, until `due_on`."""

    STREAM: ClassVar[str] = "remittance"
    kind: Literal["remittance.prepared"] = "remittance.prepared"
    remittance: RemittanceId
    donor: DonorId
    language: Language
    city: City
    month: Month
    payment: Payment
    pledges: tuple[PledgeId, ...]
    workers: Count
    total_idr: Idr
    pay_code: Annotated[str, Field(pattern="^[0-9]{12}$")]
    due_on: date


class RemittancePaid(Fact):
    """A payer paid a remittance in full."""

    STREAM: ClassVar[str] = "remittance"
    kind: Literal["remittance.paid"] = "remittance.paid"
    remittance: RemittanceId
    donor: DonorId
    language: Language
    city: City
    month: Month
    pledges: tuple[PledgeId, ...]
    workers: Count
    total_idr: Idr
    paid_on: date
    channel: Code


class PaymentRefused(Fact):
    """A payment that does not fit what is due; it is on record and moves no money."""

    STREAM: ClassVar[str] = "remittance"
    kind: Literal["payment.refused"] = "payment.refused"
    remittance: RemittanceId
    code: Code
    detail: Text


class ConfirmedLine(Record):
    """Confirmed worker-months of a pledge, `idr` each; after them `covered_until` and `spell_months` hold."""

    workers: tuple[WorkerId, ...]
    pledge: PledgeId
    idr: Idr
    spell_months: Count
    covered_until: Month


class IuranConfirmed(Fact):
    """BPJS confirmed these worker-months of a remittance.

    `corrects` says that an earlier receipt had rejected all of these lines.
    """

    STREAM: ClassVar[str] = "remittance"
    kind: Literal["iuran.confirmed"] = "iuran.confirmed"
    remittance: RemittanceId
    receipt: ReceiptId
    donor: DonorId
    month: Month
    corrects: bool = False
    lines: tuple[ConfirmedLine, ...]
    workers: Count
    total_idr: Idr


class IuranRejected(Fact):
    """Worker-months of a receipt that were not confirmed, each with its reason."""

    STREAM: ClassVar[str] = "remittance"
    kind: Literal["iuran.rejected"] = "iuran.rejected"
    remittance: RemittanceId
    receipt: ReceiptId
    month: Month
    lines: tuple[RejectedLine, ...]


class ReceiptRefused(Fact):
    """A receipt that fits no remittance as a whole."""

    STREAM: ClassVar[str] = "remittance"
    kind: Literal["receipt.refused"] = "receipt.refused"
    remittance: RemittanceId
    receipt: ReceiptId
    code: Code
    detail: Text


class PledgeOverdue(Fact):
    """A pledge's remittance was not paid by its due date."""

    STREAM: ClassVar[str] = "pledge"
    kind: Literal["pledge.overdue"] = "pledge.overdue"
    pledge: PledgeId
    donor: DonorId
    language: Language
    remittance: RemittanceId
    month: Month
    idr: Idr
    due_on: date


class PledgeSettled(Fact):
    """A pledge that was overdue owes nothing any longer."""

    STREAM: ClassVar[str] = "pledge"
    kind: Literal["pledge.settled"] = "pledge.settled"
    pledge: PledgeId


class CycleBilled(Fact):
    """A city's month is billed as a whole."""

    STREAM: ClassVar[str] = "city"
    kind: Literal["cycle.billed"] = "cycle.billed"
    city: City
    month: Month
    worker_months: Count
    idr: Idr


class CycleClosed(Fact):
    """A city's month is closed: each worker-month ended in exactly one state."""

    STREAM: ClassVar[str] = "city"
    kind: Literal["cycle.closed"] = "cycle.closed"
    city: City
    month: Month
    confirmed: Count
    rejected: Count
    unpaid: Count
    confirmed_idr: Idr


class CycleCloseRefused(Fact):
    """A month cannot be closed yet."""

    STREAM: ClassVar[str] = "city"
    kind: Literal["cycle.close_refused"] = "cycle.close_refused"
    city: City
    month: Month
    code: Code
    exceptions: Count


class DonorSummarised(Fact):
    """At the close of a month: what one donor's pledges did in it."""

    STREAM: ClassVar[str] = "donor"
    kind: Literal["donor.summarised"] = "donor.summarised"
    donor: DonorId
    language: Language
    city: City
    month: Month
    workers: Count
    confirmed_idr: Idr
    rejected: Count


class WorkerDeparted(Fact):
    """A worker needs or may have no sponsor any longer; months after `last_month` without cover are no lapse."""

    STREAM: ClassVar[str] = "worker"
    kind: Literal["worker.departed"] = "worker.departed"
    worker: WorkerId
    last_month: Month


class WorkerLapsed(Fact):
    """A worker who was covered has a month without confirmed iuran."""

    STREAM: ClassVar[str] = "worker"
    kind: Literal["worker.lapsed"] = "worker.lapsed"
    worker: WorkerId
    month: Month
    covered_until: Month


LedgerFact = Annotated[
    DayBegan
    | DeadLetterRecorded
    | DeadLetterRedriven
    | EntryPosted
    | PledgeBooked
    | BillIssued
    | RemittancePrepared
    | RemittancePaid
    | PaymentRefused
    | IuranConfirmed
    | IuranRejected
    | ReceiptRefused
    | PledgeOverdue
    | PledgeSettled
    | CycleBilled
    | CycleClosed
    | CycleCloseRefused
    | DonorSummarised
    | WorkerDeparted
    | WorkerLapsed,
    Field(discriminator="kind"),
]
