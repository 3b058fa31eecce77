"""The client of the public API: once, patiently, and with the gateway's own words."""

from collections.abc import AsyncIterator, Callable

import httpx
import orjson
import pytest

from services.ops.client import Gateway, Problem

Answers = list[httpx.Response | Exception]


@pytest.fixture
async def gateway() -> AsyncIterator[Callable[..., Gateway]]:
    """Makes clients of a gateway that returns some answers in turn."""
    made: list[Gateway] = []

    def make(answers: Answers, seen: list[httpx.Request] | None = None, patience_s: float = 5) -> Gateway:
        left = iter(answers)

        def answer(request: httpx.Request) -> httpx.Response:
            if seen is not None:
                seen.append(request)
            found = next(left)
            if isinstance(found, Exception):
                raise found
            return found

        client = Gateway("http://gateway.example", "key", patience_s=patience_s)
        client._client = httpx.AsyncClient(base_url="http://gateway.example", transport=httpx.MockTransport(answer))
        made.append(client)
        return client

    yield make
    for one in made:
        await one.__aexit__(None, None, None)


def problem(status: int, code: str, **headers: str) -> httpx.Response:
    return httpx.Response(status, content=orjson.dumps({"code": code, "detail": "words"}), headers=headers)


async def test_a_write_that_had_to_be_repeated_names_the_same_key(gateway: Callable[..., Gateway]) -> None:
    seen: list[httpx.Request] = []
    client = gateway([problem(503, "shard.unavailable"), problem(409, "idempotency.running"), _ok()], seen)
    await client.post("/v1/donors", {"kind": "person"})
    assert len({request.headers["Idempotency-Key"] for request in seen}) == 1
    assert len(seen) == 3


async def test_two_writes_name_two_keys(gateway: Callable[..., Gateway]) -> None:
    seen: list[httpx.Request] = []
    client = gateway([_ok(), _ok()], seen)
    await client.post("/v1/donors", {})
    await client.post("/v1/donors", {})
    assert len({request.headers["Idempotency-Key"] for request in seen}) == 2


async def test_a_refusal_carries_its_code_and_places(gateway: Callable[..., Gateway]) -> None:
    errors = [{"pointer": "/slots", "code": "field.range", "detail": "too many"}]
    document = {"code": "body.invalid", "detail": "words", "errors": errors}
    client = gateway([httpx.Response(422, content=orjson.dumps(document))])
    with pytest.raises(Problem) as found:
        await client.post("/v1/pledges", {})
    assert (found.value.status, found.value.code, found.value.errors) == (422, "body.invalid", errors)


async def test_an_answer_that_is_no_problem_document_still_has_its_status(gateway: Callable[..., Gateway]) -> None:
    client = gateway([httpx.Response(404, content=b"<html>")])
    with pytest.raises(Problem, match="HTTP 404"):
        await client.get("/v1/nothing")


async def test_a_refusal_is_not_tried_again(gateway: Callable[..., Gateway]) -> None:
    seen: list[httpx.Request] = []
    with pytest.raises(Problem):
        await gateway([problem(403, "role.forbidden")], seen).get("/v1/keys")
    assert len(seen) == 1


async def test_patience_ends(gateway: Callable[..., Gateway]) -> None:
    client = gateway([problem(503, "peer.away") for _ in range(20)], patience_s=0.3)
    with pytest.raises(Problem, match=r"peer\.away"):
        await client.get("/v1/cycles/2026-12")


async def test_an_absent_gateway_fails_at_once(gateway: Callable[..., Gateway]) -> None:
    seen: list[httpx.Request] = []
    with pytest.raises(httpx.ConnectError):
        await gateway([httpx.ConnectError("refused")], seen).get("/v1/health")
    assert len(seen) == 1


async def test_a_patient_client_outlives_a_gateway_that_restarts(gateway: Callable[..., Gateway]) -> None:
    client = gateway(
        [httpx.ConnectError("refused"), httpx.ReadError("gone"), _ok({"day": "2026-12-01"})], patience_s=30
    )
    assert await client.get("/v1/clock") == {"day": "2026-12-01"}


async def test_lists_are_read_to_their_end(gateway: Callable[..., Gateway]) -> None:
    seen: list[httpx.Request] = []
    pages = [_ok({"items": [{"id": 1}, {"id": 2}], "next": "2"}), _ok({"items": [{"id": 3}], "next": None})]
    assert [one["id"] async for one in gateway(pages, seen).all("/v1/pledges", city="36.72")] == [1, 2, 3]
    assert [request.url.params.get("after") for request in seen] == [None, "2"]


async def test_an_absent_parameter_is_not_sent(gateway: Callable[..., Gateway]) -> None:
    seen: list[httpx.Request] = []
    await gateway([_ok()], seen).get("/v1/coverage", month=None, level="kecamatan")
    assert dict(seen[0].url.params) == {"level": "kecamatan"}


def _ok(document: object = None) -> httpx.Response:
    return httpx.Response(200, content=orjson.dumps(document or {}))
