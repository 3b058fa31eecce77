"""Workers who leave for good: after the month of their leaving, a month without cover is no lapse."""

from collections.abc import Iterator

from schemas import months
from schemas.base import Fact
from schemas.days import jakarta_day
from schemas.facts.gateway import PersonErased, WorkerEnded
from schemas.facts.ledger import WorkerDeparted
from services.ledger.domain.state import State
from services.runtime.contract import Received


def end_worker(state: State, fact: WorkerEnded, received: Received) -> Iterator[Fact]:  # noqa: ARG001 - all decisions look alike
    """A worker died, moved, found a formal job, aged out or withdrew."""
    yield from _depart(state, fact.worker, months.of(fact.on))


def erase_person(state: State, fact: PersonErased, received: Received) -> Iterator[Fact]:
    """An erased worker gets no notice and no match any longer."""
    if fact.person.startswith("wrk_"):
        yield from _depart(state, fact.person, months.of(jakarta_day(received.at)))


def _depart(state: State, worker: str, last_month: str) -> Iterator[Fact]:
    before = state.departed.get(worker)
    if before is None or last_month < before:
        yield WorkerDeparted(worker=worker, last_month=last_month)
