"""Payments: the exact sum, once, or a refusal on record; and the day on which what was not paid is overdue.

Must not know how BPJS answers.
"""

from collections.abc import Iterator
from datetime import date

from schemas.base import Fact
from schemas.days import jakarta_day
from schemas.facts.gateway import PaymentReported
from schemas.facts.ledger import PaymentRefused, PledgeOverdue, PledgeSettled, RemittancePaid
from schemas.money import format_rupiah
from services.ledger.domain import entries
from services.ledger.domain.state import Collecting, Due, Paid, Remittance, State, Unpaid
from services.runtime.base.errors import Refused
from services.runtime.contract import Received


def pay(state: State, fact: PaymentReported, received: Received) -> Iterator[Fact]:
    """A remittance paid in full, with an entry for each of its pledges; anything else is refused and moves no money."""
    remittance = _payable(state, fact)
    if isinstance(remittance, Refused):
        yield PaymentRefused(remittance=fact.remittance, code=remittance.code, detail=remittance.detail)
        return
    was_overdue = [name for name in remittance.pledges if fact.remittance in state.pledges[name].overdue]
    yield RemittancePaid(
        remittance=fact.remittance,
        donor=remittance.donor,
        language=remittance.language,
        city=remittance.city,
        month=remittance.month,
        pledges=tuple(remittance.pledges),
        workers=remittance.workers,
        total_idr=remittance.idr,
        paid_on=fact.paid_on,
        channel=fact.channel,
    )
    # A payment counts from its own day, but never before its bill nor after the day on which it was reported.
    effective = min(max(fact.paid_on, remittance.billed_on), jakarta_day(received.at))
    for name, idr in remittance.pledges.items():
        yield from _book(name, idr, remittance, fact.remittance, effective)
    for name in was_overdue:
        if not state.pledges[name].overdue:
            yield PledgeSettled(pledge=name)


def overdue(state: State, day: date) -> Iterator[Fact]:
    """The pledges whose remittances are unpaid after their due date, each reported once."""
    for name, remittance in list(state.remittances.items()):
        phase = remittance.phase
        if not isinstance(phase, Due) or phase.due_on >= day:
            continue
        for pledge, idr in remittance.pledges.items():
            yield PledgeOverdue(
                pledge=pledge,
                donor=remittance.donor,
                language=remittance.language,
                remittance=name,
                month=remittance.month,
                idr=idr,
                due_on=phase.due_on,
            )


def _payable(state: State, fact: PaymentReported) -> Remittance | Refused:
    remittance = state.remittances.get(fact.remittance)
    if remittance is None or isinstance(remittance.phase, Collecting):
        return Refused("payment.unknown_remittance", f"{fact.remittance} was never prepared")
    if isinstance(remittance.phase, Paid):
        return Refused("payment.already_paid", f"paid in full on {remittance.phase.paid_on.isoformat()}")
    if isinstance(remittance.phase, Unpaid):
        return Refused("payment.cycle_closed", f"{remittance.month} closed before it was paid")
    difference = fact.amount_idr - remittance.idr
    if difference:
        way = "more" if difference > 0 else "less"
        words = (
            f"{format_rupiah(abs(difference), 'en')} {way} than the {format_rupiah(remittance.idr, 'en')} that are due"
        )
        return Refused("payment.amount_differs", words)
    return remittance


def _book(pledge: str, idr: int, remittance: Remittance, name: str, effective: date) -> Iterator[Fact]:
    pooled = remittance.payment == "pooled"
    steps = [("iuran.paid", entries.pay(pledge, remittance.donor, idr, pooled=pooled))]
    if pooled:
        steps.insert(0, ("pool.received", entries.pool(remittance.donor, idr)))
    for what, moves in steps:
        yield entries.entry(
            what,
            moves,
            pledge=pledge,
            about=name,
            month=remittance.month,
            effective=effective,
        )
