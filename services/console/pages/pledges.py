"""One pledge over all services, one worker, and the search box that leads to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from starlette.responses import RedirectResponse, Response

from schemas.http.pledges import PledgeMonth
from services.console.pages.stream import by_day, is_id
from services.console.views import Event
from services.console.visit import SignedIn
from services.console.words import page_of

SERVICES: Final = ("gateway", "matcher", "ledger", "notifier")
_HISTORY: Final = 200


@dataclass(frozen=True)
class Step:
    """One line of a timeline: an event, and those of the same kind at the same instant."""

    first: Event
    alike: Sequence[Event]

    @property
    def column(self) -> int:
        """The column of its service."""
        return SERVICES.index(self.first.service) if self.first.service in SERVICES else 0


@dataclass(frozen=True)
class Span:
    """Consecutive months that are equal; `idr` is that of each."""

    first: str
    last: str
    count: int
    state: str
    workers: int
    idr: int


async def show_pledge(visit: SignedIn) -> Response:
    """A pledge with its months and its timeline over all services."""
    identity = visit.request.path_params["pledge"]
    pledge = await visit.api.pledge(identity)
    timeline = await visit.api.timeline(identity)
    days = [(day.day, steps(day.events)) for day in by_day(timeline)]
    explanation = await visit.part(visit.api.explanation("pledges", identity))
    return visit.page(
        "pledge.html",
        pledge=pledge,
        spans=spans(pledge.months),
        explanation=explanation,
        days=days,
        services=SERVICES,
    )


async def show_worker(visit: SignedIn) -> Response:
    """A worker without personal data: area, status, pledge, and why."""
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
    """Lead to the page of an ID, or to its events if it has no page."""
    identity = visit.request.query_params.get("q", "").strip().lower()
    if is_id(identity):
        return RedirectResponse(page_of(identity) or f"/console/stream?subject={identity}", 303)
    return visit.page("error.html", 404, message=visit.words["search.shape"])


def steps(events: Sequence[Event]) -> list[Step]:
    """Events of one day in causal order; those of one kind and sort at one instant are folded into one step.

    An event joins an earlier step only if that comes after the step of its cause, so causes stay before effects.
    """
    folded: list[list[Event]] = []
    step_of_kind: dict[tuple[str, ...], int] = {}
    step_of_event: dict[str, int] = {}
    for event in events:
        sort = str(event.data.get("what") or event.data.get("template") or "")
        kind = (event.service, event.kind, sort, event.time)
        at = step_of_kind.get(kind)
        if at is None or step_of_event.get(event.sekulcause, -1) >= at:
            at = step_of_kind[kind] = len(folded)
            folded.append([])
        folded[at].append(event)
        step_of_event[event.id] = at
    return [Step(run[0], run[1:]) for run in folded]


def spans(months: Sequence[PledgeMonth]) -> list[Span]:
    """Months in the same order; consecutive equal ones are folded into one line."""
    made = []
    for (state, workers, idr), run in groupby(months, key=lambda it: (it.state, it.workers, it.idr)):
        names = [it.month for it in run]
        made.append(Span(names[0], names[-1], len(names), state, workers, idr))
    return made
