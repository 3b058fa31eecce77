"""The outermost layer: what holds for every request, whatever it asks."""

import asyncio
from typing import Any

import httpx
import orjson
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services.gateway.api import middleware
from services.gateway.api.middleware import Edge
from services.runtime.base.settings import Http


def client(app: ASGIApp, **settings: Any) -> httpx.AsyncClient:
    """A client of an application behind the edge."""
    transport = httpx.ASGITransport(app=Edge(app, Http(**settings)), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://edge")


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the size of the body and the trace."""
    request = Request(scope, receive)
    told = {"bytes": len(await request.body()), "trace": scope["state"]["trace"]}
    await Response(orjson.dumps(told), media_type="application/json")(scope, receive, send)


async def test_each_answer_has_a_trace_and_says_that_it_is_not_to_be_kept() -> None:
    async with client(echo) as http:
        answer = await http.get("/v1/x")
    assert answer.headers["traceparent"] == answer.json()["trace"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "given", ["", "00-" + "0" * 32 + "-b7ad6b7169203331-01", "00-XX-b7ad6b7169203331-01", "x" * 999]
)
async def test_a_trace_that_is_none_is_replaced(given: str) -> None:
    async with client(echo) as http:
        answer = await http.get("/v1/x", headers={"traceparent": given})
    assert answer.json()["trace"] != given


@pytest.mark.parametrize(("path", "status"), [("/v1/donors", 413), ("/v1/imports/workers", 200)])
async def test_only_files_may_be_large(path: str, status: int) -> None:
    async with client(echo, body_bytes_max=10, import_bytes_max=100) as http:
        assert (await http.post(path, content=b"x" * 50)).status_code == status
        assert (await http.post(path, content=b"x" * 101)).status_code == 413


async def test_a_request_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(middleware, "_REQUEST_S", 0.01)
    async with client(slow) as http:
        answer = await http.get("/v1/x")
    assert (answer.status_code, answer.json()["code"]) == (503, "request.timeout")


async def test_a_stream_is_not_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    async def later(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.05)
        await echo(scope, receive, send)

    monkeypatch.setattr(middleware, "_REQUEST_S", 0.01)
    async with client(later) as http:
        assert (await http.get("/v1/events/stream")).status_code == 200


async def test_whatever_goes_wrong_inside_is_a_problem_without_a_word_of_what_it_was() -> None:
    async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise ValueError("Siti 3672014101900001")

    async with client(broken) as http:
        answer = await http.get("/v1/x")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal.defect")
    assert "Siti" not in answer.text


async def test_an_answer_that_breaks_off_cannot_be_taken_for_a_whole_one() -> None:
    async def half(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise ValueError("gone")

    transport = httpx.ASGITransport(app=Edge(half, Http()))
    async with httpx.AsyncClient(transport=transport, base_url="http://edge") as http:
        with pytest.raises(ConnectionResetError):
            await http.get("/v1/x")
