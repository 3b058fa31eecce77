"""The donors of the demonstration: a dozen invented companies near their plants, and people of Gemet Sekul.

Promises the same donors and pledges for the same seed. No company of these names is meant; must not name a real one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from schemas.reference import regions
from services.ops.demo.chance import Chance
from services.ops.demo.people import CITY, Sex, full_name

#: when a donor pays its bills: in time; after the due date; the first month only; never
Habit = Literal["prompt", "late", "stops", "never"]
_TRANSPORT: Final = ("ojek", "sopir", "kurir")
_TERMS: Final = (6, 12, 12, 12)
_SLOTS: Final = {1: 60, 2: 25, 3: 10, 5: 5}
_HABITS: Final[dict[Habit, int]] = {"prompt": 86, "late": 8, "stops": 3, "never": 3}


@dataclass(frozen=True)
class Company:
    """A CSR programme. `share` is its part of all slots that companies give, in thousandths."""

    name: str
    plant: str
    areas: tuple[str, ...]
    share: int
    occupations: tuple[str, ...] = ()
    habit: Habit = "prompt"
    more: dict[str, Any] = field(default_factory=dict)


COMPANIES: Final = (
    Company("PT Baja Selat Nusa", "36.72.08.1006", ("36.72.08",), 135),
    Company("PT Petrokimia Teluk Sunda", "36.72.04.1004", ("36.72.04",), 120, more={"keep": True}),
    Company("PT Tirta Uap Suralaya", "36.72.03.1004", ("36.72.03",), 90),
    Company("PT Dermaga Lima Bahari", "36.72.03.1002", ("36.72.03", "36.72.04"), 70, ("buruh_pelabuhan", "nelayan")),
    Company("PT Kawat Gerem Perkasa", "36.72.06.1004", ("36.72.06",), 90),
    Company("PT Resin Tanjung Makmur", "36.72.04.1005", ("36.72.04.1005", "36.72.04.1006"), 45, habit="late"),
    Company("PT Angkutan Baja Mandiri", "36.72.07.1001", (CITY,), 110, _TRANSPORT),
    Company("PT Kaca Ramanuju Indah", "36.72.07.1001", ("36.72.07",), 85),
    Company("PT Semen Kubang Jaya", "36.72.04.1003", ("36.72.04", "36.72.08"), 60, ("buruh_bangunan", "lainnya")),
    Company("PT Pangan Merdeka Cilegon", "36.72.05.1003", ("36.72.05", "36.72.02"), 95, ("pedagang", "penjahit")),
    Company("PT Sehat Bersama Cibeber", "36.72.01.1001", ("36.72.01",), 60, more={"payment": "pooled"}),
    Company("PT Gas Industri Warna", "36.72.08.1001", (CITY,), 40, more={"programmes": ["jkk", "jkm", "jht"]}),
)


@dataclass(frozen=True)
class Donor:
    """A donor: the registration, the pledge, and how it is paid."""

    body: dict[str, Any] = field(repr=False)
    pledge: dict[str, Any]
    habit: Habit
    company: Company | None = None
    #: pledges for one worker whom he knows: his driver, her maid
    names_worker: bool = False


def companies(seed: int, workers: int, starts: str) -> list[Donor]:
    """The companies, with about 70 slots for a hundred workers."""
    return [
        _company(Chance(seed, "company", company.name), company, workers * 70 // 100, starts) for company in COMPANIES
    ]


def _company(chance: Chance, company: Company, slots: int, starts: str) -> Donor:
    mail = company.name.lower().replace("pt ", "").replace(" ", "-")
    scope = {"areas": list(company.areas), "occupations": list(company.occupations), "near": company.plant}
    pledge = {
        "slots": max(1, slots * company.share // 1000),
        "months": 12,
        "starts": starts,
        "scope": scope,
        "reference": f"CSR {starts[:4]} {chance.between(100, 999)}",
        **company.more,
    }
    body = {
        "kind": "company",
        "name": company.name,
        "email": f"csr@{mail}.example",
        "language": chance.one(("id", "en")),
    }
    return Donor(body, pledge, company.habit, company)


def people(seed: int, workers: int, starts: str) -> list[Donor]:
    """People of Gemet Sekul: about one for ten workers, a fifth of them for one worker whom they name."""
    areas = (CITY, *regions.children(CITY), *regions.kelurahan_in(CITY))
    return [_person(Chance(seed, "donor", index), index, areas, starts) for index in range(max(10, workers // 10))]


def _person(chance: Chance, index: int, areas: Sequence[str], starts: str) -> Donor:
    sex: Sex = "m" if chance.percent(50) else "f"
    name = full_name(chance, sex)
    names_worker = chance.percent(20)
    scope: dict[str, Any] = {"areas": [CITY if names_worker else chance.one(areas)]}
    if not names_worker and chance.percent(25):
        scope["occupations"] = list(
            chance.one((_TRANSPORT, ("art",), ("pedagang",), ("nelayan",), ("buruh_bangunan",)))
        )
    pledge: dict[str, Any] = {"months": chance.one(_TERMS), "starts": starts, "scope": scope}
    if not names_worker and chance.percent(15):
        pledge["amount_idr"] = chance.one((200_000, 300_000, 500_000))
    else:
        pledge["slots"] = 1 if names_worker else chance.weighed(_SLOTS)
    mail = f"{name.lower().replace(' ', '.')}.{index}@surat.example"
    body = {"kind": "person", "name": name, "email": mail, "language": "id" if chance.percent(90) else "en"}
    return Donor(body, pledge, chance.weighed(_HABITS), names_worker=names_worker)
