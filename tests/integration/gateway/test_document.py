"""The OpenAPI document: it holds the contract's routes, and is complete."""

from typing import Any

import pytest

from services.gateway.api.problems import PROBLEMS
from tests.support.gateway import Twin
from tests.support.gateway_words import good

#: contract, section 2
CONTRACT = """
POST /v1/donors
POST /v1/pledges
POST /v1/pledges/preview
GET /v1/pledges/{pledge}
GET /v1/pledges/{pledge}/timeline
GET /v1/pledges/{pledge}/workers
GET /v1/pledges/{pledge}/explain
POST /v1/pledges/{pledge}/cancel
POST /v1/pledges/{pledge}/amend
POST /v1/workers
GET /v1/workers/{worker}
POST /v1/workers/{worker}/end
DELETE /v1/workers/{worker}/personal-data
GET /v1/workers/{worker}/explain
POST /v1/imports/workers
POST /v1/imports/pledges
POST /v1/imports/receipts
GET /v1/imports/{import_id}
GET /v1/imports/{import_id}/report
GET /v1/matches
GET /v1/coverage
POST /v1/cycles/{month}/bill
GET /v1/cycles/{month}
POST /v1/cycles/{month}/close
GET /v1/remittances
GET /v1/remittances/{remittance}/file
GET /v1/ledger/accounts
GET /v1/ledger/trial-balance
GET /v1/ledger/entries
GET /v1/events
GET /v1/events/stream
GET /v1/certificates/{city}
"""
#: who may ask without a key: what codes mean, and a link in a notice
OPEN = {"/v1/problems", "/v1/problems/{code}", "/v1/unsubscribe/{token}"}


@pytest.fixture(scope="module")
async def document(gw: Twin) -> dict[str, Any]:
    """The document as anybody gets it, without a key."""
    async with gw.caller(None) as nobody:
        return good(await nobody.get("/openapi.json"))


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path and operation."""
    return [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


async def test_every_route_of_the_contract_is_there(document: dict[str, Any]) -> None:
    there = {f"{method} {path}" for method, path, _ in operations(document)}
    assert set(CONTRACT.split("\n")) - {""} - there == set()


async def test_it_is_openapi_3_1_and_knows_all_its_references(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    words = str(document)
    schemas = document["components"]["schemas"]
    wanted = {part.split("'")[0] for part in words.split("#/components/schemas/")[1:]}
    assert wanted - schemas.keys() == set()
    assert "HTTPValidationError" not in schemas


async def test_every_route_says_what_it_refuses_and_needs_a_key(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        codes = {
            code.strip("`, ")
            for answer in operation["responses"].values()
            if "application/problem+json" in answer.get("content", {})
            for code in answer["description"].split()
        }
        assert {"internal.defect", "rate.exceeded", "request.timeout"} <= codes, (method, path)
        assert codes <= PROBLEMS.keys(), (method, path)
        assert bool(operation.get("security")) == (path not in OPEN), (method, path)
        assert operation["summary"], (method, path)


async def test_every_writing_route_takes_an_idempotency_key(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        names = {parameter["name"] for parameter in operation.get("parameters", ())}
        if method in {"POST", "PUT"} and path not in OPEN:
            assert "Idempotency-Key" in names, (method, path)


async def test_bodies_say_that_they_take_no_other_field(document: dict[str, Any]) -> None:
    for name in ("NewDonor", "NewPledge", "NewScope", "NewWorker", "Consent", "WorkerEnd", "NewPayment", "NewKey"):
        assert document["components"]["schemas"][name]["additionalProperties"] is False, name
