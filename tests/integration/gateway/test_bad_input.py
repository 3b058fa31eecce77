"""Bad input is answered by a problem that names the fault and its place, and changes nothing."""

import asyncio
import json
from typing import Any

import pytest

from tests.support.gateway import Twin
from tests.support.gateway_words import donor, good, new, places, pledge_body, refused, worker_body

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"nope", b'{"kind": "\\ud800"}', b'{"kind": "\xff"}', b"[" * 50_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000, b'{"kind": "company"} {}',
    ],
)  # fmt: skip
async def test_what_is_no_json_is_malformed(gw: Twin, body: bytes) -> None:
    refused(await gw.client.post("/v1/donors", content=body, headers=JSON), 400, "body.malformed")


@pytest.mark.parametrize(
    "body",
    [
        b'{"kind": "person", "name": "Siti", "name": "Budi", "language": "id"}',
        b'{"kind": "person", "name": "Siti", "n\\u0061me": "Budi", "language": "id"}',
    ],
)
async def test_a_duplicate_field_is_refused(gw: Twin, body: bytes) -> None:
    problem = refused(await gw.client.post("/v1/donors", content=body, headers=JSON), 400, "body.malformed")
    assert "name" in problem["detail"]


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"null", b"1", b"true"])
async def test_json_that_is_no_object_is_no_body(gw: Twin, body: bytes) -> None:
    refused(await gw.client.post("/v1/donors", content=body, headers=JSON), 422, "body.invalid")


@pytest.mark.parametrize("media", ["text/plain", "application/xml", "application/json; charset=latin-1", ""])
async def test_another_media_type_is_refused(gw: Twin, media: str) -> None:
    response = await gw.client.post("/v1/donors", content=b"{}", headers={"Content-Type": media})
    refused(response, 415, "body.media_type")


@pytest.mark.parametrize("media", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.x+json"])
async def test_json_by_its_other_names_is_taken(gw: Twin, media: str) -> None:
    body = json.dumps({"kind": "person", "name": "Siti", "language": "id"}).encode()
    good(await gw.client.post("/v1/donors", content=body, headers={"Content-Type": media}), 201)


@pytest.mark.parametrize(
    ("changes", "place", "code"),
    [
        ({"name": "a\u0000b"}, "/name", "field.form"),
        ({"name": "line\nend"}, "/name", "field.form"),
        ({"name": " "}, "/name", "field.form"),
        ({"name": "\u200b\u2060"}, "/name", "field.form"),
        ({"name": "\u202e \u202c"}, "/name", "field.form"),
        ({"name": ""}, "/name", "field.range"),
        ({"name": "x" * 201}, "/name", "field.range"),
        ({"name": 5}, "/name", "field.type"),
        ({"kind": "church"}, "/kind", "field.form"),
        ({"language": None}, "/language", "field.form"),
        ({"email": "nobody"}, "/email", "field.form"),
        ({"phone": "112"}, "/phone", "phone.invalid"),
        ({"a/b~c": 1}, "/a~1b~0c", "field.unknown"),
    ],
)
async def test_a_donor_that_cannot_be_taken(gw: Twin, changes: dict[str, Any], place: str, code: str) -> None:
    body = {"kind": "person", "name": "Siti", "language": "id"} | changes
    problem = refused(await gw.client.post("/v1/donors", json=body), 422, "body.invalid")
    assert places(problem) == [(place, code)]


@pytest.mark.parametrize(
    ("changes", "place", "code"),
    [
        ({"slots": 0}, "/slots", "field.range"),
        ({"slots": 10**12}, "/slots", "field.range"),
        ({"slots": 10**400}, "/slots", "field.range"),
        ({"slots": 1.5}, "/slots", "field.type"),
        ({"slots": "5"}, "/slots", "field.type"),
        ({"slots": True}, "/slots", "field.type"),
        ({"months": 5}, "/months", "field.range"),
        ({"months": 61}, "/months", "field.range"),
        ({"starts": "2026-13"}, "/starts", "field.form"),
        ({"starts": "2026-10"}, "/starts", "month.past"),
        ({"starts": "\u0662\u0660\u0662\u0666-12"}, "/starts", "field.form"),
        ({"donor": "don_1"}, "/donor", "field.form"),
        ({"scope": {}}, "/scope/areas", "field.missing"),
        ({"scope": {"areas": []}}, "/scope/areas", "field.range"),
        ({"scope": {"areas": ["36.72", "36.73.01"]}}, "/scope/areas", "pledge.two_cities"),
        ({"scope": {"areas": ["36.72"], "occupations": ["pilot"]}}, "/scope/occupations/0", "occupation.unknown"),
        ({"scope": {"areas": ["36.72.99"]}}, "/scope/areas/0", "area.unknown"),
        ({"scope": {"areas": ["36.72"], "near": "31.71.01.1001"}}, "/scope/near", "pledge.near_elsewhere"),
        ({"payment": "cash"}, "/payment", "field.form"),
        ({"reference": "NIK 3672010101900001"}, "/reference", "reference.personal_data"),
        ({"amount_idr": 1_000_000}, "/slots", "pledge.slots_or_amount"),
    ],
)
async def test_a_pledge_that_cannot_be_taken(gw: Twin, changes: dict[str, Any], place: str, code: str) -> None:
    body = pledge_body(new("don")) | changes
    for path in ("/v1/pledges", "/v1/pledges/preview"):
        content = json.dumps(body).encode()
        problem = refused(await gw.client.post(path, content=content, headers=JSON), 422, "body.invalid")
        assert places(problem) == [(place, code)]


@pytest.mark.parametrize(
    ("changes", "place", "code"),
    [
        ({"nik": "123"}, "/nik", "nik.not_16_digits"),
        ({"nik": "9972014101900001"}, "/nik", "nik.unknown_region"),
        ({"born": "1990-02-30"}, "/born", "field.form"),
        ({"born": "1950-01-01", "nik": "3672014101500001"}, "/born", "age.too_old"),
        ({"born": "2015-01-01", "nik": "3672014101150001"}, "/born", "age.too_young"),
        ({"area": "36.72"}, "/area", "area.not_kelurahan"),
        ({"desil": 11}, "/desil", "field.range"),
        ({"consent": {"given_at": "2026-11-20", "by": "rt"}}, "/consent/given_at", "field.form"),
        ({"consent": {"given_at": "2026-11-20T01:00:00", "by": "rt"}}, "/consent/given_at", "field.form"),
        ({"consent": {"given_at": "2026-11-20T01:00:00Z", "by": "boss"}}, "/consent/by", "field.form"),
    ],
)
async def test_a_worker_that_cannot_be_taken(gw: Twin, changes: dict[str, Any], place: str, code: str) -> None:
    problem = refused(await gw.client.post("/v1/workers", json=worker_body() | changes), 422, "body.invalid")
    assert places(problem) == [(place, code)]


async def test_a_refusal_never_repeats_what_was_typed(gw: Twin) -> None:
    body = worker_body(name="Rahasia Sekali\u0000", nik="3672019999999999", phone="0254-123", born="soon")
    response = await gw.client.post("/v1/workers", json=body)
    refused(response, 422, "body.invalid")
    assert [word for word in ("Rahasia", "9999999", "0254", "soon") if word in response.text] == []


async def test_nothing_is_done_when_something_is_refused(gw: Twin) -> None:
    before = len(await gw.facts())
    await gw.client.post("/v1/workers", json=worker_body(area="36.72"))
    await gw.client.post("/v1/pledges", json=pledge_body(new("don")))
    assert len(await gw.facts()) == before


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1", 404, "route.unknown"),
        ("/v1/pledges/", 404, "route.unknown"),
        ("/v1/pledges/plg_1", 404, "resource.unknown"),
        ("/v1/pledges/%00", 404, "resource.unknown"),
        ("/v1/pledges/plg_01m85mg280e1etvw6e1ybftrkd", 404, "pledge.unknown"),
        ("/v1/workers/wrk_01m85mg280e1etvw6e1ybftrkd", 404, "worker.unknown"),
        ("/v1/donors/don_01m85mg280e1etvw6e1ybftrkd", 404, "donor.unknown"),
        ("/v1/imports/imp_01m85mg280e1etvw6e1ybftrkd", 404, "import.unknown"),
        ("/v1/problems/what.ever", 404, "problem.unknown"),
        ("/v1/cycles/2026-13", 422, "query.invalid"),
        ("/v1/pledges?limit=0", 422, "query.invalid"),
        ("/v1/pledges?limit=many", 422, "query.invalid"),
        ("/v1/pledges?limit=1_0", 422, "query.invalid"),
        ("/v1/pledges?limit=%2B1", 422, "query.invalid"),
        ("/v1/pledges?limit=99999999999999999999999", 422, "query.invalid"),
        ("/v1/pledges?donor=%00", 422, "query.invalid"),
        ("/v1/pledges?reference=%00", 422, "query.invalid"),
        ("/v1/pledges?reference=%ff%fe", 200, ""),
        ("/v1/coverage?month=2026-1", 422, "query.invalid"),
        ("/v1/coverage?level=planet", 422, "query.invalid"),
        ("/v1/events?after=x", 400, "cursor.invalid"),
        ("/v1/events?types=no.such", 422, "query.invalid"),
        ("/v1/events?area=36.7", 422, "query.invalid"),
        ("/v1/events/stream?after=x", 400, "cursor.invalid"),
        ("/v1/deadletters?after=-1", 422, "query.invalid"),
        ("/v1/ledger/trial-balance?as_of=soon", 422, "query.invalid"),
        ("/v1/ledger/trial-balance?recorded_by=0001-01-01T00:00:00%2B14:00", 422, "query.invalid"),
        ("/v1/ledger/trial-balance?recorded_by=9999-12-31T23:59:59-14:00", 422, "query.invalid"),
    ],
)
async def test_a_question_that_cannot_be_answered(gw: Twin, path: str, status: int, code: str) -> None:
    response = await gw.client.get(path)
    if code:
        refused(response, status, code)
    else:
        good(response, status)


async def test_an_answer_names_the_wrong_parameter(gw: Twin) -> None:
    problem = refused(await gw.client.get("/v1/coverage?month=2026-1&level=planet"), 422, "query.invalid")
    assert sorted(places(problem)) == [("/level", "field.form"), ("/month", "field.form")]


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/v1/pledges"), ("GET", "/v1/pledges/preview/x"), ("PUT", "/v1/clock")]
)
async def test_an_answer_to_another_method_lists_the_allowed_ones(gw: Twin, method: str, path: str) -> None:
    response = await gw.client.request(method, path)
    if response.status_code == 405:
        refused(response, 405, "method.unsupported")
        assert response.headers["allow"]
    else:
        refused(response, 404, "route.unknown")


async def test_an_unknown_route_is_reported_before_anything_else(gw: Twin) -> None:
    broken = {"Sekul-After": "null"}
    answer = await gw.client.get("/v1/pledges/preview", headers=broken)
    refused(answer, 405, "method.unsupported")
    assert answer.headers["allow"] == "POST"
    refused(await gw.client.get("/v1/pledges/plg_1", headers=broken), 404, "resource.unknown")


async def test_a_body_past_its_limit_is_refused_by_its_length(gw: Twin) -> None:
    limit = gw.settings.http.body_bytes_max
    refused(await gw.client.post("/v1/donors", content=b" " * (limit + 1), headers=JSON), 413, "body.too_large")


async def test_a_body_without_a_length_is_refused_when_it_has_grown_too_large(gw: Twin) -> None:
    taken = 0

    async def drip() -> Any:
        nonlocal taken
        for _ in range(1_000):
            taken += 4_096
            yield b" " * 4_096

    refused(await gw.client.post("/v1/donors", content=drip(), headers=JSON), 413, "body.too_large")
    assert taken < gw.settings.http.body_bytes_max * 2


async def test_a_position_is_not_looked_at_without_a_key(gw: Twin) -> None:
    async with gw.caller(None) as nobody, asyncio.timeout(1):
        refused(await nobody.get("/v1/pledges", headers={"Sekul-After": "ledger/0/1"}), 401, "key.missing")


@pytest.mark.parametrize("position", ["x", "gateway/0", "gateway/99/1", "unknown/0/1", "gateway/0/-1"])
async def test_a_malformed_position_is_refused(gw: Twin, position: str) -> None:
    refused(await gw.client.get("/v1/pledges", headers={"Sekul-After": position}), 400, "position.invalid")


async def test_webhooks_are_called_over_https_only(gw: Twin) -> None:
    of = await donor(gw)
    problem = refused(
        await gw.client.post(f"/v1/donors/{of}/webhooks", json={"url": "http://example.id/x"}), 422, "body.invalid"
    )
    assert places(problem) == [("/url", "webhook.insecure")]
    for url in ("ftp://example.id/x", "https://exa mple.id", "javascript:alert(1)"):
        refused(await gw.client.post(f"/v1/donors/{of}/webhooks", json={"url": url}), 422, "body.invalid")


async def test_a_valid_trace_is_continued_and_a_broken_one_is_replaced(gw: Twin) -> None:
    given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    answer = await gw.client.post(
        "/v1/donors", json={"kind": "person", "name": "S", "language": "id"}, headers={"traceparent": given}
    )
    assert answer.headers["traceparent"] == given
    [fact] = [one for one in await gw.facts("donor.registered") if one.stream == answer.json()["id"]]
    assert fact.trace == given
    broken = await gw.client.get("/v1/clock", headers={"traceparent": "00-zz"})
    assert len(broken.headers["traceparent"]) == len(given)
