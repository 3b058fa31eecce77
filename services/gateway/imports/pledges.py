"""From a row of a list of pledges to a pledge, or to all that is wrong with it.

The rules are those of `POST /v1/pledges`; only the lists within a cell are written with commas, semicolons or blanks.
Pure: today is an argument.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pydantic import ValidationError

from schemas.http.pledges import NewPledge
from schemas.money import NotAnAmount, parse_rupiah
from schemas.reference.quote import Quote
from services.gateway.domain import field_errors, terms
from services.gateway.domain.terms import Terms
from services.gateway.imports import places
from services.gateway.imports.cell_reader import CellReader, ReportLine, refused
from services.gateway.imports.tabular import Cell, Row, month, text, whole

_BETWEEN: Final = re.compile(r"[,;|\s]+")
_PAYMENTS: Final = {"direct": "direct", "langsung": "direct", "pooled": "pooled", "terhimpun": "pooled"}
_YES: Final = frozenset({"ya", "y", "yes", "true", "1", "v", "x"})
_NO: Final = frozenset({"tidak", "t", "no", "n", "false", "0", "-"})


@dataclass(frozen=True, slots=True)
class PledgeRow:
    """What a row of the list requests for."""

    number: int
    donor: str
    terms: Terms
    quote: Quote


def read(row: Row, today: date) -> PledgeRow | ReportLine:
    """The pledge, or the refusal."""
    cells = CellReader(row)
    body = _body(cells)
    if cells.errors:
        return refused(row.number, cells.errors)
    try:
        pledge = NewPledge.model_validate(body)
    except ValidationError as error:
        found = field_errors.problems(error.errors(include_input=False, include_url=False))
    else:
        sound = terms.read(pledge, today)
        if isinstance(sound, tuple):
            return PledgeRow(row.number, pledge.donor, *sound)
        found = sound
    for problem in found:
        cells.error(problem.pointer.strip("/"), problem.code, problem.detail)
    return refused(row.number, cells.errors)


def idr(cell: Cell) -> int | None:
    """Whole rupiah, however they are written."""
    if isinstance(cell, float):
        return whole(cell)
    try:
        return parse_rupiah(text(cell))
    except NotAnAmount:
        return None


def _body(cells: CellReader) -> dict[str, Any]:
    """The body that `POST /v1/pledges` would have; what the row does not say is left out."""
    found: dict[str, Any] = {
        "donor": cells.text("donor", required=True),
        "slots": cells.read("slots", whole, "field.form", "a number of workers is a whole number"),
        "amount_idr": cells.read("amount_idr", idr, "field.form", "an amount is a whole number of rupiah"),
        "months": cells.read("months", whole, "field.form", "a number of months is a whole number"),
        "starts": cells.read("starts", month, "field.form", "a month is written like 2026-12"),
        "payment": cells.read("payment", _payment, "field.form", "write langsung (direct) or terhimpun (pooled)"),
        "programmes": _list(cells, "programmes") or None,
        "keep": cells.read("keep", _yes_or_no, "field.form", "write ya or tidak"),
        "reference": cells.text("reference", length_max=100) or None,
        "scope": {
            "areas": tuple(places.dotted(area) or area for area in _list(cells, "areas")),
            "occupations": tuple(places.occupation(word) or word for word in _list(cells, "occupations")),
            "workers": _list(cells, "workers"),
            "near": _near(cells),
        },
    }
    return _without_nothing(found)


def _without_nothing(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}


def _list(cells: CellReader, field: str) -> tuple[str, ...]:
    written = cells.text(field, length_max=20_000)
    return tuple(word.casefold() for word in _BETWEEN.split(written) if word)


def _near(cells: CellReader) -> str | None:
    written = cells.text("near")
    return (places.dotted(written) or written) if written else None


def _payment(cell: Cell) -> str | None:
    return _PAYMENTS.get(text(cell).casefold())


def _yes_or_no(cell: Cell) -> bool | None:
    word = text(cell).casefold()
    return True if word in _YES else False if word in _NO else None
