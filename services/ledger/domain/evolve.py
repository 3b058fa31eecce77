"""How the ledger's own facts change its state: the only place where a state changes.

Promises to ask nothing but the fact and the state: no tariff, no clock, so a fact of any age folds as it did when new.
"""

from collections.abc import Callable
from datetime import datetime
from sys import intern
from typing import Any, Final

from schemas import months
from schemas.base import Fact
from schemas.facts import common
from schemas.facts import ledger as facts
from schemas.facts.ledger_lines import BillLine, Holding
from services.ledger.domain import spells
from services.ledger.domain.receipts import is_misfit
from services.ledger.domain.state import City, Cycle, Hold, Pledge, Rejection, Remittance, Share, State
from services.runtime.base.clock import jakarta_day


def evolve(state: State, fact: Fact, at: datetime) -> None:
    """Fold a fact of the ledger's log into the state."""
    FOLDS[type(fact)](state, fact, at)


def _day(state: State, fact: common.DayBegan, _: datetime) -> None:
    state.day = fact.day


def _terms(state: State, fact: facts.PledgeBooked, _: datetime) -> None:
    pledge = state.pledges.get(fact.pledge)
    if pledge is None:
        pledge = state.pledges[fact.pledge] = Pledge(
            **fact.terms(),
            transport_only=fact.transport_only,
        )
        state.cities.setdefault(fact.city, City())
    pledge.slots, pledge.until, pledge.ended = fact.slots, fact.until, fact.ended


def _entry(state: State, fact: facts.EntryPosted, _: datetime) -> None:
    pledge = state.pledges[fact.pledge]
    held = pledge.books["held"]
    for account, idr in fact.postings.items():
        if account.startswith("pledge:"):
            pledge.books[account.rpartition(":")[2]] += idr
    for holding in fact.holding:
        _hold(pledge.holds, holding)
    if fact.what == "pledge.released" and pledge.books["held"] < held:
        pledge.holds.clear()


def _hold(holds: dict[str, Hold], holding: Holding) -> None:
    if holding.idr > 0:
        hold = Hold(holding.idr, intern(holding.occupation), intern(holding.from_month), intern(holding.until))
        holds.update(dict.fromkeys(holding.matches, hold))
        return
    last = intern(months.add(holding.from_month, -1))
    for match in holding.matches:
        left = holds[match].idr + holding.idr
        if left:
            holds[match] = holds[match]._replace(idr=left, until=last)
        else:
            del holds[match]


def _bill(state: State, fact: facts.BillIssued, at: datetime) -> None:
    pledge, city = state.pledges[fact.pledge], state.cities[fact.city]
    cycle = city.cycles.setdefault(fact.month, Cycle())
    remittance = state.remittances.get(fact.remittance)
    if remittance is None:
        remittance = state.remittances[fact.remittance] = Remittance(
            donor=fact.donor,
            language=pledge.language,
            city=fact.city,
            month=fact.month,
            payment=pledge.payment,
            billed_on=jakarta_day(at),
        )
        cycle.remittances.append(fact.remittance)
    remittance.pledges[fact.pledge] = remittance.pledges.get(fact.pledge, 0) + fact.total_idr
    remittance.workers += fact.workers
    remittance.idr += fact.total_idr
    for line in fact.lines:
        cycle.waiting.update(dict.fromkeys(line.workers, Share(fact.remittance, fact.pledge, line.idr)))
        _spend(pledge.holds, line)


def _spend(holds: dict[str, Hold], line: BillLine) -> None:
    """Take a month's price from the holds of matches; many holds are equal, and stay one object."""
    left: dict[Hold, Hold] = {}
    for match in line.matches:
        hold = holds.get(match)
        if hold is None:
            continue
        if hold.idr > line.idr:
            holds[match] = left.get(hold) or left.setdefault(hold, hold._replace(idr=hold.idr - line.idr))
        else:
            del holds[match]


def _prepared(state: State, fact: facts.RemittancePrepared, _: datetime) -> None:
    state.remittances[fact.remittance].due_on = fact.due_on
    state.cities[fact.city].remittances += 1


def _billed(state: State, fact: facts.CycleBilled, _: datetime) -> None:
    city = state.cities.setdefault(fact.city, City())
    city.cycles.setdefault(fact.month, Cycle()).billed = True
    city.fixed = max(city.fixed or fact.month, fact.month)


def _paid(state: State, fact: facts.RemittancePaid, _: datetime) -> None:
    state.remittances[fact.remittance].paid_on = fact.paid_on
    for pledge in fact.pledges:
        state.pledges[pledge].overdue.pop(fact.remittance, None)


def _overdue(state: State, fact: facts.PledgeOverdue, _: datetime) -> None:
    state.remittances[fact.remittance].overdue = True
    state.pledges[fact.pledge].overdue[fact.remittance] = None


def _confirmed(state: State, fact: facts.IuranConfirmed, _: datetime) -> None:
    remittance = state.remittances[fact.remittance]
    city = state.cities[remittance.city]
    cycle, cover, confirm = city.cycles[fact.month], city.cover, spells.confirm
    for line in fact.lines:
        worker = line.worker
        share = cycle.rejected.pop(worker).share if fact.corrects else cycle.waiting.pop(worker)
        cycle.confirmed[worker] = share
        cover[worker] = confirm(cover.get(worker, 0), fact.month)
        remittance.confirmed_idr += share.idr
    remittance.confirmed += len(fact.lines)
    if fact.corrects:
        remittance.rejected -= len(fact.lines)


def _rejected(state: State, fact: facts.IuranRejected, _: datetime) -> None:
    remittance = state.remittances[fact.remittance]
    cycle = state.cities[remittance.city].cycles[fact.month]
    for line in fact.lines:
        if is_misfit(line.reason):
            remittance.misfits[line.worker] = f"{line.reason} {line.idr}"
        else:
            cycle.rejected[line.worker] = Rejection(cycle.waiting.pop(line.worker), fact.receipt)
            remittance.rejected += 1


def _closed(state: State, fact: facts.CycleClosed, _: datetime) -> None:
    city = state.cities[fact.city]
    cycle = city.cycles.pop(fact.month)
    city.closed.add(fact.month)
    for remittance in cycle.remittances:
        state.remittances[remittance].misfits.clear()


def _departed(state: State, fact: facts.WorkerDeparted, _: datetime) -> None:
    state.departed[fact.worker] = fact.last_month


def _nothing(state: State, fact: Fact, at: datetime) -> None:
    """For facts that tell others something, and the ledger nothing that it does not know."""


#: One fold per kind; a test holds this against the union of the ledger's facts.
FOLDS: Final[dict[type[Fact], Callable[[State, Any, datetime], None]]] = {
    common.DayBegan: _day,
    common.DeadLetterRecorded: _nothing,
    common.DeadLetterRedriven: _nothing,
    facts.EntryPosted: _entry,
    facts.PledgeBooked: _terms,
    facts.BillIssued: _bill,
    facts.RemittancePrepared: _prepared,
    facts.RemittancePaid: _paid,
    facts.PaymentRefused: _nothing,
    facts.IuranConfirmed: _confirmed,
    facts.IuranRejected: _rejected,
    facts.ReceiptRefused: _nothing,
    facts.PledgeOverdue: _overdue,
    facts.PledgeSettled: _nothing,
    facts.CycleBilled: _billed,
    facts.CycleClosed: _closed,
    facts.CycleCloseRefused: _nothing,
    facts.DonorSummarised: _nothing,
    facts.WorkerDeparted: _departed,
    facts.WorkerLapsed: _nothing,
}
