"""Lag and health of the four services, as they tell it themselves."""

from starlette.responses import Response

from services.gateway.console.site import Visit


async def show(visit: Visit) -> Response:
    """The page; its script loads it again every five seconds."""
    return visit.page("health.html", services=await visit.board.health())
