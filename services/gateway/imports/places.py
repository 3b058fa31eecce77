"""From what people write for a kelurahan, a city or an occupation to its code. Pure; remembers what it looked up."""

import re
from functools import lru_cache
from typing import Final

from schemas.reference import occupations, regions

_DOTTED: Final = re.compile(r"[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?")
_PLAIN: Final = re.compile(r"([0-9]{2})([0-9]{2})(?:([0-9]{2})([0-9]{4})?)?")
#: Words of daily use beside the official names of the groups.
_EVERYDAY: Final = {
    "ojek": ("ojol", "ojek online", "ojek pangkalan", "tukang ojek", "driver ojol", "pengojek", "gojek", "grab"),
    "sopir": ("supir", "driver", "pengemudi", "sopir angkot", "supir angkot", "sopir truk"),
    "kurir": ("kurir paket", "pengantar barang"),
    "nelayan": ("nelayan tradisional",),
    "pedagang": ("dagang", "penjual", "jualan", "pedagang pasar", "pedagang kaki lima", "pkl", "pedagang keliling"),
    "buruh_pelabuhan": ("tkbm", "kuli pelabuhan", "bongkar muat", "buruh bongkar muat"),
    "buruh_bangunan": ("tukang bangunan", "kuli bangunan", "pekerja bangunan", "tukang batu", "kuli"),
    "art": ("pembantu", "prt", "pembantu rumah tangga", "pekerja rumah tangga"),
    "petani": ("tani", "buruh tani", "penggarap"),
    "marbot": ("merbot", "takmir", "pengurus masjid"),
    "pemulung": ("pengepul barang bekas",),
    "penjahit": ("tukang jahit", "jahit"),
    "lainnya": ("lain", "lain-lain", "yang lain"),
}


def dotted(written: str) -> str | None:
    """A code of Kemendagri's list with dots, if the text is written like one: `3672011001` is `36.72.01.1001`."""
    if _DOTTED.fullmatch(written):
        return written
    found = _PLAIN.fullmatch(written)
    return ".".join(part for part in found.groups() if part) if found else None


@lru_cache(maxsize=4096)
def city(written: str) -> str | None:
    """The one kabupaten or kota of this code or name."""
    code = dotted(written)
    if code is not None:
        return code if regions.level(code) == "city" and regions.exists(code) else None
    wanted = regions.fold(written)
    near = [code for code in regions.search(written, limit=50) if regions.level(code) == "city"]
    exact = [code for code in near if wanted in map(regions.fold, regions.spellings(code))]
    found = exact or near
    return found[0] if len(found) == 1 else None


@lru_cache(maxsize=65_536)
def kelurahan(name: str, kecamatan: str, city_code: str) -> str | None:
    """The one kelurahan of a city with these names."""
    return regions.find_kelurahan(name, kecamatan, city_code)


@lru_cache(maxsize=4096)
def occupation(written: str) -> str | None:
    """The group that this code, name or word of daily use means."""
    return _occupations().get(regions.fold(written))


@lru_cache(maxsize=1)
def _occupations() -> dict[str, str]:
    known = {regions.fold(word): code for code, words in _EVERYDAY.items() for word in words}
    for group in occupations.OCCUPATIONS.values():
        known |= {regions.fold(word): group.code for word in (group.code, group.indonesian, group.english)}
    return known
