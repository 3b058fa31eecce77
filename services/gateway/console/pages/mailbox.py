"""The mailbox: notices as their receivers read them, with masked names."""

from typing import Final

from starlette.responses import Response

from services.gateway.console.site import Visit

LETTERS: Final = 24


async def show(visit: Visit) -> Response:
    """A page of letters."""
    query = visit.request.query_params
    filters = {name: query[name] for name in ("language", "after") if query.get(name)}
    letters, following = await visit.board.mailbox(LETTERS, filters)
    return visit.page("mailbox.html", letters=letters, following=following, filters=filters)
