"""Billing a month: a bill for each roster, a remittance for each payer, and the cycle as a whole.

Promises that a worker is billed once a month and that no book goes below zero. Must not know how payers pay.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain

from schemas import months
from schemas.base import Fact
from schemas.facts.ledger import BillIssued, CycleBilled, RemittancePrepared
from schemas.facts.ledger_lines import BillLine
from schemas.facts.matcher import MonthFixed, RosterFixed, RosterLine
from services.ledger.domain import entries, pricing, promises
from services.ledger.domain.payments import overdue
from services.ledger.domain.state import City, Cycle, Pledge, Remittance, State
from services.runtime.base import ids
from services.runtime.base.errors import Poison
from services.runtime.contract import Received

DUE_DAY_OF_MONTH = 15
DUE_DAYS_MIN = 14


def issue_bill(state: State, fact: RosterFixed, received: Received) -> Iterator[Fact]:
    """The bill of a roster, and the entry that makes its iuran due.

    A roster that comes after its month was billed (a dead letter, decided at last) gets a remittance of its own.
    """
    pledge = promises.known(state, fact.pledge)
    city = state.cities[pledge.city]
    cycle = city.cycles.get(fact.month) or Cycle()
    lines = _new_lines(city, cycle, fact)
    if not lines:
        return
    late = cycle.billed
    remittance = received.new_id("rem") if late else _remittance_id(pledge, fact.month, received)
    priced = _price(pledge, fact.month, lines)
    total = sum(line.idr * len(line.workers) for line in priced)
    held = _held(pledge, priced)
    yield from promises.ensure_promised(fact.pledge, pledge, total - held)
    yield BillIssued.trusted(
        remittance=remittance,
        pledge=fact.pledge,
        donor=pledge.donor,
        city=pledge.city,
        month=fact.month,
        lines=priced,
        workers=fact.workers,
        total_idr=total,
    )
    yield entries.entry(
        "iuran.billed",
        entries.bill(fact.pledge, pledge.donor, held, total - held),
        pledge=fact.pledge,
        about=remittance,
        month=fact.month,
    )
    if late:
        yield _prepared(state, remittance, city)


def bill_cycle(state: State, fact: MonthFixed, _: Received) -> Iterator[Fact]:
    """What each payer has to pay, the cycle as a whole, and the end of pledges whose last month this was."""
    city = state.cities.get(fact.city) or City()
    cycle = city.cycles.get(fact.month) or Cycle()
    if cycle.billed or fact.month in city.closed:
        return
    for remittance in list(cycle.remittances):
        yield _prepared(state, remittance, city)
    totals = [state.remittances[name] for name in cycle.remittances]
    yield CycleBilled(
        city=fact.city,
        month=fact.month,
        worker_months=sum(total.workers for total in totals),
        idr=sum(total.idr for total in totals),
    )
    for name, pledge in state.pledges.items():
        if pledge.city == fact.city and pledge.ended is not None and (pledge.books["promised"] or pledge.books["held"]):
            yield from promises.release_spare(state, name)
    if state.day is not None:
        yield from overdue(state, state.day)


def _new_lines(city: City, cycle: Cycle, fact: RosterFixed) -> tuple[RosterLine, ...]:
    """The lines of a roster that are not billed yet. The law of one live iuran per worker and month is kept here."""
    if fact.month in city.closed:
        raise Poison("bill.cycle_closed", f"{fact.city} {fact.month} is closed")
    workers = list(chain.from_iterable(line.workers for line in fact.lines))
    if len(set(workers)) != len(workers):
        raise Poison("bill.worker_twice", f"a worker is twice on the roster of {fact.pledge} for {fact.month}")
    if cycle.workers.keys().isdisjoint(workers):
        return fact.lines
    for worker in workers:
        known = cycle.workers.get(worker)
        if known is None or known.share.pledge != fact.pledge:
            raise Poison("bill.worker_twice", f"{worker} or others of {fact.pledge} are billed for {fact.month}")
    return ()


def _price(pledge: Pledge, month: str, lines: tuple[RosterLine, ...]) -> tuple[BillLine, ...]:
    """The lines of a bill: occupations at the same price are one."""
    priced: defaultdict[tuple[int, str], list[RosterLine]] = defaultdict(list)
    for line in lines:
        price = pricing.price(month, line.occupation, pledge.programmes)
        priced[price.idr, price.tariff].append(line)
    return tuple(
        BillLine.trusted(
            workers=tuple(chain.from_iterable(line.workers for line in alike)),
            matches=tuple(chain.from_iterable(line.matches for line in alike)),
            idr=idr,
            tariff=tariff,
        )
        for (idr, tariff), alike in priced.items()
    )


def _held(pledge: Pledge, lines: tuple[BillLine, ...]) -> int:
    """What is held for the worker-months of these lines."""
    holds = pledge.holds
    return sum(
        min(holds[match].idr, idr) for line in lines for idr in (line.idr,) for match in line.matches if match in holds
    )


def _remittance_id(pledge: Pledge, month: str, received: Received) -> str:
    """All rosters of a month are fixed at one instant, so they name the same remittance without knowing each other."""
    return ids.derived("rem", received.at, f"{pledge.donor}/{pledge.city}/{month}/{pledge.payment}")


def _prepared(state: State, name: str, city: City) -> RemittancePrepared:
    remittance = state.remittances[name]
    return RemittancePrepared(
        remittance=name,
        donor=remittance.donor,
        language=remittance.language,
        city=remittance.city,
        month=remittance.month,
        payment=remittance.payment,
        pledges=tuple(remittance.pledges),
        workers=remittance.workers,
        total_idr=remittance.idr,
        pay_code=pay_code(remittance.city, city.remittances + 1),
        due_on=due_on(remittance),
    )


def due_on(remittance: Remittance) -> date:
    """The 15th of the month, or two weeks after the bill where that is later."""
    usual = months.first_day(remittance.month).replace(day=DUE_DAY_OF_MONTH)
    return max(usual, remittance.billed_on + timedelta(days=DUE_DAYS_MIN))


def pay_code(city: str, number: int) -> str:
    """Twelve digits: the city, a running number, and a check digit (Luhn) that catches a mistyped one."""
    digits = f"{city.replace('.', '')}{number:07d}"
    doubled = [int(d) * (2 if place % 2 else 1) for place, d in enumerate(reversed(digits), start=1)]
    check = -sum(d - 9 if d > 9 else d for d in doubled) % 10
    return f"{digits}{check}"
