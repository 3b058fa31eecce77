"""Turns what pydantic says of a body or a parameter into our field codes, with a JSON pointer and a hint.

Must not quote the value that was sent: it may be personal data.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from schemas import base
from services.runtime.base.errors import Problem

_CODES: Final = {
    "missing": "field.missing",
    "extra_forbidden": "field.unknown",
    "greater_than": "field.range",
    "greater_than_equal": "field.range",
    "less_than": "field.range",
    "less_than_equal": "field.range",
    "too_short": "field.range",
    "too_long": "field.range",
    "string_too_short": "field.range",
    "string_too_long": "field.range",
    "string_pattern_mismatch": "field.form",
    "literal_error": "field.form",
    "date_parsing": "field.form",
    "date_from_datetime_parsing": "field.form",
    "date_from_datetime_inexact": "field.form",
    "datetime_parsing": "field.form",
    "datetime_from_date_parsing": "field.form",
    "timezone_aware": "field.form",
    "int_parsing_size": "field.range",
}


def _pattern(of: Any) -> str:
    """The pattern of one of the types of `schemas.base`."""
    return str(next(m.pattern for f in of.__metadata__ for m in f.metadata if getattr(m, "pattern", None)))


_HINTS: Final = {
    _pattern(base.Month): "a month is written like 2026-12",
    _pattern(base.Area): "an area is Kemendagri's code with dots, like 36.72.01.1001",
    _pattern(base.City): "a city is the code of a kabupaten or kota, like 36.72",
    _pattern(base.Code): "a code has lower-case characters, digits and _",
    _pattern(base.DonorId): "a donor's id is don_ and 26 characters",
    _pattern(base.PledgeId): "a pledge's id is plg_ and 26 characters",
    _pattern(base.WorkerId): "a worker's id is wrk_ and 26 characters",
}


def problems(errors: Sequence[Mapping[str, Any]], *, skip: int = 0) -> list[Problem]:
    """Our problems for pydantic's errors; `skip` drops that many steps from the front of each place."""
    return [
        Problem(pointer(error["loc"][skip:]), _CODES.get(error["type"], "field.type"), _detail(error))
        for error in errors
    ]


def pointer(place: Sequence[str | int]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place)


def _detail(error: Mapping[str, Any]) -> str:
    hint = _HINTS.get(error.get("ctx", {}).get("pattern", ""))
    return hint or str(error["msg"])
