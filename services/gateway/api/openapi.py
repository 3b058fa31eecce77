"""The OpenAPI document: what each route takes, answers and refuses, said once where the route is.

FastAPI knows paths, parameters and answers; bodies are read by ourselves (strictly, from bytes), so their schemas are
added here.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.responses import Response

from schemas.http.common import Body, ProblemDocument
from services.gateway.api.problems import MEDIA_TYPE, PROBLEMS

ALWAYS: Final = (
    "key.missing",
    "key.unknown",
    "role.forbidden",
    "route.unknown",
    "resource.unknown",
    "body.too_large",
    "query.invalid",
    "rate.exceeded",
    "request.malformed",
    "internal.defect",
    "database.away",
    "request.timeout",
    "shard.unavailable",
    "peer.away",
    "read.not_yet",
    "position.invalid",
)
WRITES: Final = (
    "body.malformed",
    "body.media_type",
    "body.invalid",
    "idempotency.key_invalid",
    "idempotency.running",
    "idempotency.body_differs",
    "shard.elsewhere",
    "answer.lost",
)
_HEADERS: Final[dict[str, Any]] = {
    "traceparent": {"description": "W3C trace context of this request.", "schema": {"type": "string"}},
    "RateLimit": {"description": "What is left of this key's rate.", "schema": {"type": "string"}},
    "RateLimit-Policy": {"description": "How many requests a window takes.", "schema": {"type": "string"}},
}
_WRITE_HEADERS: Final[dict[str, Any]] = {
    "Sekul-Position": {"description": "Where the write stands; see Sekul-After.", "schema": {"type": "string"}},
    "Idempotency-Replayed": {"description": "`true` when this answer was given before.", "schema": {"type": "string"}},
}
_ABOUT: Final = """\
Gemet Sekul joins the chain from a pledge to the proof of a covered month.

Writes take `Idempotency-Key` and answer with `Sekul-Position`; reads take `Sekul-After`. Errors are
`application/problem+json` with a stable `code`; `GET /v1/problems` lists them all. Money is whole rupiah, months are
`YYYY-MM`, instants RFC 3339 in UTC.
"""


def reads(answer: Any = None, *, problems: Sequence[str] = (), media: Sequence[str] = ()) -> dict[str, Any]:
    """What a reading route is declared with. `media` are the media types of an answer that is no JSON."""
    good: dict[str, Any] = {"description": "What was asked for.", "headers": _HEADERS}
    declared: dict[str, Any] = {"responses": {200: good, **_refusals((*ALWAYS, *problems))}}
    if answer is not None:
        good["model"] = answer
    elif media:
        good["content"] = {one: {} for one in media}
        declared["response_class"] = Response
    else:
        good["content"] = {"application/json": {}}
    return declared


def writes(
    answer: type[BaseModel],
    status: int = 200,
    *,
    body: type[Body] | None = None,
    problems: Sequence[str] = (),
    also: Sequence[int] = (),
    optional: bool = False,
) -> dict[str, Any]:
    """What a writing route is declared with. `also` are further good statuses with the same answer."""
    good = {
        code: {
            "model": answer,
            "description": HTTPStatus(code).phrase,
            "headers": {**_HEADERS, **_WRITE_HEADERS},
        }
        for code in (status, *also)
    }
    declared: dict[str, Any] = {
        "status_code": status,
        "responses": {**good, **_refusals((*ALWAYS, *WRITES, *problems))},
    }
    if body is not None:
        reference = {"$ref": f"#/components/schemas/{body.__name__}"}
        content = {"application/json": {"schema": reference}}
        declared["openapi_extra"] = {"requestBody": {"required": not optional, "content": content}}
        BODIES[body.__name__] = body
    return declared


#: bodies that routes declare, for the components of the document
BODIES: Final[dict[str, type[Body]]] = {}


def _refusals(codes: Sequence[str]) -> dict[int | str, dict[str, Any]]:
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys(codes):
        by_status.setdefault(PROBLEMS[code].status, []).append(code)
    reference = {"$ref": f"#/components/schemas/{ProblemDocument.__name__}"}
    return {
        status: {
            "description": ", ".join(f"`{code}`" for code in found),
            "content": {MEDIA_TYPE: {"schema": reference}},
        }
        for status, found in sorted(by_status.items())
    }


def document(app: FastAPI) -> dict[str, Any]:
    """The whole document; made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title="Gemet Sekul",
            version="1",
            openapi_version="3.1.0",
            summary="From a pledge to the proof of a covered month.",
            description=_ABOUT,
            license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
            routes=app.routes,
        )
        wanted: list[type[BaseModel]] = [*BODIES.values(), ProblemDocument]
        _, schemas = models_json_schema(
            [(model, "validation") for model in wanted], ref_template="#/components/schemas/{model}"
        )
        made.setdefault("components", {}).setdefault("schemas", {}).update(schemas["$defs"])
        app.openapi_schema = made
    return app.openapi_schema
