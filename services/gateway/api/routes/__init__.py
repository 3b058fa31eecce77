"""The routes of the public API, one module for each tag of the OpenAPI document."""

from typing import Final

from services.gateway.api.routes import (
    books,
    cycles,
    days,
    donors,
    events,
    imports,
    keys,
    notices,
    operations,
    people,
    pledges,
    remittances,
    workers,
)
from services.gateway.api.routing import Route

_MODULES = (
    donors,
    pledges,
    workers,
    people,
    cycles,
    remittances,
    books,
    notices,
    events,
    keys,
    days,
    operations,
    imports,
)
ROUTES: Final[tuple[Route, ...]] = tuple(route for module in _MODULES for route in module.routes.found)
