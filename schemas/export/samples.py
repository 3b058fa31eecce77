"""A first example of a kind, made from its shape: realistic values by the names of fields, the first word of each list.

Promises a fact that the kind accepts, the same each time. It is written once; from then on the file on disk is the
example, is never edited, and has to load for ever. Pure.
"""

import re
from datetime import UTC, date, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import AwareDatetime

from schemas.base import Fact, Record

#: the beginning of an id's pattern: its prefix, or the first of those that may be
_ID: Final = re.compile(r"\^\(?([a-z]{3})[_|]")
#: A type, as `typing` and pydantic spell it, and a value of JSON or what becomes one.
Form = Any
Node = Any
_BODY: Final = "01kb2tzy00e3x8s5v7m9q4wj6f"

#: By the name of a field: one worker of one pledge, Rp8.400 for December 2026.
VALUES: Final[dict[str, Any]] = {
    "about": f"plg_{_BODY}",
    "account": f"pledge:plg_{_BODY}:held",
    "actor": f"key_{_BODY}",
    "amount_idr": 8_400,
    "area": "36.72.08.1001",
    "areas": ("36.72.08", "36.72.04.1003"),
    "certificate": "3f0a5d8e1c6b4927" * 4,
    "channel": "qris",
    "city": "36.72",
    "code": "not_known",
    "confirmed_idr": 8_400,
    "covered_until": "2026-12",
    "day": date(2026, 12, 1),
    "detail": "no more is known",
    "due_on": date(2026, 12, 15),
    "eligible_until": "2049-09",
    "fields": ("nik", "phone"),
    "from_month": "2026-12",
    "idr": 8_400,
    "key": f"donor.registered/don_{_BODY}",
    "last_month": "2026-12",
    "month": "2026-12",
    "months": 12,
    "near": "36.72.04.1003",
    "occupation": "nelayan",
    "occupations": ("nelayan", "buruh_pelabuhan"),
    "on": date(2026, 12, 9),
    "paid_on": date(2026, 12, 7),
    "params": {"month": "2026-12", "pledge": f"plg_{_BODY}"},
    "pay_code": "367212600042",
    "programmes": ("jkk", "jkm"),
    "reason": "not_billed",
    "reference": "CSR-2026-014",
    "role": "operator",
    "slots": 12,
    "starts": "2026-12",
    "tariff": "jkk_jkm.pp50_2025",
    "template": "worker.matched",
    "text_version": "consent.2026_1",
    "total_idr": 8_400,
    "until": "2027-11",
    "what": "matches.held",
}
#: Options that an example shows; all others are left at their default.
SHOWN: Final = frozenset({"holding", "near", "occupations", "reference"})
#: By type, where no name is more precise.
_BY_TYPE: Final[dict[Any, Any]] = {
    int: 1,
    bool: False,
    str: "text",
    date: date(2026, 12, 1),
    AwareDatetime: datetime(2026, 12, 1, 2, 30, tzinfo=UTC),
}


def sample(fact: type[Fact]) -> Fact:
    """An example of a fact. Raises `ValueError` when the values here do not suit the kind; then write one by hand."""
    return fact.model_validate(_values(fact))


def _values(shape: type[Record]) -> dict[str, Any]:
    return {
        name: _value(name, field.annotation, field.metadata)
        for name, field in shape.model_fields.items()
        if field.is_required() or name in SHOWN or name == "kind"
    }


def _value(name: str, form: Form, limits: list[Any]) -> Node:
    form, limits = _plain(form, limits)
    origin: Any = get_origin(form)
    if name == "postings":
        legs = (("promised", -8_400), ("held", 8_400))
        return {f"pledge:plg_{_BODY}:{of}": idr for of, idr in legs}
    if origin is tuple:
        return VALUES[name] if name in VALUES else (_value(name, get_args(form)[0], []),)
    if origin is Literal:
        return get_args(form)[0]
    if isinstance(form, type) and issubclass(form, Record):
        return _values(form)
    prefixes = [found[1] for limit in limits if (found := _ID.match(getattr(limit, "pattern", None) or ""))]
    if prefixes:
        return f"{prefixes[0]}_{_BODY}"
    return VALUES[name] if name in VALUES else _BY_TYPE[form]


def _plain(form: Form, limits: list[Any]) -> tuple[Form, list[Any]]:
    """A type without `| None` and `Annotated`, and the limits that stood around it."""
    origin: Any = get_origin(form)
    if origin in {Union, UnionType}:
        return _plain(next(arm for arm in get_args(form) if arm is not NoneType), limits)
    if origin is Annotated:
        inner = [limit for info in form.__metadata__ for limit in getattr(info, "metadata", [info])]
        return _plain(form.__origin__, [*limits, *inner])
    return form, limits
