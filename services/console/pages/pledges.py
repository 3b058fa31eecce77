"""One pledge over all services, one worker, and the search box that leads to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from starlette.responses import RedirectResponse, Response

from schemas.http.pledges import PledgeMonth
from services.console.pages.stream import by_day
from services.console.views import Event
from services.console.visit import SignedIn
from services.console.words import page_of

LANES: Final = ("gateway", "matcher", "ledger", "notifier")
_HISTORY: Final = 200


@dataclass(frozen=True)
class Step:
    """One line of a timeline: a fact, and those of the same kind that happened at the same instant."""

    first: Event
    alike: Sequence[Event]

    @property
    def lane(self) -> int:
        """The column of its service."""
        return LANES.index(self.first.service) if self.first.service in LANES else 0


@dataclass(frozen=True)
class Stretch:
    """Months in a row of which the same is to be said; `idr` is that of each."""

    first: str
    last: str
    count: int
    state: str
    workers: int
    idr: int


async def show_pledge(visit: SignedIn) -> Response:
    """A pledge with its months and its way through the services."""
    identity = visit.request.path_params["pledge"]
    pledge = await visit.api.pledge(identity)
    timeline = await visit.api.timeline(identity)
    days = [(day.day, steps(day.events)) for day in by_day(timeline)]
    explanation = await visit.part(visit.api.explanation("pledges", identity))
    return visit.page(
        "pledge.html",
        pledge=pledge,
        stretches=stretches(pledge.months),
        explanation=explanation,
        days=days,
        lanes=LANES,
    )


async def show_worker(visit: SignedIn) -> Response:
    """A worker without a name: where, since when, by whom, and why."""
    identity = visit.request.path_params["worker"]
    worker = await visit.api.worker(identity)
    return visit.page(
        "worker.html",
        worker=worker,
        explanation=await visit.part(visit.api.explanation("workers", identity)),
        history=await visit.part(visit.api.events(_HISTORY, {"subject": identity})),
        by_day=by_day,
    )


async def search(visit: SignedIn) -> Response:
    """Lead to the page of an id; an id without a page, or none at all, is told so."""
    identity = visit.request.query_params.get("q", "").strip().lower()
    page = page_of(identity)
    if page:
        return RedirectResponse(page, 303)
    return visit.page("error.html", 404, message=visit.words["search.shape"])


def steps(events: Sequence[Event]) -> list[Step]:
    """Facts of one day in causal order, those of one kind and sort at one instant folded into one step.

    A fact joins an earlier step only where that stands behind the step of its cause, so causes stay before effects.
    """
    folded: list[list[Event]] = []
    step_of_kind: dict[tuple[str, ...], int] = {}
    step_of_fact: dict[str, int] = {}
    for event in events:
        sort = str(event.data.get("what") or event.data.get("template") or "")
        kind = (event.service, event.kind, sort, event.time)
        at = step_of_kind.get(kind)
        if at is None or step_of_fact.get(event.sekulcause, -1) >= at:
            at = step_of_kind[kind] = len(folded)
            folded.append([])
        folded[at].append(event)
        step_of_fact[event.id] = at
    return [Step(run[0], run[1:]) for run in folded]


def stretches(months: Sequence[PledgeMonth]) -> list[Stretch]:
    """Months in the same order, those alike in a row folded into one line."""
    made = []
    for (state, workers, idr), run in groupby(months, key=lambda it: (it.state, it.workers, it.idr)):
        names = [it.month for it in run]
        made.append(Stretch(names[0], names[-1], len(names), state, workers, idr))
    return made
