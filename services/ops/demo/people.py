"""The people of the demonstration: invented workers of Cilegon's 43 kelurahan, with NIKs that could be somebody's.

Promises the same people for the same seed. Must not write any of them to a file: their data travel in requests alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Literal

from schemas.reference import regions
from services.ops.demo.chance import Chance

CITY: Final = "36.72"
#: how many of a hundred workers do what
OCCUPATIONS: Final = {
    "pedagang": 23, "ojek": 17, "buruh_bangunan": 12, "art": 10, "buruh_pelabuhan": 7, "nelayan": 6, "sopir": 6,
    "kurir": 5, "petani": 5, "penjahit": 3, "marbot": 2, "pemulung": 2, "lainnya": 2,
}  # fmt: skip
#: where workers of Cilegon got their first NIK; most of them there
_ISSUED: Final = {"36.72": 68, "36.04": 12, "36.01": 5, "36.02": 4, "36.73": 3, "18.01": 3, "33.28": 2, "32.04": 2,
                  "12.71": 1}  # fmt: skip
_MEN: Final = ("Ahmad", "Asep", "Dadang", "Dedi", "Eko", "Fahrul", "Hasan", "Herman", "Ibrahim", "Jajang", "Joko",
               "Khaerul", "Lukman", "Maman", "Mahfud", "Nana", "Rahmat", "Roni", "Rustam", "Sahrul", "Slamet",
               "Suhendi", "Tatang", "Ujang", "Wawan", "Yusuf")  # fmt: skip
_WOMEN: Final = ("Aisyah", "Anah", "Desi", "Dewi", "Eneng", "Fatimah", "Halimah", "Iis", "Juju", "Kokom", "Lilis",
                 "Maemunah", "Mimin", "Neneng", "Nurhayati", "Rohimah", "Rukmini", "Siti", "Sumiyati", "Tuti", "Yati",
                 "Yuyun")  # fmt: skip
_LAST: Final = ("Amrullah", "Basri", "Fauzi", "Hidayat", "Iskandar", "Jaelani", "Kurnia", "Maulana", "Mulyadi",
                "Nugraha", "Permana", "Pratama", "Rohman", "Saepudin", "Sanusi", "Saputra", "Setiawan", "Sobari",
                "Sudrajat", "Suryana", "Wahyudi", "Wijaya", "Yunus", "Zaenal")  # fmt: skip
#: people are 17 to 63 years old on this day
_TODAY: Final = date(2026, 11, 1)
_YOUNGEST_DAYS, _OLDEST_DAYS = 17 * 366, 63 * 365

Sex = Literal["m", "f"]


@dataclass(frozen=True)
class Person:
    """A worker as a volunteer of the RT knows him."""

    nik: str = field(repr=False)
    name: str = field(repr=False)
    born: date = field(repr=False)
    sex: Sex
    phone: str | None = field(repr=False)
    kelurahan: str
    occupation: str
    desil: int | None


def workers(seed: int, number: int) -> list[Person]:
    """So many workers; larger kelurahan have more of them."""
    sizes = {code: Chance(seed, "size", code).between(6, 20) for code in regions.kelurahan_in(CITY)}
    homes = Chance(seed, "homes")
    return [_worker(seed, index, homes.weighed(sizes)) for index in range(number)]


def full_name(chance: Chance, sex: Sex) -> str:
    """A name; some people have one word only."""
    first = chance.one(_MEN if sex == "m" else _WOMEN)
    return first if chance.percent(8) else f"{first} {chance.one(_LAST)}"


def _worker(seed: int, index: int, kelurahan: str) -> Person:
    chance = Chance(seed, "worker", index)
    sex: Sex = "m" if chance.percent(64) else "f"
    born = _TODAY - timedelta(days=chance.between(_YOUNGEST_DAYS, _OLDEST_DAYS))
    return Person(
        nik=nik_of(chance.one(_kecamatan(chance.weighed(_ISSUED))), born, sex, 1 + index % 9_998),
        name=full_name(chance, sex),
        born=born,
        sex=sex,
        phone=f"08{chance.one((12, 13, 21, 52, 57, 77, 78, 95))}{chance.below(10**8):08d}"
        if chance.percent(80)
        else None,
        kelurahan=kelurahan,
        occupation=chance.weighed(OCCUPATIONS),
        desil=chance.between(1, 7) if chance.percent(70) else None,
    )


def nik_of(kecamatan: str, born: date, sex: Sex, serial: int) -> str:
    """A NIK as Dukcapil assigns them: where, when (women's days plus 40), and a running number."""
    day = born.day + (40 if sex == "f" else 0)
    return f"{kecamatan.replace('.', '')}{day:02d}{born:%m%y}{serial:04d}"


def _kecamatan(city: str) -> tuple[str, ...]:
    return regions.children(city)


def by_kelurahan(people: list[Person]) -> Iterator[tuple[str, list[Person]]]:
    """The people of each kelurahan that has any."""
    for code in regions.kelurahan_in(CITY):
        here = [person for person in people if person.kelurahan == code]
        if here:
            yield code, here
