"""The parameters of a route, from the signature of its endpoint: which it takes, where from, and how they are checked.

`Parameters.read` returns the arguments of the endpoint or raises `ValidationError`; `Parameters.document` is the same
declaration for the OpenAPI document. Must not look anything up.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints
from urllib.parse import parse_qsl

from pydantic import BaseModel, BeforeValidator, Field, create_model
from pydantic.fields import FieldInfo

from schemas.base import BASE32
from schemas.logs import CATALOGUE

Place = Literal["path", "query", "header"]


class Parameters:
    """All parameters of one place."""

    def __init__(self, place: Place, fields: Mapping[str, tuple[Any, Any]]) -> None:
        self.place = place
        self._model: type[BaseModel] = create_model(place.title(), **fields)  # type: ignore[call-overload]
        self._validate = self._model.__pydantic_validator__.validate_python

    def read(self, values: Mapping[str, str]) -> dict[str, Any]:
        """The arguments. Raises `ValidationError`; unknown values are ignored."""
        found: dict[str, Any] = self._validate(values).__dict__
        return found

    def document(self) -> list[dict[str, Any]]:
        """The `parameters` of an OpenAPI operation."""
        schema = self._model.model_json_schema()
        required = set(schema.get("required", ()))
        return [
            {"name": name, "in": self.place, "required": name in required, "schema": _without_null(of)}
            | ({"description": of["description"]} if "description" in of else {})
            for name, of in schema["properties"].items()
        ]


def _without_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if (name, value) != ("default", None)}


def parameters_of(endpoint: Callable[..., Any], path_names: set[str]) -> list[Parameters]:
    """The parameters of an endpoint but for the call, its first, and the body."""
    hints = get_type_hints(endpoint, include_extras=True)
    found: dict[Place, dict[str, tuple[Any, Any]]] = {}
    for name, parameter in list(inspect.signature(endpoint).parameters.items())[1:]:
        if name == "body":
            continue
        place: Place = "path" if name in path_names else "header" if _is_header(hints[name]) else "query"
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        found.setdefault(place, {})[name] = (hints[name], default)
    return [Parameters(place, found[place]) for place in ("path", "header", "query") if place in found]


def _is_header(hint: Any) -> bool:
    """Whether a parameter has another name outside, with a hyphen: so are headers alone named."""
    infos = get_args(hint) if get_origin(hint) is Annotated else ()
    return any("-" in (info.alias or "") for info in infos if isinstance(info, FieldInfo))


def query_of(raw: bytes) -> dict[str, str]:
    """The query as names and values; of a name that comes twice the last value counts."""
    return dict(parse_qsl(raw.decode("latin-1"), keep_blank_values=True))


def digits(value: object) -> object:
    """Refuses what Python takes for a number and HTTP does not: underscores, signs, blanks."""
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        raise ValueError("a whole number in digits")
    return value


def _text(pattern: str, description: str, **more: Any) -> FieldInfo:
    info: FieldInfo = Field(pattern=pattern, description=description, **more)
    return info


def _id(prefix: str, what: str) -> FieldInfo:
    return _text(f"^{prefix}_{BASE32}$", f"The id of {what}.")


DonorPath = Annotated[str, _id("don", "a donor")]
PledgePath = Annotated[str, _id("plg", "a pledge")]
WorkerPath = Annotated[str, _id("wrk", "a worker")]
RemittancePath = Annotated[str, _id("rem", "a remittance")]
KeyPath = Annotated[str, _id("key", "a key")]
ImportPath = Annotated[str, _id("imp", "an import")]

_MONTH = "^20[0-9]{2}-(0[1-9]|1[0-2])$"
_CITY = "^[0-9]{2}[.][0-9]{2}$"
MonthPath = Annotated[str, _text(_MONTH, "A contribution month, `YYYY-MM`.")]
CityPath = Annotated[str, _text(_CITY, "The code of a kabupaten or kota.")]

MonthQuery = Annotated[str | None, _text(_MONTH, "A contribution month, `YYYY-MM`.")]
CityQuery = Annotated[str | None, _text(_CITY, "The code of a city.")]
AreaQuery = Annotated[
    str | None, _text(r"^[0-9]{2}([.][0-9]{2}([.][0-9]{2}([.][0-9]{4})?)?)?$", "An area; all below it count.")
]
DonorQuery = Annotated[str | None, _id("don", "a donor")]
PledgeQuery = Annotated[str | None, _id("plg", "a pledge")]
WorkerQuery = Annotated[str | None, _id("wrk", "a worker")]
PersonQuery = Annotated[str | None, _text(f"^(don|wrk)_{BASE32}$", "The id of a person.")]

Limit = Annotated[int, Field(ge=1, le=1_000, description="How many items at most."), BeforeValidator(digits)]
After = Annotated[str | None, _text(r"^[!-~]{1,200}$", "`next` of the page before.", max_length=200)]

IdempotencyKey = Annotated[
    str | None,
    _text(
        r"^[!-~]{1,130}$",
        "Makes the write happen once: the same key and request are answered as the first time, for 24 h.",
        max_length=130,
        alias="Idempotency-Key",
    ),
]
SekulAfter = Annotated[
    str | None,
    _text(
        rf"^({'|'.join(CATALOGUE)})/[0-9]{{1,4}}/[0-9]{{1,15}}$",
        "A `Sekul-Position`: the answer waits until what was written there is to be seen (at most 5 s).",
        alias="Sekul-After",
    ),
]
