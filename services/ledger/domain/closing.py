"""Closing a month: due here, paid by the donor, confirmed by BPJS; each worker-month ends in exactly one state.

A month with open exceptions is not closed. What was never paid ends as unpaid, and a worker who was covered before and
is not now has lapsed. Must not ask anything that the state does not hold.
"""

from collections import defaultdict
from collections.abc import Iterator

from schemas import months
from schemas.base import Fact
from schemas.facts.gateway import CycleClosingRequested
from schemas.facts.ledger import CycleClosed, CycleCloseRefused, DonorSummarised, WorkerLapsed
from services.ledger.domain import entries, spells
from services.ledger.domain.state import City, Overdue, Paid, Remittance, State
from services.runtime.contract import Received


def close_cycle(state: State, fact: CycleClosingRequested, _: Received) -> Iterator[Fact]:
    """The close of a city's month, or the refusal with the number of its open exceptions."""
    city = state.cities.get(fact.city) or City()
    if fact.month in city.closed:
        return
    cycle = city.cycles.get(fact.month)
    if cycle is None or not cycle.billed:
        yield _refused(fact, "cycle.not_billed", 0)
        return
    remittances = [(name, state.remittances[name]) for name in cycle.remittances]
    exceptions = sum(open_exceptions(remittance) for _, remittance in remittances)
    if exceptions:
        yield _refused(fact, "cycle.exceptions_open", exceptions)
        return
    unpaid = [(name, remittance) for name, remittance in remittances if not isinstance(remittance.phase, Paid)]
    for name, remittance in unpaid:
        for pledge, idr in remittance.pledges.items():
            yield entries.entry(
                "iuran.unpaid",
                entries.forgo(pledge, remittance.donor, idr),
                pledge=pledge,
                about=name,
                month=fact.month,
            )
    yield CycleClosed(
        city=fact.city,
        month=fact.month,
        confirmed=sum(remittance.confirmed for _, remittance in remittances),
        rejected=sum(remittance.rejected for _, remittance in remittances),
        unpaid=sum(remittance.workers for _, remittance in unpaid),
        confirmed_idr=sum(remittance.confirmed_idr for _, remittance in remittances),
    )
    yield from _lapses(state, city, fact.month)
    yield from _summaries(fact, [remittance for _, remittance in remittances])


def open_exceptions(remittance: Remittance) -> int:
    """Worker-months that keep their cycle open: not paid and not overdue yet, or paid and not answered by BPJS."""
    if isinstance(remittance.phase, Paid):
        return remittance.unanswered
    return 0 if isinstance(remittance.phase, Overdue) else remittance.workers


def _refused(fact: CycleClosingRequested, code: str, exceptions: int) -> CycleCloseRefused:
    return CycleCloseRefused(city=fact.city, month=fact.month, code=code, exceptions=exceptions)


def _lapses(state: State, city: City, month: str) -> Iterator[Fact]:
    before = months.add(month, -1)
    lapsed = [
        worker
        for worker, cover in city.cover.items()
        if spells.lapsed(cover, month) and state.departed.get(worker, month) >= month
    ]
    for worker in lapsed:
        yield WorkerLapsed(worker=worker, month=month, covered_until=before)


def _summaries(fact: CycleClosingRequested, remittances: list[Remittance]) -> Iterator[Fact]:
    by_donor: defaultdict[str, list[Remittance]] = defaultdict(list)
    for remittance in remittances:
        by_donor[remittance.donor].append(remittance)
    for donor, mine in by_donor.items():
        yield DonorSummarised(
            donor=donor,
            language=mine[0].language,
            city=fact.city,
            month=fact.month,
            workers=sum(remittance.confirmed for remittance in mine),
            confirmed_idr=sum(remittance.confirmed_idr for remittance in mine),
            rejected=sum(remittance.rejected for remittance in mine),
        )
