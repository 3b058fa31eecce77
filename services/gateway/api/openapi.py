"""The OpenAPI document, made from the declarations of the routes. Pure; must not know any single route."""

import inspect
import re
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, Final, Literal

from pydantic.json_schema import models_json_schema

from schemas.http.common import ProblemDocument
from services.gateway.api.parameters import IdempotencyKey, Parameters, SekulAfter
from services.gateway.api.problems import MEDIA_TYPE, PROBLEMS
from services.gateway.api.routing import Route

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


_IDEMPOTENCY_KEY: Final = Parameters("header", {"idempotency_key": (IdempotencyKey, None)}).document()
_SEKUL_AFTER: Final = Parameters("header", {"sekul_after": (SekulAfter, None)}).document()
_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
_PREFIX: Final = "#/components/schemas/"

#: what a model is called in the document
Schema = Callable[[Any], dict[str, Any]]


def document(routes: Sequence[Route]) -> dict[str, Any]:
    """The whole document."""
    models: dict[type[Any], Literal["serialization", "validation"]] = {ProblemDocument: "validation"}
    models |= {route.answer: "serialization" for route in routes if route.answer is not None}
    models |= {route.body: "validation" for route in routes if route.body is not None}
    names, components = models_json_schema(list(models.items()), ref_template=_PREFIX + "{model}")
    found = {model: schema for (model, _), schema in names.items()}
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, found.__getitem__)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Gemet Sekul",
            "version": "1",
            "summary": "From a pledge to the proof of a covered month.",
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": components["$defs"],
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key: `Authorization: Bearer <key>`.",
                }
            },
        },
    }


def _operation(route: Route, schema: Schema) -> dict[str, Any]:
    name = route.endpoint.__name__
    parameters = [one for group in route.parameters for one in group.document()]
    parameters += _IDEMPOTENCY_KEY if route.writes else []
    parameters += _SEKUL_AFTER if route.waits else []
    operation: dict[str, Any] = {
        "tags": list(route.tags),
        "summary": name.replace("_", " ").title(),
        "description": inspect.getdoc(route.endpoint),
        "operationId": re.sub(r"\W", "_", name + route.path) + f"_{route.method.lower()}",
        "responses": _responses(route, schema),
    }
    if route.access != "everybody":
        operation["security"] = [{"key": []}]
    if parameters:
        operation["parameters"] = parameters
    if route.body is not None:
        content = {"application/json": {"schema": schema(route.body)}}
        operation["requestBody"] = {"required": not route.optional, "content": content}
    if route.file is not None:
        description, media = route.file
        content = dict.fromkeys(media, _BINARY)
        operation["requestBody"] = {"required": True, "description": description, "content": content}
    return operation


def _responses(route: Route, schema: Schema) -> dict[str, Any]:
    if route.answer is not None:
        content: dict[str, Any] = {"application/json": {"schema": schema(route.answer)}}
    else:
        content = {one: {} for one in route.media} or {"application/json": {"schema": {}}}
    writes = route.writes
    headers = _HEADERS | _WRITE_HEADERS if writes else _HEADERS
    good = {
        str(status): {
            "description": HTTPStatus(status).phrase if writes else "What was asked for.",
            "content": content,
            "headers": headers,
        }
        for status in (route.status, *route.also)
    }
    return good | _refusals((*ALWAYS, *(WRITES if writes else ()), *route.problems))


def _refusals(codes: Sequence[str]) -> dict[str, dict[str, Any]]:
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys(codes):
        by_status.setdefault(PROBLEMS[code].status, []).append(code)
    reference = {"$ref": _PREFIX + ProblemDocument.__name__}
    return {
        str(status): {
            "description": ", ".join(f"`{code}`" for code in found),
            "content": {MEDIA_TYPE: {"schema": reference}},
        }
        for status, found in sorted(by_status.items())
    }
