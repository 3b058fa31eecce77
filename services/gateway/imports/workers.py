"""From a row of a list of workers to a registration, or to what is wrong with it.

First the cells: all missing or unreadable cells are reported at once. Then the rules of the single
route (`domain.registration`). What a list does not say is taken from the NIK (birth date and sex) or from the sending
itself (consent, which the sender of a list has collected). Pure: the instant is an argument.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any, Final, Literal

from pydantic import ValidationError

from schemas.days import JAKARTA
from schemas.http.workers import NewWorker
from schemas.reference import desil, people
from services.gateway.domain import field_errors, registration
from services.gateway.domain.roles import Actor
from services.gateway.imports import places
from services.gateway.imports.cell_reader import CellReader, ReportLine, refused
from services.gateway.imports.tabular import Cell, Row, day, folded, text, whole

_SEXES: Final[Mapping[str, people.Sex]] = {
    **dict.fromkeys(("l", "lk", "laki", "lakilaki", "pria", "m", "male"), "m"),
    **dict.fromkeys(("p", "pr", "perempuan", "wanita", "w", "f", "female"), "f"),
}
_YES: Final = frozenset({"ya", "y", "yes", "setuju", "true", "1", "v", "x", "ada", "bersedia", "sudah", "ok"})
_NO: Final = frozenset({"tidak", "t", "no", "n", "false", "0", "belum", "tidaksetuju", "tidakada", "tidakbersedia"})
_SELF: Final = frozenset({"self", "sendiri", "pribadi", "ybs", "yangbersangkutan", "pekerja"})
_RT: Final = frozenset({"rt", "rw", "ketuart", "ketuarw", "rtrw", "kader", "lurah", "kelurahan"})
_SHORT_YEAR: Final = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{2})")


@dataclass(frozen=True, slots=True)
class Context:
    """What is the same for all rows of a file. `columns` are those of the file."""

    actor: Actor
    city: str | None
    at: datetime
    columns: frozenset[str]


@dataclass(frozen=True, slots=True)
class WorkerDraft:
    """What a row of the list requests for. `found.record` is what the vault will keep."""

    number: int
    found: registration.Registration
    consent_by: Literal["self", "rt"]
    consent_at: datetime


def read(row: Row, context: Context) -> WorkerDraft | ReportLine:
    """The registration, or the refusal."""
    cells = CellReader(row)
    body = _body(cells, context)
    if cells.errors:
        return refused(row.number, cells.errors)
    try:
        worker = NewWorker.model_validate(body)
    except ValidationError as error:
        problems = field_errors.problems(error.errors(include_input=False, include_url=False))
    else:
        found = registration.read(worker, context.at)
        if isinstance(found, registration.Registration):
            return WorkerDraft(row.number, found, worker.consent.by, worker.consent.given_at)
        problems = found
    for problem in problems:
        cells.error(problem.pointer.strip("/"), problem.code, problem.detail)
    return refused(row.number, cells.errors)


def _body(cells: CellReader, context: Context) -> dict[str, Any]:
    """The body that `POST /v1/workers` would have."""
    nik = cells.nik(required=True)
    born = cells.cell("born")
    sex: people.Sex | None = cells.read("sex", _sex, "field.form", "write L or P")
    known = None if born is None else day(born)
    if nik and (known is None or sex is None):
        known, sex = _with_nik(cells, people.check_nik(nik), born, known, sex)
    if born is not None and known is None:
        cells.error("born", "field.form", "a birth date is written dd/mm/yyyy")
    phone = cells.text("phone")
    return {
        "nik": nik,
        "name": cells.text("name", required=True),
        "born": known,
        "sex": sex,
        "phone": phone if phone.strip("-") else None,
        "area": _area(cells, context),
        "occupation": _occupation(cells),
        "desil": cells.read("desil", _desil, "field.range", "a desil is a whole number from 1 to 10"),
        "consent": _consent(cells, context),
    }


def _with_nik(
    cells: CellReader, parsed: people.Nik, written: Cell | None, born: date | None, sex: people.Sex | None
) -> tuple[date | None, people.Sex | None]:
    """Birth date and sex that the row leaves out, as the NIK has them; also a year that is written with two digits."""
    if parsed.born is None:
        for problem in parsed.problems:
            cells.error("nik", problem.code, problem.detail)
    elif born is None and (not cells.has("born") or (written is not None and _agrees(text(written), parsed.born))):
        born = parsed.born
    return born, sex or (None if cells.has("sex") else parsed.sex)


_fold = lru_cache(maxsize=4096)(folded)


def _sex(cell: Cell) -> people.Sex | None:
    return _SEXES.get(_fold(cell))


def _desil(cell: Cell) -> int | None:
    number = whole(cell)
    return number if number in desil.DESIL else None


def _agrees(written: str, born: date) -> bool:
    found = _SHORT_YEAR.fullmatch(written)
    return found is not None and tuple(map(int, found.groups())) == (born.day, born.month, born.year % 100)


def _occupation(cells: CellReader) -> str | None:
    if not cells.has("occupation"):
        cells.error("occupation", "field.missing", "the cell is empty")
    return cells.read(
        "occupation", lambda cell: places.occupation(text(cell)), "occupation.unknown", "no occupation group"
    )


def _area(cells: CellReader, context: Context) -> str | None:
    area = _code(cells) or _named(cells, context)
    if area is not None and not context.actor.sees_area(area):
        cells.error("area", "area.forbidden", "the kelurahan lies outside the areas of your key")
    return area


def _code(cells: CellReader) -> str | None:
    """The code in the column for codes or, as many write it, in the one for names."""
    for field in ("area", "kelurahan"):
        written = cells.text(field)
        code = places.dotted(written)
        if code is not None:
            return code
        if field == "area" and written:
            cells.error("area", "field.form", "an area is written like 36.72.01.1001")
    return None


def _named(cells: CellReader, context: Context) -> str | None:
    name, kecamatan = cells.text("kelurahan"), cells.text("kecamatan")
    if not name:
        if not cells.errors or cells.errors[-1].field not in {"area", "kelurahan"}:
            cells.error("area", "field.missing", "neither a code nor a name of a kelurahan")
        return None
    written = cells.text("city")
    city = places.city(written) if written else context.city
    if city is None:
        detail = (
            "no kabupaten or kota of this name" if written else "name the kabupaten or kota: a column kota, or ?city="
        )
        cells.error("city", "area.unknown", detail)
        return None
    found = places.kelurahan(name, kecamatan, city)
    if found is None:
        cells.error("kelurahan", "area.unknown", f"no kelurahan, or more than one, of this name in {city}")
    return found


def _consent(cells: CellReader, context: Context) -> dict[str, Any]:
    """Who took the consent and when. A column for it that is left empty means that there is none."""
    given = cells.cell("consent")
    answer = "" if given is None else _fold(given)
    moment = cells.read("consent_at", _moment, "field.form", "a day is written dd/mm/yyyy")
    if answer in _NO or (not answer and "consent" in context.columns) or (not answer and _not_given(cells, context)):
        cells.error("consent", "consent.absent", "the worker has not agreed")
    elif answer and answer not in _YES:
        cells.error("consent", "field.form", "write ya or tidak")
    by: Literal["self", "rt"] | None = cells.read("consent_by", _by, "field.form", "write sendiri or RT")
    return {"given_at": moment or context.at, "by": by or "rt"}


def _not_given(cells: CellReader, context: Context) -> bool:
    return "consent_at" in context.columns and not cells.has("consent_at")


def _by(cell: Cell) -> Literal["self", "rt"] | None:
    folded = _fold(cell)
    return "self" if folded in _SELF else "rt" if folded in _RT else None


@lru_cache(maxsize=4096)
def _moment(cell: Cell) -> datetime | None:
    """An instant with its zone, or the beginning of a day in Jakarta."""
    known = day(cell)
    if known is not None:
        return datetime.combine(known, time(), JAKARTA).astimezone(UTC)
    try:
        moment = datetime.fromisoformat(text(cell))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=JAKARTA)).astimezone(UTC)
