"""What holds for every request, whatever it asks: traces, limits, and that each failure is a problem."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import httpx
import orjson
import pytest
from starlette.responses import Response, StreamingResponse

from services.gateway.api.app import Api
from services.gateway.api.call import Call, json_response
from services.gateway.api.routing import Endpoint, Route, Table
from services.runtime.base.clock import SystemClock
from services.settings import Http

if TYPE_CHECKING:
    from services.gateway.api.app_state import AppState


def route(endpoint: Endpoint, path: str = "/v1/x", method: str = "GET", **more: Any) -> Route:
    """A route that anybody may call."""
    return Route(method=method, path=path, endpoint=endpoint, access="everybody", tags=("x",), **more)


def client(*routes: Route, raises: bool = False, **settings: Any) -> httpx.AsyncClient:
    """A client of an application with these routes alone."""
    context = SimpleNamespace(settings=SimpleNamespace(http=Http(**settings)), clock=SystemClock())
    api = Api(cast("AppState", SimpleNamespace(context=context)), routes)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=api, raise_app_exceptions=raises), base_url="http://api")


async def echo(call: Call) -> Response:
    """Answer with the size of the body and the trace."""
    return json_response({"bytes": len(await call.content()), "trace": call.trace})


async def test_each_answer_has_a_trace_and_says_that_it_is_not_to_be_stored() -> None:
    async with client(route(echo)) as http:
        answer = await http.get("/v1/x")
    assert answer.headers["traceparent"] == answer.json()["trace"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "given", ["", "00-" + "0" * 32 + "-b7ad6b7169203331-01", "00-XX-b7ad6b7169203331-01", "x" * 999]
)
async def test_a_trace_that_is_none_is_replaced(given: str) -> None:
    async with client(route(echo)) as http:
        answer = await http.get("/v1/x", headers={"traceparent": given})
    assert answer.json()["trace"] != given


@pytest.mark.parametrize(("file", "status"), [(None, 413), (("A file.", ["text/csv"]), 200)])
async def test_only_routes_of_files_take_large_bodies(file: Any, status: int) -> None:
    async with client(route(echo, method="POST", file=file), body_bytes_max=10, import_bytes_max=100) as http:
        assert (await http.post("/v1/x", content=b"x" * 50)).status_code == status
        assert (await http.post("/v1/x", content=b"x" * 101)).status_code == 413


async def slow(call: Call) -> Response:
    """Answer later than most routes may."""
    await asyncio.sleep(0.05)
    return await echo(call)


async def test_a_request_that_takes_too_long_is_ended() -> None:
    async with client(route(slow, seconds=0.01)) as http:
        answer = await http.get("/v1/x")
    assert (answer.status_code, answer.json()["code"]) == (503, "request.timeout")


async def test_a_route_without_an_end_is_not_ended() -> None:
    async with client(route(slow, seconds=None)) as http:
        assert (await http.get("/v1/x")).status_code == 200


async def test_whatever_goes_wrong_inside_is_a_problem_without_a_word_of_what_it_was() -> None:
    async def broken(_call: Call) -> Response:
        raise ValueError("Siti 3672014101900001")

    async with client(route(broken)) as http:
        answer = await http.get("/v1/x")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal.defect")
    assert "Siti" not in answer.text


async def test_an_answer_that_breaks_off_cannot_be_taken_for_a_whole_one() -> None:
    async def half() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionResetError("gone")

    async def broken(_call: Call) -> Response:
        return StreamingResponse(half())

    async with client(route(broken), raises=True) as http:
        with pytest.raises(ConnectionResetError):
            await http.get("/v1/x")


async def test_a_path_that_names_a_route_prevails_over_one_with_a_parameter() -> None:
    table = Table([route(echo, "/v1/x/me"), route(echo, "/v1/x/{x}", "DELETE"), route(echo, "/v1/x/{x}/y")])
    assert [found.path if found else allowed for found, _, allowed in (
        table.find("GET", "/v1/x/me"), table.find("DELETE", "/v1/x/me"), table.find("DELETE", "/v1/x/1"),
        table.find("GET", "/v1/x/me/y"), table.find("GET", "/v1/x/"),
    )] == ["/v1/x/me", ["GET"], "/v1/x/{x}", "/v1/x/{x}/y", ()]  # fmt: skip


async def test_the_document_is_served_under_its_own_path() -> None:
    async with client(route(echo)) as http:
        assert orjson.loads((await http.get("/openapi.json")).content)["openapi"] == "3.1.0"
