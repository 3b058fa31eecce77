"""The rows that a batch of facts adds to the ledger's tables: facts in, rows and sums out, nothing else.

Pure, so that the tables depend on the log alone. Must not know the database.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from schemas import months
from schemas.base import Fact
from schemas.facts import ledger as facts
from services.ledger.domain.receipts import is_misfit
from services.ledger.projections import packed
from services.runtime.contract import Recorded

#: Which column of a pledge's month an entry moves, and from which of the pledge's books it takes the sum.
_MONTHS: Final[dict[str, tuple[tuple[str, str, int], ...]]] = {
    "iuran.paid": (("paid_idr", "remitted", 1),),
    "iuran.confirmed": (("confirmed_idr", "confirmed", 1),),
    "iuran.rejected": (("rejected_idr", "released", 1),),
    "iuran.confirmed_after_all": (("confirmed_idr", "confirmed", 1), ("rejected_idr", "released", 1)),
    "iuran.unpaid": (("unpaid_idr", "released", 1),),
}


@dataclass(slots=True)
class PledgeRow:
    """A pledge's terms; the fields of this and the next classes are columns of their tables."""

    pledge: str
    shard: int
    donor: str
    city: str
    slots: int
    starts: str
    until: str
    payment: str
    programmes: tuple[str, ...]
    transport_only: bool
    ended: str | None


@dataclass(slots=True)
class BillRow:
    """A bill."""

    shard: int
    seq: int
    remittance: str
    pledge: str
    workers: int
    billed_at: datetime


@dataclass(slots=True)
class ReceiptRow:
    """A fact that answers worker-months."""

    shard: int
    seq: int
    receipt: str
    recorded_at: datetime


@dataclass(slots=True)
class RemittanceRow:
    """A remittance as it is prepared."""

    remittance: str
    shard: int
    donor: str
    city: str
    month: str
    payment: str
    pledges: tuple[str, ...]
    workers: int
    idr: int
    pay_code: str
    due_on: date
    prepared_at: datetime


@dataclass(slots=True)
class PaidRow:
    """A remittance that is paid."""

    remittance: str
    paid_on: date
    paid_at: datetime
    channel: str


@dataclass(slots=True)
class CycleRow:
    """A cycle that is billed."""

    city: str
    month: str
    shard: int
    billed_at: datetime


@dataclass(slots=True)
class ClosedRow:
    """A cycle that is closed."""

    city: str
    month: str
    closed_at: datetime
    unpaid: int


@dataclass(slots=True)
class MonthSums:
    """How one pledge's month moves in a batch; the fields are the columns of `pledge_months`, in their order."""

    held: int = 0
    workers: int = 0
    idr: int = 0
    paid_idr: int = 0
    confirmed: int = 0
    confirmed_idr: int = 0
    rejected: int = 0
    rejected_idr: int = 0
    unpaid_idr: int = 0


@dataclass(slots=True)
class Answers:
    """How one remittance's worker-months were answered in a batch."""

    confirmed: int = 0
    confirmed_idr: int = 0
    rejected: int = 0
    rejected_idr: int = 0
    misfits: int = 0


@dataclass(slots=True)
class Batch:
    """All that a batch of one shard's facts writes. Rows of one worker each are bytes of a binary COPY."""

    holds: list[bytes] = field(default_factory=list)
    iuran: list[bytes] = field(default_factory=list)
    outcomes: list[bytes] = field(default_factory=list)
    bills: list[BillRow] = field(default_factory=list)
    receipts: list[ReceiptRow] = field(default_factory=list)
    remittances: list[RemittanceRow] = field(default_factory=list)
    pledges: dict[str, PledgeRow] = field(default_factory=dict)
    balances: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    months: defaultdict[tuple[str, str], MonthSums] = field(default_factory=lambda: defaultdict(MonthSums))
    #: for how many matches money is held more, by pledge, first and last month
    held: defaultdict[tuple[str, str, str], int] = field(default_factory=lambda: defaultdict(int))
    answers: defaultdict[str, Answers] = field(default_factory=lambda: defaultdict(Answers))
    paid: list[PaidRow] = field(default_factory=list)
    overdue: dict[str, datetime] = field(default_factory=dict)
    billed: list[CycleRow] = field(default_factory=list)
    closed: list[ClosedRow] = field(default_factory=list)


def collect(recorded: Iterable[Recorded]) -> Batch:
    """Returns what these facts write."""
    batch = Batch()
    for one in recorded:
        add = _ROWS.get(type(one.fact))
        if add is not None:
            add(batch, one, one.fact)
    for (pledge, first, last), matches in batch.held.items():
        for month in months.span(first, last):
            batch.months[pledge, month].held += matches
    return batch


def _pledge(batch: Batch, one: Recorded, fact: facts.PledgeBooked) -> None:
    batch.pledges[fact.pledge] = PledgeRow(
        fact.pledge,
        one.shard,
        fact.donor,
        fact.city,
        fact.slots,
        fact.starts,
        fact.until,
        fact.payment,
        fact.programmes,
        fact.transport_only,
        fact.ended,
    )


def _entry(batch: Batch, one: Recorded, fact: facts.EntryPosted) -> None:
    for account, idr in fact.postings.items():
        batch.balances[account] += idr
    for holding in fact.holding:
        batch.holds += packed.holds(holding.workers, seq=one.seq, shard=one.shard)
        matches = len(holding.workers)
        batch.held[fact.pledge, holding.from_month, holding.until] += matches if holding.idr > 0 else -matches
    if fact.month is None:
        return
    for column, book, sign in _MONTHS.get(fact.what, ()):
        suffix = f"{fact.pledge}:{book}"
        idr = sum(sign * idr for account, idr in fact.postings.items() if account.endswith(suffix))
        sums = batch.months[fact.pledge, fact.month]
        setattr(sums, column, getattr(sums, column) + idr)


def _bill(batch: Batch, one: Recorded, fact: facts.BillIssued) -> None:
    batch.bills.append(BillRow(one.shard, one.seq, fact.remittance, fact.pledge, fact.workers, one.at))
    month = months.number(fact.month)
    for line in fact.lines:
        batch.iuran += packed.iuran(line.workers, bill=one.seq, idr=line.idr, month=month, shard=one.shard)
    sums = batch.months[fact.pledge, fact.month]
    sums.workers += fact.workers
    sums.idr += fact.total_idr


def _prepared(batch: Batch, one: Recorded, fact: facts.RemittancePrepared) -> None:
    batch.remittances.append(
        RemittanceRow(
            fact.remittance,
            one.shard,
            fact.donor,
            fact.city,
            fact.month,
            fact.payment,
            fact.pledges,
            fact.workers,
            fact.total_idr,
            fact.pay_code,
            fact.due_on,
            one.at,
        )
    )


def _paid(batch: Batch, one: Recorded, fact: facts.RemittancePaid) -> None:
    batch.paid.append(PaidRow(fact.remittance, fact.paid_on, one.at, fact.channel))


def _overdue(batch: Batch, one: Recorded, fact: facts.PledgeOverdue) -> None:
    batch.overdue[fact.remittance] = one.at


def _confirmed(batch: Batch, one: Recorded, fact: facts.IuranConfirmed) -> None:
    batch.receipts.append(ReceiptRow(one.shard, one.seq, fact.receipt, one.at))
    month = months.number(fact.month)
    for line in fact.lines:
        batch.outcomes += packed.outcomes(line.workers, seq=one.seq, month=month, shard=one.shard)
        sums = batch.months[line.pledge, fact.month]
        sums.confirmed += len(line.workers)
        if fact.corrects:
            sums.rejected -= len(line.workers)
    answers = batch.answers[fact.remittance]
    answers.confirmed += fact.workers
    answers.confirmed_idr += fact.total_idr
    if fact.corrects:
        answers.rejected -= fact.workers
        answers.rejected_idr -= fact.total_idr


def _rejected(batch: Batch, one: Recorded, fact: facts.IuranRejected) -> None:
    batch.receipts.append(ReceiptRow(one.shard, one.seq, fact.receipt, one.at))
    month, answers = months.number(fact.month), batch.answers[fact.remittance]
    for line in fact.lines:
        if is_misfit(line.reason) or line.pledge is None:
            answers.misfits += 1
            continue
        batch.outcomes += packed.outcomes([line.worker], seq=one.seq, month=month, shard=one.shard, reason=line.reason)
        batch.months[line.pledge, fact.month].rejected += 1
        answers.rejected += 1
        answers.rejected_idr += line.idr


def _billed(batch: Batch, one: Recorded, fact: facts.CycleBilled) -> None:
    batch.billed.append(CycleRow(fact.city, fact.month, one.shard, one.at))


def _closed(batch: Batch, one: Recorded, fact: facts.CycleClosed) -> None:
    batch.closed.append(ClosedRow(fact.city, fact.month, one.at, fact.unpaid))


_ROWS: Final[dict[type[Fact], Callable[[Batch, Recorded, Any], None]]] = {
    facts.PledgeBooked: _pledge,
    facts.EntryPosted: _entry,
    facts.BillIssued: _bill,
    facts.RemittancePrepared: _prepared,
    facts.RemittancePaid: _paid,
    facts.PledgeOverdue: _overdue,
    facts.IuranConfirmed: _confirmed,
    facts.IuranRejected: _rejected,
    facts.CycleBilled: _billed,
    facts.CycleClosed: _closed,
}
