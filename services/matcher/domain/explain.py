"""Why a worker waits or a slot is idle, and the smallest change that would help.

Promises codes that stay and sentences for people; reads the state, changes nothing.
"""

from dataclasses import dataclass, field
from typing import Any, Final

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
    """One reason: a stable code, a sentence, and what the sentence mentions."""

    code: str
    detail: str
    values: dict[str, Any] = field(default_factory=dict)


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
        return Explanation("ended", [_left(name, worker)])
    if worker.seat is not None:
        seat = worker.seat
        values = {
            "pledge": seat.pledge.id,
            "starts": months.from_number(seat.first),
            "until": months.from_number(seat.last),
        }
        detail = "matched with {pledge} from {starts} until {until}".format_map(values)
        return Explanation("matched", [Reason(f"match.{seat.reason}", detail, values)])
    if worker.queue is None:
        return _cannot_wait(city, worker)
    why = _about_pledges(city, worker)
    return Explanation("waiting", why, _slots_needed(city, worker))


def _left(name: str, worker: Worker) -> Reason:
    return Reason("worker.left", f"{name} left the list: {worker.left}", {"worker": name, "reason": worker.left})


def _cannot_wait(city: City, worker: Worker) -> Explanation:
    if worker.covered_until > city.horizon:
        until = months.from_number(worker.covered_until)
        return Explanation(
            "matched", [Reason("match.ends", f"covered until {until}; another donor is sought then", {"until": until})]
        )
    last = months.from_number(worker.eligible_until)
    return Explanation(
        "waiting", [Reason("worker.too_old", f"may be insured until {last} only, for age", {"until": last})]
    )


def _about_pledges(city: City, worker: Worker) -> list[Reason]:
    fitting = [pledge for pledge in city.pledges if _fits(pledge, worker)]
    active = [pledge for pledge in fitting if pledge.active]
    later = [pledge for pledge in fitting if pledge.status == "open" and pledge.starts > city.horizon]
    suspended = [pledge for pledge in fitting if pledge.status == "suspended"]
    why = []
    if active:
        slots = sum(pledge.slots for pledge in active)
        detail = f"{len(active)} pledges may protect him; their {slots} slots are taken, and no swap frees one"
        why.append(Reason("slots.full", detail, {"pledges": len(active), "slots": slots}))
    else:
        where = f"{worker.cell.occupation} in {worker.cell.area}"
        values = {"occupation": worker.cell.occupation, "area": worker.cell.area}
        why.append(Reason("scope.none", f"no pledge that is open now may protect {where}", values))
    if later:
        first = months.from_number(min(pledge.starts for pledge in later))
        detail = f"{len(later)} pledges for such workers begin later, the first in {first}"
        why.append(Reason("pledge.scheduled", detail, {"pledges": len(later), "starts": first}))
    if suspended:
        detail = f"{len(suspended)} pledges for such workers have not paid"
        why.append(Reason("pledge.suspended", detail, {"pledges": len(suspended)}))
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
            detail = f"more than {TRIES_MAX} slots for {cell.area} would be needed"
            return Reason("slots.many", detail, {"slots": TRIES_MAX, "area": cell.area})
    first = "" if needed == 1 else f"; {needed - 1} more urgent workers would come first"
    values = {"slots": needed, "area": cell.area, "before": needed - 1}
    return Reason("slots.more", f"{needed} more slots for {cell.area} would do{first}", values)


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
        last = months.from_number(pledge.until)
        return Explanation("ended", [Reason("pledge.ended", f"its last month is {last}", {"until": last})])
    if pledge.starts > city.horizon:
        begins = months.from_number(pledge.starts)
        detail = f"it begins in {begins} and fills shortly before"
        return Explanation("scheduled", [Reason("pledge.scheduled", detail, {"starts": begins})])
    if pledge.until <= city.horizon:
        last = months.from_number(pledge.until)
        detail = f"its last month is {last}; it takes nobody new"
        return Explanation("open", [Reason("pledge.ends_soon", detail, {"until": last})])
    filled = {"filled": pledge.filled, "slots": pledge.slots}
    if not idle:
        return Explanation("open", [Reason("slots.filled", f"all {pledge.slots} slots are filled", filled)])
    if pledge.workers:
        return Explanation("open", _about_named(state, pledge))
    detail = f"{idle} slots are idle: nobody in its scope waits, and no swap would make somebody of its scope wait"
    why = [Reason("scope.exhausted", detail, {"idle": idle})]
    if pledge.filled:
        why.insert(0, Reason("slots.filled", "{filled} of {slots} slots are filled".format_map(filled), filled))
    return Explanation("open", why, _wider(city, pledge))


def _pay() -> Reason:
    return Reason("pledge.pay", "once the overdue remittance is paid, its slots fill again")


def _about_named(state: State, pledge: Pledge) -> list[Reason]:
    why = []
    for name in pledge.workers:
        worker = state.workers.get(name)
        if worker is None:
            why.append(Reason("worker.unknown", f"{name} is not on the list of this city", {"worker": name}))
        elif worker.left:
            why.append(_left(name, worker))
        elif worker.seat is not None and worker.seat.pledge is not pledge:
            why.append(Reason("worker.pinned", f"{name} has a donor from whom nobody is moved", {"worker": name}))
        elif worker.seat is None:
            why.append(
                Reason(
                    "worker.covered", f"{name} is covered for now, or cannot be insured any longer", {"worker": name}
                )
            )
    return why or [Reason("slots.spare", "there are more slots than named workers")]


def _wider(city: City, pledge: Pledge) -> Reason | None:
    """The least that must be added to the scope before somebody waits in it."""
    waiting = city.waiting_list.returning_cells | city.waiting_list.plain_cells
    areas = [pledge.areas]
    while any(area.count(".") > 1 for area in areas[-1]):
        up = (area.rpartition(".")[0] if area.count(".") > 1 else area for area in areas[-1])
        areas.append(tuple(sorted(set(up))))
    for wider in areas:
        for occupations in (pledge.occupations, ()):
            cells = waiting & city.index.cells_for(Scope(wider, occupations, ""))
            if cells:
                count = sum(city.waiting_list.waits(cell) for cell in bits(cells))
                who = ", ".join(occupations) or "all occupations"
                values = {"workers": count, "areas": wider, "occupations": occupations}
                return Reason("scope.wider", f"{count} workers wait in {', '.join(wider)} ({who})", values)
    return None
