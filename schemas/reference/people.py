"""People's numbers: NIK, telephone, age. What can be tested without asking Dukcapil.

Promises typed problems whose words hold no personal data, and never throws on what people type. A NIK has no check
digit, so a NIK without problems may still belong to nobody. Its first digits tell where it was first issued, not where
its owner lives: people from anywhere are welcome. Pure: today is an argument.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Final, Literal

import lokal
from lokal.wilayah import wilayah_name

from schemas import months

Sex = Literal["m", "f"]

AGE_MIN: Final = 15
#: A worker may enrol until the day before this birthday.
AGE_LIMIT: Final = 65
#: Provinces that lost kabupaten to new provinces: a NIK keeps the code it was issued with, which is no longer a region.
_SPLIT: Final = frozenset({"32", "64", "91", "92"})
#: What Excel makes of long numbers: `3,67201E+15`. The last digits are gone for good.
_SCIENTIFIC: Final = re.compile(r"\s*'?[0-9]([.,][0-9]+)?[eE]\+?[0-9]+\s*")


#: Lists of people come from a few regions, which are looked up over and over.
_region_name: Final = lru_cache(maxsize=65_536)(wilayah_name)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value cannot be taken: a stable code, and a sentence without personal data."""

    code: str
    detail: str


_DETAILS: Final = {
    "nik.damaged_by_spreadsheet": "a spreadsheet made the NIK a number: format the column as text, type it again",
    "nik.not_16_digits": "a NIK has 16 digits",
    "nik.unknown_region": "the first digits of the NIK are no region",
    "nik.no_such_date": "the digits for the birth date are no date",
    "nik.serial_zero": "the last four digits of a NIK are never 0000",
    "nik.born_differs": "the birth date in the NIK is not the one declared",
    "nik.sex_differs": "the sex in the NIK is not the one declared",
    "phone.damaged_by_spreadsheet": "a spreadsheet made the telephone number a quantity: format the column as text",
    "phone.invalid": "not an Indonesian telephone number",
    "phone.not_mobile": "a land line takes no messages",
    "age.not_born": "the birth date lies in the future",
    "age.too_young": f"a worker must be at least {AGE_MIN}",
    "age.too_old": f"a worker must be younger than {AGE_LIMIT}",
}


def _problem(code: str) -> Problem:
    return Problem(code, _DETAILS[code])


@dataclass(frozen=True, slots=True)
class Nik:
    """What a NIK says. `digits` is `None` unless there are 16 of them; `issued_in` is a kecamatan's code then."""

    digits: str | None = field(repr=False)
    issued_in: str | None
    born: date | None = field(repr=False)
    sex: Sex | None
    problems: tuple[Problem, ...]

    @property
    def valid(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.problems


def check_nik(text: str, *, born: date | None = None, sex: Sex | None = None) -> Nik:
    """Read a NIK and compare it with the birth date and sex that were declared, if they were.

    The NIK has two digits for the year; the century is that of the declared date, else the one that makes the person
    born between 1930 and 2029.
    """
    if _SCIENTIFIC.fullmatch(text):
        return Nik(None, None, None, None, (_problem("nik.damaged_by_spreadsheet"),))
    info = lokal.parse_nik(text.strip().strip("'"), lookup_wilayah=_region_name, reference_date=_century_of(born))
    if info.nik is None:
        return Nik(None, None, None, None, (_problem("nik.not_16_digits"),))
    nik_born = date.fromisoformat(info.birth_date) if info.birth_date else None
    nik_sex: Sex | None = None if info.gender is None else "f" if info.gender == "P" else "m"
    found = [
        *(["nik.unknown_region"] if _is_nowhere(info) else []),
        *(["nik.no_such_date"] if nik_born is None else []),
        *(["nik.serial_zero"] if info.serial == "0000" else []),
        *(["nik.born_differs"] if nik_born and born and nik_born != born else []),
        *(["nik.sex_differs"] if nik_sex and sex and nik_sex != sex else []),
    ]
    return Nik(info.nik, info.district_code, nik_born, nik_sex, tuple(map(_problem, found)))


def _century_of(born: date | None) -> date:
    """The reference date that makes lokal-id choose our century: it reads yy as 20yy up to the reference's year."""
    if born is None:
        return date(2029, 12, 31)
    return date(2099, 12, 31) if born.year >= 2000 else date(2000, 1, 1)  # the turn of the century


def _is_nowhere(info: lokal.NikInfo) -> bool:
    """No province, or no kabupaten of one that has kept all its own. Kecamatan come and go too often to judge by."""
    if any(issue.code in {"province", "wilayah"} for issue in info.errors):
        return True
    return info.regency is None and info.province_code not in _SPLIT


def parse_phone(text: str, *, mobile: bool = True) -> str | Problem:
    """An Indonesian number, however it is written, in E.164: `0812-3456-7890` is `+6281234567890`."""
    if _SCIENTIFIC.fullmatch(text):
        return _problem("phone.damaged_by_spreadsheet")
    info = lokal.parse_phone(text.strip().strip("'"))
    if info.e164 is None:
        return _problem("phone.invalid")
    if mobile and info.type != "mobile":
        return _problem("phone.not_mobile")
    return info.e164


def age_on(born: date, day: date) -> int:
    """Full years of age on a day; who was born on 29 February has the birthday on 1 March in other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def check_age(born: date, day: date) -> Problem | None:
    """Why a person cannot be enrolled on a day because of age, if so."""
    if born > day:
        return _problem("age.not_born")
    age = age_on(born, day)
    if age < AGE_MIN:
        return _problem("age.too_young")
    return _problem("age.too_old") if age >= AGE_LIMIT else None


def eligible_until(born: date) -> str:
    """The end of the quarter of the last month before the 65th birthday's, so that it shows no month of birth."""
    return months.quarter_end(months.from_number((born.year + AGE_LIMIT) * 12 + born.month - 2))
