"""The occupation groups: their codes, their names and their sector in the sense of PP 50/2025.

A group is added by a line in `data/occupations.csv`; a code once used is never taken away or moved to another sector.
"""

from dataclasses import dataclass
from typing import Final, Literal, cast

from schemas.languages import Language
from schemas.reference import files

Sector = Literal["transport", "other"]


class UnknownOccupation(LookupError):
    """A code that is no occupation group."""


@dataclass(frozen=True, slots=True)
class Occupation:
    """One group of occupations."""

    code: str
    sector: Sector
    indonesian: str
    english: str

    def name(self, language: Language = "id") -> str:
        """The name in one of the two languages."""
        return self.english if language == "en" else self.indonesian


OCCUPATIONS: Final[dict[str, Occupation]] = {
    row["code"]: Occupation(row["code"], cast("Sector", row["sector"]), row["id"], row["en"])
    for row in files.table("occupations.csv")
}


def exists(code: str) -> bool:
    """Whether a code is an occupation group."""
    return code in OCCUPATIONS


def get(code: str) -> Occupation:
    """The group with this code."""
    found = OCCUPATIONS.get(code)
    if found is None:
        raise UnknownOccupation(code)
    return found


def name(code: str, language: Language = "id") -> str:
    """The name of a group in one of the two languages."""
    return get(code).name(language)


def sector_of(code: str) -> Sector:
    """The sector of a group: `transport` or `other`."""
    return get(code).sector


def transport_only(codes: tuple[str, ...]) -> bool:
    """Whether a scope with these groups holds transport workers alone; an empty scope means all groups."""
    return bool(codes) and all(sector_of(code) == "transport" for code in codes)
