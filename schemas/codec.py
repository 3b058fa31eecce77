"""The one place where bytes become facts and facts become bytes.

Promises strict decoding: an unknown kind or version is refused. Facts change in place until 1.0, so each kind has one
version.
"""

from operator import attrgetter
from typing import Any, Final, get_args

import orjson

from schemas.base import Fact, kind_of

#: the fields of a record inside a fact
_fields: Final = attrgetter("__dict__")


class Codec:
    """Decodes and encodes the facts of one log, given its discriminated union."""

    def __init__(self, union: Any) -> None:
        members: tuple[type[Fact], ...] = get_args(get_args(union)[0])
        self.kinds: dict[str, type[Fact]] = {kind_of(m): m for m in members}

    def decode(self, body: bytes, *, kind: str, version: int) -> Fact:
        """The fact in `body`. Raises `ValueError` (pydantic's among them) when it is none of this log."""
        known = self.kinds.get(kind)
        if known is None:
            raise ValueError(f"unknown kind {kind!r}")
        if version != known.VERSION:
            raise ValueError(f"{kind} v{version} is not v{known.VERSION}, the version known here")
        fact: Fact = known.__pydantic_validator__.validate_json(body)
        return fact

    def encode(self, fact: Fact) -> bytes:
        """The bytes of a fact: compact JSON in field order, absent options as null."""
        return orjson.dumps(fact.__dict__, default=_fields, option=orjson.OPT_UTC_Z)
