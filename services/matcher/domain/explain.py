"""Why a worker waits or a slot is idle, and the smallest change that would help.

Promises codes that stay and sentences for people; reads the state, changes nothing.
"""

from dataclasses import dataclass, field
from typing import Final

from schemas import months
from services.matcher.domain.city import City
from services.matcher.domain.graph import bits
from services.matcher.domain.model import Pledge, Worker
from services.matcher.domain.preview import Rehearsal
from services.matcher.domain.scopes import Scope, around
from services.matcher.domain.state import State

#: So many slots more are tried on behalf of a waiting worker.
TRIES_MAX: Final = 2_000


@dataclass(frozen=True)
class Reason:
    """One reason: a stable code and a sentence."""

    code: str
    detail: str


@dataclass(frozen=True)
class Explanation:
    """How somebody or something stands, why, and what would change it."""

    status: str
    why: list[Reason] = field(default_factory=list)
    change: Reason | None = None


def explain_worker(state: State, name: str) -> Explanation | None:
    """Why a worker is matched or waits; `None` when nobody of this id is known."""
    worker = state.workers.get(name)
    if worker is None:
        return None
    city = state.city_of(worker)
    if worker.left:
        return Explanation("ended", [Reason("worker.left", f"left the list: {worker.left}")])
    if worker.seat is not None:
        seat = worker.seat
        span = f"from {months.from_number(seat.first)} until {months.from_number(seat.last)}"
        return Explanation("matched", [Reason(f"match.{seat.reason}", f"{seat.pledge.id} protects him {span}")])
    if worker.queue is None:
        return _cannot_wait(city, worker)
    why = _about_pledges(city, worker)
    return Explanation("waiting", why, _slots_needed(city, worker))


def _cannot_wait(city: City, worker: Worker) -> Explanation:
    if worker.covered_until > city.horizon:
        until = months.from_number(worker.covered_until)
        return Explanation("matched", [Reason("match.ends", f"covered until {until}; another sponsor is sought then")])
    last = months.from_number(worker.eligible_until)
    return Explanation("waiting", [Reason("worker.too_old", f"may be insured until {last} only, for age")])


def _about_pledges(city: City, worker: Worker) -> list[Reason]:
    fitting = [pledge for pledge in city.pledges if _fits(pledge, worker)]
    active = [pledge for pledge in fitting if pledge.active]
    later = [pledge for pledge in fitting if pledge.status == "open" and pledge.starts > city.horizon]
    suspended = [pledge for pledge in fitting if pledge.status == "suspended"]
    why = []
    if active:
        slots = sum(pledge.slots for pledge in active)
        detail = f"{len(active)} pledges may protect him; their {slots} slots are taken, and no swap frees one"
        why.append(Reason("slots.full", detail))
    else:
        where = f"{worker.cell.occupation} in {worker.cell.area}"
        why.append(Reason("scope.none", f"no pledge that is open now may protect {where}"))
    if later:
        first = months.from_number(min(pledge.starts for pledge in later))
        why.append(
            Reason("pledge.scheduled", f"{len(later)} pledges for such workers begin later, the first in {first}")
        )
    if suspended:
        why.append(Reason("pledge.suspended", f"{len(suspended)} pledges for such workers have not paid"))
    return why


def _fits(pledge: Pledge, worker: Worker) -> bool:
    if pledge.workers:
        return worker.id in pledge.workers
    fits = not pledge.occupations or worker.cell.occupation in pledge.occupations
    return fits and any(area in pledge.areas for area in around(worker.cell.area))


def _slots_needed(city: City, worker: Worker) -> Reason:
    cell = worker.cell
    rehearsal = Rehearsal(city)
    rehearsal.add(Scope.of((cell.area,), (), ""), TRIES_MAX)
    needed = 1
    while rehearsal.place() != (cell.index, worker.number):
        needed += 1
        if needed > TRIES_MAX:
            return Reason("slots.more", f"more than {TRIES_MAX} slots for {cell.area} would be needed")
    first = "" if needed == 1 else f"; {needed - 1} more urgent workers would come first"
    return Reason("slots.more", f"{needed} more slots for {cell.area} would do{first}")


def explain_pledge(state: State, name: str) -> Explanation | None:
    """Why slots of a pledge are idle; `None` when no such pledge is known."""
    pledge = state.pledges.get(name)
    if pledge is None:
        return None
    city = state.city_of(pledge)
    idle = pledge.slots - pledge.filled
    if pledge.status == "suspended":
        return Explanation("suspended", [Reason("pledge.unpaid", "a bill is overdue")], _pay())
    if pledge.status == "ended":
        return Explanation("ended", [Reason("pledge.ended", f"its last month is {months.from_number(pledge.until)}")])
    if pledge.starts > city.horizon:
        begins = months.from_number(pledge.starts)
        return Explanation("scheduled", [Reason("pledge.scheduled", f"it begins in {begins} and fills shortly before")])
    if pledge.until <= city.horizon:
        last = months.from_number(pledge.until)
        return Explanation("open", [Reason("pledge.ends_soon", f"its last month is {last}; it takes nobody new")])
    if not idle:
        return Explanation("open", [Reason("slots.filled", f"all {pledge.slots} slots are filled")])
    if pledge.workers:
        return Explanation("open", _about_named(state, pledge))
    held = [Reason("slots.filled", f"{pledge.filled} of {pledge.slots} slots are filled")] if pledge.filled else []
    detail = f"{idle} slots are idle: nobody in its scope waits, and no swap would make somebody of its scope wait"
    return Explanation("open", [*held, Reason("scope.exhausted", detail)], _wider(city, pledge))


def _pay() -> Reason:
    return Reason("pledge.pay", "once the overdue remittance is paid, its slots fill again")


def _about_named(state: State, pledge: Pledge) -> list[Reason]:
    why = []
    for name in pledge.workers:
        worker = state.workers.get(name)
        if worker is None:
            why.append(Reason("worker.unknown", f"{name} is not on the list of this city"))
        elif worker.left:
            why.append(Reason("worker.left", f"{name} left the list: {worker.left}"))
        elif worker.seat is not None and worker.seat.pledge is not pledge:
            why.append(Reason("worker.pinned", f"{name} has a sponsor from whom nobody is moved"))
        elif worker.seat is None:
            why.append(Reason("worker.covered", f"{name} is covered for now, or cannot be insured any longer"))
    return why or [Reason("slots.spare", "there are more slots than named workers")]


def _wider(city: City, pledge: Pledge) -> Reason | None:
    """The least that must be added to the scope before somebody waits in it."""
    waiting = city.board.returning_cells | city.board.plain_cells
    areas = [pledge.areas]
    while any(area.count(".") > 1 for area in areas[-1]):
        up = (area.rpartition(".")[0] if area.count(".") > 1 else area for area in areas[-1])
        areas.append(tuple(sorted(set(up))))
    for wider in areas:
        for occupations in (pledge.occupations, ()):
            cells = waiting & city.index.cells_for(Scope(wider, occupations, ""))
            if cells:
                count = sum(city.board.waits(cell) for cell in bits(cells))
                who = ", ".join(occupations) or "all occupations"
                return Reason("scope.wider", f"{count} workers wait in {', '.join(wider)} ({who})")
    return None
