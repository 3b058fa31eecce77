"""The books: the trial balance, and the progress of each month."""

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from schemas import months
from services.console.views import Cycle
from services.console.visit import SignedIn, Unavailable

MONTHS_BEFORE: Final = 8
MONTHS_AFTER: Final = 1
#: the states that add up to what was billed, in drawing order
STATES: Final = ("confirmed", "awaiting", "due", "rejected", "unpaid")


@dataclass(frozen=True)
class Segment:
    """A segment of a month's bar: worker-months in a state; `start` and `width` are in thousandths."""

    state: str
    count: int
    start: int
    width: int


async def show(visit: SignedIn) -> Response:
    """Trial balance and cycles."""
    today = await visit.api.today()
    trial = await visit.part(visit.api.trial_balance())
    this = months.of(today)
    shown = reversed(months.span(months.add(this, -MONTHS_BEFORE), months.add(this, MONTHS_AFTER)))
    cycles = [await visit.part(visit.api.cycle(month)) for month in shown]
    unavailable = next((cycle for cycle in cycles if isinstance(cycle, Unavailable)), None)
    billed = [it for it in cycles if isinstance(it, Cycle) and (it.worker_months.get("billed") or it.state != "open")]
    return visit.page(
        "books.html",
        trial=trial,
        cycles=[(cycle, segments(cycle)) for cycle in billed],
        unavailable_cycle=unavailable,
        states=STATES,
    )


def segments(cycle: Cycle) -> list[Segment]:
    """A month's bar, as long as all that was billed."""
    counts = [(state, cycle.worker_months.get(state, 0)) for state in STATES]
    whole = max(1, sum(count for _, count in counts))
    made, before = [], 0
    for state, count in counts:
        made.append(Segment(state, count, before * 1000 // whole, count * 1000 // whole))
        before += count
    return [segment for segment in made if segment.count]
