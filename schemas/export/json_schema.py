"""The JSON Schema of each kind, for everybody who reads our topics with other tools.

Promises a document of draft 2020-12 per kind and version, whose `$id` is the fact's `ce_dataschema`. It is open: later
facts of the same version may carry more fields, and readers ignore those they do not know. Pure.
"""

from typing import Any, Final

from schemas.export.kinds import Kind

Json = dict[str, Any]
#: any value of JSON
Node = Any

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
#: What pydantic says and a reader of JSON does not need: names made from field names, closed objects, Python's docs.
_NOISE: Final = frozenset({"title", "additionalProperties"})


def document(kind: Kind) -> Json:
    """The JSON Schema of a kind's newest version."""
    shape = _tidy(kind.fact.model_json_schema())
    required = shape.get("required", [])
    return {
        "$schema": DIALECT,
        "$id": f"/schemas/json/{kind.file}",
        "title": kind.type,
        "description": kind.about,
        "x-sekul-log": [log.topic for log in kind.logs],
        "x-sekul-stream": kind.fact.STREAM,
        "type": "object",
        "properties": shape["properties"],
        "required": ["kind", *(name for name in required if name != "kind")],
        **({"$defs": shape["$defs"]} if "$defs" in shape else {}),
    }


def _tidy(node: Node) -> Node:
    """The same schema without noise; names of properties are not touched."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    tidy: Json = {}
    for key, value in node.items():
        if key in {"properties", "$defs"}:
            tidy[key] = {name: _tidy(inner) for name, inner in value.items()}
        elif key == "description":
            tidy[key] = " ".join(value.split())
        elif key not in _NOISE or isinstance(value, dict):
            tidy[key] = _tidy(value)
    return tidy
