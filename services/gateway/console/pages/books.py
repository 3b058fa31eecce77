"""The books: that all balances are zero together, and how far each month is."""

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from schemas import months
from services.gateway.console.site import Away, Visit
from services.gateway.console.views import Cycle

MONTHS_BEFORE: Final = 8
MONTHS_AFTER: Final = 1
#: The states that share out what was billed, in the order in which they are drawn.
WAY: Final = ("confirmed", "awaiting", "due", "rejected", "unpaid")


@dataclass(frozen=True)
class Piece:
    """A stretch of a month's bar: so many worker-months in a state, from `start` on, in thousandths."""

    state: str
    count: int
    start: int
    width: int


async def show(visit: Visit) -> Response:
    """Trial balance and cycles."""
    today = await visit.board.today()
    trial = await visit.part(visit.board.trial_balance())
    this = months.of(today)
    asked = reversed(months.span(months.add(this, -MONTHS_BEFORE), months.add(this, MONTHS_AFTER)))
    cycles = [await visit.part(visit.board.cycle(month)) for month in asked]
    away = next((cycle for cycle in cycles if isinstance(cycle, Away)), None)
    billed = [it for it in cycles if isinstance(it, Cycle) and (it.worker_months.get("billed") or it.state != "open")]
    return visit.page(
        "books.html",
        trial=trial,
        cycles=[(cycle, pieces(cycle)) for cycle in billed],
        away_part=away,
        way=WAY,
    )


def pieces(cycle: Cycle) -> list[Piece]:
    """A month's bar, as long as all that was billed."""
    counts = [(state, cycle.worker_months.get(state, 0)) for state in WAY]
    whole = max(1, sum(count for _, count in counts))
    made, before = [], 0
    for state, count in counts:
        made.append(Piece(state, count, before * 1000 // whole, count * 1000 // whole))
        before += count
    return [piece for piece in made if piece.count]
