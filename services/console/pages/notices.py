"""The mailbox: notices as their recipients read them, with masked names."""

from typing import Final

from starlette.responses import Response

from services.console.visit import SignedIn

NOTICES: Final = 24


async def show(visit: SignedIn) -> Response:
    """A page of notices."""
    query = visit.request.query_params
    filters = {name: query[name] for name in ("language", "after") if query.get(name)}
    notices, following = await visit.api.mailbox(NOTICES, filters)
    return visit.page("notices.html", notices=notices, following=following, filters=filters)
