"""Receipts: what BPJS says about the worker-months of a remittance, line by line.

A line is confirmed only if its worker-month is on that remittance, paid, and of that amount; BPJS may also reject it,
and confirm it later after all. Everything else is a misfit: it is reported and changes nothing, so the month stays open
until a receipt fits. The same lines again say nothing new. Must not know how a month closes.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from schemas import months
from schemas.base import Fact
from schemas.facts.gateway import ReceiptLine, ReceiptReceived
from schemas.facts.ledger import (
    ConfirmedLine,
    IuranConfirmed,
    IuranRejected,
    ReceiptRefused,
    WorkerLapsed,
)
from schemas.facts.ledger_lines import RejectedLine
from services.ledger.domain import entries, spells
from services.ledger.domain.state import (
    Billed,
    City,
    Confirmed,
    Cycle,
    Paid,
    Rejected,
    Remittance,
    Share,
    State,
    WorkerMonth,
)
from services.runtime.base.errors import Refused
from services.runtime.contract import Received

_MISFIT: Final = "receipt."


def is_misfit(reason: str) -> bool:
    """Whether a line's reason is ours (it does not fit), not BPJS's (it rejects)."""
    return reason.startswith(_MISFIT)


@dataclass
class Sorted:
    """The lines of a receipt by what follows from them; those without news are left out."""

    confirmed: list[tuple[str, Share]] = field(default_factory=list)
    corrected: list[tuple[str, Share, str]] = field(default_factory=list)
    rejected: list[tuple[str, Share, str]] = field(default_factory=list)
    misfits: list[tuple[str, Share | None, int, str]] = field(default_factory=list)


def take_receipt(state: State, fact: ReceiptReceived, _: Received) -> Iterator[Fact]:
    """The facts and entries that follow from a receipt."""
    remittance = _answerable(state, fact)
    if isinstance(remittance, Refused):
        yield ReceiptRefused(
            remittance=fact.remittance, receipt=fact.receipt, code=remittance.code, detail=remittance.detail
        )
        return
    city = state.cities[remittance.city]
    lines = _sort(city.cycles[fact.month], remittance, fact)
    yield from _confirm(city, remittance, fact, lines)
    yield from _correct(city, remittance, fact, lines)
    yield from _reject(remittance, fact, lines)
    yield from _lapses_behind(state, city, fact.month, lines)


def _answerable(state: State, fact: ReceiptReceived) -> Remittance | Refused:
    remittance = state.remittances.get(fact.remittance)
    if remittance is None:
        return Refused("receipt.unknown_remittance", f"{fact.remittance} was never prepared")
    if remittance.month != fact.month:
        return Refused("receipt.other_month", f"the remittance is for {remittance.month}, the receipt for {fact.month}")
    if remittance.month in state.cities[remittance.city].closed:
        return Refused("receipt.cycle_closed", f"{remittance.month} is closed")
    if not isinstance(remittance.phase, Paid):
        return Refused("receipt.before_payment", "as far as the books know, the remittance is not paid")
    return remittance


def _sort(cycle: Cycle, remittance: Remittance, fact: ReceiptReceived) -> Sorted:
    found = Sorted()
    seen: dict[str, tuple[str, int]] = {}
    for line in fact.lines:
        worker, answer = line.worker, (line.outcome, line.amount_idr)
        if worker in seen:
            if seen[worker] != answer:
                _misfit(found, remittance, line, None, "receipt.line_twice")
            continue
        seen[worker] = answer
        known = cycle.workers.get(worker)
        if known is None or known.share.remittance != fact.remittance:
            _misfit(found, remittance, line, None, "receipt.not_on_remittance")
        else:
            _sort_line(found, remittance, line, known)
    return found


def _sort_line(found: Sorted, remittance: Remittance, line: ReceiptLine, known: WorkerMonth) -> None:
    """Sort a line about a worker-month of this remittance by the state that the month is in."""
    share, fits = known.share, line.amount_idr == known.share.idr
    match known:
        case Confirmed():
            if line.outcome == "rejected" or not fits:
                _misfit(found, remittance, line, share, "receipt.already_confirmed")
        case Billed() if line.outcome == "rejected":
            found.rejected.append((line.worker, share, _reason(line)))
        case Rejected() if line.outcome == "rejected":
            pass
        case Billed() | Rejected() if not fits:
            _misfit(found, remittance, line, share, "receipt.amount_differs")
        case Billed():
            found.confirmed.append((line.worker, share))
        case Rejected(receipt=receipt):
            found.corrected.append((line.worker, share, receipt))


def _misfit(found: Sorted, remittance: Remittance, line: ReceiptLine, share: Share | None, reason: str) -> None:
    if remittance.misfits.get(line.worker) != f"{reason} {line.amount_idr}":
        found.misfits.append((line.worker, share, line.amount_idr, reason))


def _reason(line: ReceiptLine) -> str:
    """BPJS's own code, unless it looks like one of ours."""
    return line.reason if line.reason and not is_misfit(line.reason) else "bpjs.rejected"


def _confirm(city: City, remittance: Remittance, fact: ReceiptReceived, found: Sorted) -> Iterator[Fact]:
    if not found.confirmed:
        return
    yield _confirmation(city, remittance, fact, found.confirmed, corrects=False)
    for pledge, idr in _by_pledge(found.confirmed).items():
        yield entries.entry(
            "iuran.confirmed",
            entries.confirm(pledge, idr),
            pledge=pledge,
            about=fact.receipt,
            month=fact.month,
        )


def _correct(city: City, remittance: Remittance, fact: ReceiptReceived, found: Sorted) -> Iterator[Fact]:
    if not found.corrected:
        return
    lines = [(worker, share) for worker, share, _ in found.corrected]
    yield _confirmation(city, remittance, fact, lines, corrects=True)
    sums: defaultdict[tuple[str, str], int] = defaultdict(int)
    for _, share, receipt in found.corrected:
        sums[share.pledge, receipt] += share.idr
    for (pledge, receipt), idr in sums.items():
        yield entries.entry(
            "iuran.confirmed_after_all",
            entries.confirm_after_all(pledge, remittance.donor, idr),
            pledge=pledge,
            about=fact.receipt,
            month=fact.month,
            corrects=receipt,
        )


def _reject(remittance: Remittance, fact: ReceiptReceived, found: Sorted) -> Iterator[Fact]:
    if not found.rejected and not found.misfits:
        return
    sums = _by_pledge([(worker, share) for worker, share, _ in found.rejected])
    yield IuranRejected(
        remittance=fact.remittance,
        receipt=fact.receipt,
        month=fact.month,
        lines=(
            *(
                RejectedLine(worker=worker, pledge=share.pledge, idr=share.idr, reason=reason)
                for worker, share, reason in found.rejected
            ),
            *(
                RejectedLine(worker=worker, pledge=share.pledge if share else None, idr=idr, reason=reason)
                for worker, share, idr, reason in found.misfits
            ),
        ),
    )
    for pledge, idr in sums.items():
        yield entries.entry(
            "iuran.rejected",
            entries.reject(pledge, remittance.donor, idr),
            pledge=pledge,
            about=fact.receipt,
            month=fact.month,
        )


def _confirmation(
    city: City, remittance: Remittance, fact: ReceiptReceived, lines: list[tuple[str, Share]], *, corrects: bool
) -> IuranConfirmed:
    cover, month = city.cover, fact.month
    alike: defaultdict[tuple[Share, str, int], list[str]] = defaultdict(list)
    for worker, share in lines:
        alike[share, *spells.latest(spells.confirm(cover.get(worker, 0), month))].append(worker)
    return IuranConfirmed(
        remittance=fact.remittance,
        receipt=fact.receipt,
        donor=remittance.donor,
        month=month,
        corrects=corrects,
        lines=tuple(
            ConfirmedLine.trusted(
                workers=tuple(workers),
                pledge=share.pledge,
                idr=share.idr,
                spell_months=spell_months,
                covered_until=covered_until,
            )
            for (share, covered_until, spell_months), workers in alike.items()
        ),
        workers=len(lines),
        total_idr=sum(share.idr for _, share in lines),
    )


def _by_pledge(lines: list[tuple[str, Share]]) -> dict[str, int]:
    sums: defaultdict[str, int] = defaultdict(int)
    for _, share in lines:
        sums[share.pledge] += share.idr
    return dict(sums)


def _lapses_behind(state: State, city: City, month: str, found: Sorted) -> Iterator[Fact]:
    """A month confirmed after the next one closed: now it shows that the next one was a lapse."""
    following = months.add(month, 1)
    if following not in city.closed:
        return
    for worker in [worker for worker, _ in found.confirmed] + [worker for worker, *_ in found.corrected]:
        if spells.lapsed(city.cover[worker], following) and state.departed.get(worker, following) >= following:
            yield WorkerLapsed(worker=worker, month=following, covered_until=month)
