"""Dead letters: what could not be decided, and the request to decide it again, which is asked for twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from starlette.responses import Response

from services.gateway.console.board import Unanswered
from services.gateway.console.site import Visit
from services.gateway.console.views import DeadLetter


@dataclass(frozen=True)
class Waiting:
    """A stream of a service that waits, with its letters in order; the first is the one that died."""

    service: str
    about: str
    letters: Sequence[DeadLetter]


async def show(visit: Visit) -> Response:
    """All streams that wait."""
    return await _list(visit)


async def confirm(visit: Visit) -> Response:
    """The question before a redrive; nothing changes by looking at it."""
    service, about = (visit.request.query_params.get(name, "") for name in ("service", "about"))
    for stream in await _waiting(visit):
        if (stream.service, stream.about) == (service, about):
            return visit.page("redrive.html", stream=stream)
    return visit.page("error.html", 404, message=visit.words.say("error.missing_id", about=about))


async def redrive(visit: Visit) -> Response:
    """Ask the API; it decides whether the key may."""
    form = await visit.form()
    service, about = form.get("service", ""), form.get("about", "")
    try:
        await visit.board.redrive(service, about)
    except Unanswered as answer:
        return await _list(visit, problem=visit.words.say("dead.refused", detail=answer.detail), status=answer.status)
    asked = visit.words.say("dead.asked", service=visit.words.code(service), about=about)
    return await _list(visit, done=asked)


async def _list(visit: Visit, *, done: str = "", problem: str = "", status: int = 200) -> Response:
    return visit.page("letters.html", status, streams=await _waiting(visit), done=done, problem=problem)


async def _waiting(visit: Visit) -> list[Waiting]:
    def stream_of(letter: DeadLetter) -> tuple[str, str]:
        return letter.service, letter.about

    letters = sorted(await visit.board.dead_letters(), key=lambda it: (*stream_of(it), it.source, it.source_seq))
    return [Waiting(service, about, tuple(members)) for (service, about), members in groupby(letters, key=stream_of)]
