"""Dead letters: inputs that could not be processed, and their redrive, which asks for confirmation."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from starlette.responses import Response

from schemas.http.operations import DeadLetterAnswer
from services.console.api_client import ApiError
from services.console.visit import SignedIn


@dataclass(frozen=True)
class BlockedStream:
    """A stream of a service with its dead letters in order; the first is the one that failed."""

    service: str
    about: str
    dead_letters: Sequence[DeadLetterAnswer]


async def show(visit: SignedIn) -> Response:
    """All blocked streams."""
    return await _list(visit)


async def confirm(visit: SignedIn) -> Response:
    """The question before a redrive; it changes nothing."""
    service, about = (visit.request.query_params.get(name, "") for name in ("service", "about"))
    for stream in await _blocked(visit):
        if (stream.service, stream.about) == (service, about):
            return visit.page("redrive.html", stream=stream)
    return visit.page("error.html", 404, message=visit.words.text("error.missing_id", about=about))


async def redrive(visit: SignedIn) -> Response:
    """Request the redrive; the API decides whether the key may."""
    service, about = visit.fields.get("service", ""), visit.fields.get("about", "")
    try:
        await visit.api.redrive(service, about)
    except ApiError as error:
        return await _list(visit, problem=visit.words.text("dead.refused", detail=error.detail), status=error.status)
    requested = visit.words.text("dead.requested", service=visit.words.code(service), about=about)
    return await _list(visit, done=requested)


async def _list(visit: SignedIn, *, done: str = "", problem: str = "", status: int = 200) -> Response:
    return visit.page("dead_letters.html", status, streams=await _blocked(visit), done=done, problem=problem)


async def _blocked(visit: SignedIn) -> list[BlockedStream]:
    def stream_of(one: DeadLetterAnswer) -> tuple[str, str]:
        return one.service, one.about

    dead = sorted(await visit.api.dead_letters(), key=lambda it: (*stream_of(it), it.source, it.source_seq))
    grouped = groupby(dead, key=stream_of)
    return [BlockedStream(service, about, tuple(members)) for (service, about), members in grouped]
