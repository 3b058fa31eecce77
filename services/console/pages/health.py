"""Lag and health of the four services, as they report it."""

from starlette.responses import Response

from services.console.visit import SignedIn


async def show(visit: SignedIn) -> Response:
    """The page; its script reloads it every five seconds."""
    return visit.page("health.html", services=await visit.api.health())
