"""How the ledger's own facts change its state: the only place where a state changes.

Promises to ask nothing but the fact and the state: no tariff, no clock, so a fact of any age folds as it did when new.
"""

from datetime import datetime
from sys import intern
from typing import assert_never, cast

from schemas import months
from schemas.base import Fact
from schemas.days import jakarta_day
from schemas.facts import common
from schemas.facts import ledger as facts
from schemas.facts.ledger_lines import BillLine, Holding
from services.ledger.domain import spells
from services.ledger.domain.receipts import is_misfit
from services.ledger.domain.state import (
    Billed,
    City,
    Confirmed,
    Cycle,
    Due,
    Hold,
    Overdue,
    Paid,
    Pledge,
    Rejected,
    Remittance,
    Share,
    State,
    Unpaid,
)


def evolve(state: State, fact: Fact, at: datetime) -> None:
    """Fold a fact of the ledger's log into the state."""
    match cast("facts.LedgerFact", fact):
        case facts.EntryPosted() as entry:
            _entry(state, entry)
        case facts.BillIssued() as bill:
            _bill(state, bill, at)
        case facts.IuranConfirmed() as confirmed:
            _confirmed(state, confirmed)
        case facts.IuranRejected() as rejected:
            _rejected(state, rejected)
        case facts.PledgeBooked() as booked:
            _terms(state, booked)
        case facts.RemittancePrepared(remittance=name, city=city, due_on=due_on):
            state.remittances[name].phase = Due(due_on)
            state.cities[city].remittances += 1
        case facts.RemittancePaid(remittance=name, pledges=pledges, paid_on=paid_on):
            state.remittances[name].phase = Paid(paid_on)
            for pledge in pledges:
                state.pledges[pledge].overdue.pop(name, None)
        case facts.PledgeOverdue(remittance=name, pledge=pledge):
            state.remittances[name].phase = Overdue()
            state.pledges[pledge].overdue[name] = None
        case facts.CycleBilled(city=name, month=month):
            billed = state.cities.setdefault(name, City())
            billed.cycles.setdefault(month, Cycle()).billed = True
            billed.fixed = max(billed.fixed or month, month)
        case facts.CycleClosed() as closed:
            _closed(state, closed)
        case facts.WorkerDeparted(worker=worker, last_month=last_month):
            state.departed[worker] = last_month
        case common.DayBegan(day=day):
            state.day = day
        case (
            facts.PaymentRefused()
            | facts.ReceiptRefused()
            | facts.CycleCloseRefused()
            | facts.PledgeSettled()
            | facts.DonorSummarised()
            | facts.WorkerLapsed()
            | common.DeadLetterRecorded()
            | common.DeadLetterRedriven()
        ):
            pass
        case other:
            assert_never(other)


def _terms(state: State, fact: facts.PledgeBooked) -> None:
    pledge = state.pledges.get(fact.pledge)
    if pledge is None:
        pledge = state.pledges[fact.pledge] = Pledge(
            **fact.terms(),
            transport_only=fact.transport_only,
        )
        state.cities.setdefault(fact.city, City())
    pledge.slots, pledge.until, pledge.ended = fact.slots, fact.until, fact.ended


def _entry(state: State, fact: facts.EntryPosted) -> None:
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
        share = Share(fact.remittance, fact.pledge, line.idr)
        cycle.workers.update(dict.fromkeys(line.workers, Billed(share)))
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


def _confirmed(state: State, fact: facts.IuranConfirmed) -> None:
    remittance = state.remittances[fact.remittance]
    city = state.cities[remittance.city]
    workers, cover, confirm = city.cycles[fact.month].workers, city.cover, spells.confirm
    confirmed: dict[Share, Confirmed] = {}
    for line in fact.lines:
        for worker in line.workers:
            share = workers[worker].share
            workers[worker] = confirmed.get(share) or confirmed.setdefault(share, Confirmed(share))
            cover[worker] = confirm(cover.get(worker, 0), fact.month)
    remittance.confirmed += fact.workers
    remittance.confirmed_idr += fact.total_idr
    if fact.corrects:
        remittance.rejected -= fact.workers


def _rejected(state: State, fact: facts.IuranRejected) -> None:
    remittance = state.remittances[fact.remittance]
    workers = state.cities[remittance.city].cycles[fact.month].workers
    for line in fact.lines:
        if is_misfit(line.reason):
            remittance.misfits[line.worker] = f"{line.reason} {line.idr}"
        else:
            workers[line.worker] = Rejected(workers[line.worker].share, fact.receipt)
            remittance.rejected += 1


def _closed(state: State, fact: facts.CycleClosed) -> None:
    city = state.cities[fact.city]
    cycle = city.cycles.pop(fact.month)
    city.closed.add(fact.month)
    for name in cycle.remittances:
        remittance = state.remittances[name]
        remittance.misfits.clear()
        if not isinstance(remittance.phase, Paid):
            remittance.phase = Unpaid()
