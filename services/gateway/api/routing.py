"""The route table: a route is declared once, with who may call it, what it takes, answers and refuses, and its limits.

    routes = Routes("donors")

    @routes.post("/v1/donors", "donor.write", body=NewDonor, answer=DonorCreated, status=201)
    async def register(call: Call, body: NewDonor) -> Response: ...

The OpenAPI document is made from the same declarations. Promises that a path that names a route exactly prevails over
one with parameters. Must not call an endpoint.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from pydantic import BaseModel
from starlette.responses import Response

from schemas.http.common import Body
from services.gateway.api.parameters import Parameters, parameters_of
from services.gateway.domain.roles import Permission

Endpoint = Callable[..., Awaitable[Response]]
#: who may call a route: who has a permission, who has any key, or everybody
Access = Permission | Literal["any key", "everybody"]
REQUEST_S: Final = 30.0
#: routes that wait for other services, or read and write whole files
LONG_S: Final = 600.0


@dataclass(frozen=True, kw_only=True)
class Route:
    """One route; see the module."""

    method: str
    path: str
    endpoint: Endpoint
    access: Access
    tags: tuple[str, ...]
    #: the model of a good answer; without one `media` are its media types
    answer: Any = None
    media: Sequence[str] = ()
    status: int = 200
    #: further good statuses with the same answer
    also: Sequence[int] = ()
    problems: Sequence[str] = ()
    body: type[Body] | None = None
    #: whether no body stands for an empty one
    optional: bool = False
    #: the media types of a body that is a file, with its description
    file: tuple[str, Sequence[str]] | None = None
    #: whether it waits for `Sekul-After`
    waits: bool = False
    #: seconds until it is ended with `request.timeout`; None: it may go on for ever
    seconds: float | None = REQUEST_S
    parameters: Sequence[Parameters] = field(init=False)

    def __post_init__(self) -> None:
        names = {part[1:-1] for part in self.path.split("/") if part.startswith("{")}
        object.__setattr__(self, "parameters", parameters_of(self.endpoint, names))

    @property
    def writes(self) -> bool:
        """Whether it changes something, and so takes an `Idempotency-Key`."""
        return self.method != "GET" and self.access != "everybody"


class Routes:
    """Collects the routes of one tag."""

    def __init__(self, tag: str) -> None:
        self._tag = tag
        self.found: list[Route] = []

    def get(self, path: str, access: Access, answer: Any = None, **more: Any) -> Callable[[Endpoint], Endpoint]:
        """Declare a route that reads."""
        return self._add("GET", path, access, answer, more)

    def post(self, path: str, access: Access, answer: type[BaseModel], **more: Any) -> Callable[[Endpoint], Endpoint]:
        """Declare a route that writes."""
        return self._add("POST", path, access, answer, more)

    def put(self, path: str, access: Access, answer: type[BaseModel], **more: Any) -> Callable[[Endpoint], Endpoint]:
        """Declare a route that replaces."""
        return self._add("PUT", path, access, answer, more)

    def delete(self, path: str, access: Access, answer: type[BaseModel], **more: Any) -> Callable[[Endpoint], Endpoint]:
        """Declare a route that removes."""
        return self._add("DELETE", path, access, answer, more)

    def _add(
        self, method: str, path: str, access: Access, answer: Any, more: dict[str, Any]
    ) -> Callable[[Endpoint], Endpoint]:
        tags = (self._tag, *more.pop("tags", ()))

        def added(endpoint: Endpoint) -> Endpoint:
            route = Route(method=method, path=path, endpoint=endpoint, access=access, answer=answer, tags=tags, **more)
            self.found.append(route)
            return endpoint

        return added


@dataclass
class _Node:
    """A step of the paths: what follows by name, what follows as a parameter, and the routes that end here."""

    named: dict[str, "_Node"] = field(default_factory=dict)
    parameter: "_Node | None" = None
    routes: dict[str, Route] = field(default_factory=dict)

    def ends(self, parts: Sequence[str]) -> Iterator["_Node"]:
        """The nodes at which a path may end, the most exact first."""
        if not parts:
            yield self
            return
        if parts[0] in self.named:
            yield from self.named[parts[0]].ends(parts[1:])
        if self.parameter is not None and parts[0]:
            yield from self.parameter.ends(parts[1:])


class Table:
    """All routes, found by method and path."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self.routes = routes
        self._exact = {(route.method, route.path): route for route in routes if "{" not in route.path}
        self._root = _Node()
        for route in routes:
            node = self._root
            for part in route.path.split("/"):
                if part.startswith("{"):
                    node.parameter = node = node.parameter or _Node()
                else:
                    node = node.named.setdefault(part, _Node())
            node.routes[route.method] = route

    def find(self, method: str, path: str) -> tuple[Route | None, Mapping[str, str], Sequence[str]]:
        """The route, the values in its path, and, without a route, the methods that the path takes."""
        exact = self._exact.get((method, path))
        if exact is not None:
            return exact, {}, ()
        parts = path.split("/")
        for node in self._root.ends(parts):
            if node.routes:
                route = node.routes.get(method)
                return (route, _values(route, parts), ()) if route else (None, {}, sorted(node.routes))
        return None, {}, ()


def _values(route: Route, parts: Sequence[str]) -> Mapping[str, str]:
    named = zip(route.path.split("/"), parts, strict=True)
    return {name[1:-1]: value for name, value in named if name.startswith("{")}
