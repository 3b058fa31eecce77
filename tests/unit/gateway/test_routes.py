"""What a route needs besides its declaration: each missing place is a failure that names its file."""

import inspect
from pathlib import Path

import pytest

from services.gateway.api import routes as package
from services.gateway.api.problems import PROBLEMS
from services.gateway.api.routes import ROUTES
from services.gateway.api.routing import Route
from services.gateway.domain.roles import PERMISSIONS

FOLDER = Path(package.__file__).parent


def _file(route: Route) -> str:
    return f"{route.endpoint.__module__.replace('.', '/')}.py"


each_route = pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")


@pytest.mark.parametrize("module", sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__"))
def test_each_module_of_routes_is_served(module: str) -> None:
    served = {route.endpoint.__module__.rpartition(".")[2] for route in ROUTES}
    assert module in served, f"add {module} to _MODULES in services/gateway/api/routes/__init__.py"


@each_route
def test_each_route_names_who_may_call_it(route: Route) -> None:
    known = {*PERMISSIONS, "any key", "everybody"}
    assert route.access in known, (
        f"add {route.access} to Permission and PERMISSIONS in services/gateway/domain/roles.py"
    )


@each_route
def test_each_problem_of_a_route_has_its_words(route: Route) -> None:
    missing = set(route.problems) - PROBLEMS.keys()
    assert missing == set(), f"add {missing} to PROBLEMS in services/gateway/api/problems.py, and generate PROBLEMS.md"


@each_route
def test_each_route_that_writes_declares_its_body_and_its_answer(route: Route) -> None:
    takes = "body" in inspect.signature(route.endpoint).parameters
    assert takes == (route.body is not None), f"{_file(route)}: declare body=..., from schemas/http"
    assert route.method == "GET" or route.answer is not None, f"{_file(route)}: declare answer=..., from schemas/http"


@each_route
def test_each_route_has_a_description(route: Route) -> None:
    assert route.endpoint.__doc__, f"{_file(route)}: add a docstring, the description in the OpenAPI document"
