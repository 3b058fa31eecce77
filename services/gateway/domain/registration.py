"""A worker's registration, checked against reference data: NIK, age, telephone, area, occupation, consent.

Pure; the present is an argument. All problems are reported at once, without quoting what was typed. Used by single
registrations and by imports alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from schemas.days import jakarta_day
from schemas.http.workers import NewWorker
from schemas.reference import desil, occupations, people, regions
from services.runtime.base.errors import Problem

#: clocks of phones and offices differ a little
_CONSENT_AHEAD: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Registration:
    """A worker who can be registered. `record` goes to the vault and nowhere else."""

    nik: str
    area: str
    occupation: str
    band: int
    eligible_until: str
    record: dict[str, Any]


def read(body: NewWorker, now: datetime) -> Registration | list[Problem]:
    """The registration that a body states, or all that is wrong with it."""
    nik = people.check_nik(body.nik, born=body.born, sex=body.sex)
    phone = people.parse_phone(body.phone) if body.phone is not None else None
    problems = [
        *(Problem("/nik", found.code, found.detail) for found in nik.problems),
        *_age(body.born, jakarta_day(now)),
        *([Problem("/phone", phone.code, phone.detail)] if isinstance(phone, people.Problem) else []),
        *_area(body.area),
        *_occupation(body.occupation),
    ]
    if body.consent.given_at > now + _CONSENT_AHEAD:
        problems.append(Problem("/consent/given_at", "consent.in_future", "a consent is given before it is reported"))
    if problems or nik.digits is None:
        return problems
    record = {"name": body.name.strip(), "nik": nik.digits, "born": body.born.isoformat(), "sex": body.sex}
    return Registration(
        nik=nik.digits,
        area=body.area,
        occupation=body.occupation,
        band=desil.band(body.desil),
        eligible_until=people.eligible_until(body.born),
        record=record if phone is None else record | {"phone": phone},
    )


def _age(born: date, today: date) -> Iterator[Problem]:
    found = people.check_age(born, today)
    if found is not None:
        yield Problem("/born", found.code, found.detail)


def _area(area: str) -> Iterator[Problem]:
    if not regions.exists(area):
        yield Problem("/area", "area.unknown", f"{area} is no area of Kemendagri's list")
    elif regions.depth(area) != regions.KELURAHAN:
        yield Problem("/area", "area.not_kelurahan", f"{area} is no kelurahan or desa; give all four levels")


def _occupation(code: str) -> Iterator[Problem]:
    if not occupations.exists(code):
        yield Problem("/occupation", "occupation.unknown", f"{code} is none of {', '.join(occupations.OCCUPATIONS)}")
