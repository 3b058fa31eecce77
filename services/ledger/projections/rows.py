"""The rows that a batch of facts adds to the ledger's tables: facts in, rows and sums out, nothing else.

Pure, so that the tables depend on the log alone. Must not know the database.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import orjson

from schemas.base import Fact
from schemas.facts import ledger as facts
from services.ledger.domain.receipts import is_misfit
from services.runtime.base.clock import jakarta_day
from services.runtime.contract import Recorded

Row = tuple[Any, ...]
#: many facts share an instant
_day_of = lru_cache(maxsize=256)(jakarta_day)

#: Tables that only grow, and their columns; filled by COPY.
COPIED: Final[dict[str, tuple[str, ...]]] = {
    "entries": (
        "shard",
        "seq",
        "entry",
        "pledge",
        "what",
        "about",
        "month",
        "corrects",
        "effective",
        "recorded_at",
        "postings",
        "worker",
        "from_month",
        "until",
    ),
    "bills": ("shard", "seq", "bill", "remittance", "pledge", "month", "workers", "idr", "billed_at"),
    "iuran": ("worker", "month", "shard", "bill", "idr", "tariff"),
    "outcomes": ("worker", "month", "shard", "seq", "outcome", "receipt", "reason", "recorded_at"),
    "misfits": (
        "shard",
        "seq",
        "line",
        "remittance",
        "receipt",
        "month",
        "worker",
        "pledge",
        "idr",
        "reason",
        "recorded_at",
    ),
    "remittances": (
        "remittance",
        "shard",
        "donor",
        "city",
        "month",
        "payment",
        "pledges",
        "workers",
        "idr",
        "pay_code",
        "due_on",
        "prepared_at",
    ),
}

#: Which column of a pledge's month an entry moves, and from which of the pledge's books it takes the sum.
_MONTHS: Final[dict[str, tuple[tuple[str, str, int], ...]]] = {
    "iuran.paid": (("paid_idr", "remitted", 1),),
    "iuran.confirmed": (("confirmed_idr", "confirmed", 1),),
    "iuran.rejected": (("rejected_idr", "released", 1),),
    "iuran.confirmed_after_all": (("confirmed_idr", "confirmed", 1), ("rejected_idr", "released", 1)),
    "iuran.unpaid": (("unpaid_idr", "released", 1),),
}


@dataclass
class MonthSums:
    """How one pledge's month moves in a batch; the fields are the columns of `pledge_months`, in their order."""

    workers: int = 0
    idr: int = 0
    paid_idr: int = 0
    confirmed: int = 0
    confirmed_idr: int = 0
    rejected: int = 0
    rejected_idr: int = 0
    unpaid_idr: int = 0


@dataclass
class Answers:
    """How one remittance's worker-months were answered in a batch."""

    confirmed: int = 0
    confirmed_idr: int = 0
    rejected: int = 0
    rejected_idr: int = 0


@dataclass
class Batch:
    """All that a batch of one shard's facts writes."""

    copied: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in COPIED})
    pledges: dict[str, Row] = field(default_factory=dict)
    balances: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    months: defaultdict[tuple[str, str], MonthSums] = field(default_factory=lambda: defaultdict(MonthSums))
    answers: defaultdict[str, Answers] = field(default_factory=lambda: defaultdict(Answers))
    paid: list[Row] = field(default_factory=list)
    overdue: dict[str, datetime] = field(default_factory=dict)
    billed: list[Row] = field(default_factory=list)
    closed: list[Row] = field(default_factory=list)


def collect(recorded: Iterable[Recorded]) -> Batch:
    """What these facts write."""
    batch = Batch()
    for one in recorded:
        add = _ROWS.get(type(one.fact))
        if add is not None:
            add(batch, one, one.fact)
    return batch


def _pledge(batch: Batch, one: Recorded, fact: facts.PledgeBooked) -> None:
    batch.pledges[fact.pledge] = (
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
    held = fact.holding
    batch.copied["entries"].append(
        (
            one.shard,
            one.seq,
            fact.entry,
            fact.pledge,
            fact.what,
            fact.about,
            fact.month,
            fact.corrects,
            fact.effective or _day_of(one.at),
            one.at,
            orjson.dumps([{"account": posting.account, "idr": posting.idr} for posting in fact.postings]).decode(),
            *((held.worker, held.from_month, held.until) if held else (None, None, None)),
        )
    )
    for posting in fact.postings:
        batch.balances[posting.account] += posting.idr
    if fact.month is None:
        return
    for column, book, sign in _MONTHS.get(fact.what, ()):
        suffix = f"{fact.pledge}:{book}"
        idr = sum(sign * posting.idr for posting in fact.postings if posting.account.endswith(suffix))
        sums = batch.months[fact.pledge, fact.month]
        setattr(sums, column, getattr(sums, column) + idr)


def _bill(batch: Batch, one: Recorded, fact: facts.BillIssued) -> None:
    shard, seq, month, workers = one.shard, one.seq, fact.month, len(fact.lines)
    batch.copied["bills"].append(
        (shard, seq, fact.bill, fact.remittance, fact.pledge, month, workers, fact.total_idr, one.at)
    )
    batch.copied["iuran"].extend([(line.worker, month, shard, seq, line.idr, line.tariff) for line in fact.lines])
    sums = batch.months[fact.pledge, month]
    sums.workers += workers
    sums.idr += fact.total_idr


def _prepared(batch: Batch, one: Recorded, fact: facts.RemittancePrepared) -> None:
    batch.copied["remittances"].append(
        (
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
    batch.paid.append((fact.remittance, fact.paid_on, one.at, fact.channel))


def _overdue(batch: Batch, one: Recorded, fact: facts.PledgeOverdue) -> None:
    batch.overdue[fact.remittance] = one.at


def _confirmed(batch: Batch, one: Recorded, fact: facts.IuranConfirmed) -> None:
    shard, seq, month, receipt, at = one.shard, one.seq, fact.month, fact.receipt, one.at
    batch.copied["outcomes"].extend(
        [(line.worker, month, shard, seq, "confirmed", receipt, None, at) for line in fact.lines]
    )
    for line in fact.lines:
        sums = batch.months[line.pledge, month]
        sums.confirmed += 1
        sums.rejected -= fact.corrects
    answers = batch.answers[fact.remittance]
    idr = sum(line.idr for line in fact.lines)
    answers.confirmed += len(fact.lines)
    answers.confirmed_idr += idr
    if fact.corrects:
        answers.rejected -= len(fact.lines)
        answers.rejected_idr -= idr


def _rejected(batch: Batch, one: Recorded, fact: facts.IuranRejected) -> None:
    for number, line in enumerate(fact.lines):
        if is_misfit(line.reason) or line.pledge is None:
            said = (fact.remittance, fact.receipt, fact.month, line.worker, line.pledge, line.idr, line.reason)
            batch.copied["misfits"].append((one.shard, one.seq, number, *said, one.at))
            continue
        batch.copied["outcomes"].append(
            (line.worker, fact.month, one.shard, one.seq, "rejected", fact.receipt, line.reason, one.at)
        )
        batch.months[line.pledge, fact.month].rejected += 1
        answers = batch.answers[fact.remittance]
        answers.rejected += 1
        answers.rejected_idr += line.idr


def _billed(batch: Batch, one: Recorded, fact: facts.CycleBilled) -> None:
    batch.billed.append((fact.city, fact.month, one.shard, one.at))


def _closed(batch: Batch, one: Recorded, fact: facts.CycleClosed) -> None:
    batch.closed.append((fact.city, fact.month, one.at, fact.unpaid))


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
