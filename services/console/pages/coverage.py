"""Coverage: the progress of each kecamatan toward the target, and a map of the kelurahan."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from schemas import months
from schemas.http.operations import COVERAGE_TARGET_PERCENT
from schemas.reference import cilegon_map, regions
from services.console.api_client import ApiClient
from services.console.views import Cover
from services.console.visit import SignedIn
from services.console.words import Words

MONTH: Final = re.compile(r"20\d{2}-(0[1-9]|1[0-2])")
#: Height of a bar's row, in pixels, and of the space above the first for the target's sign.
ROW_PX: Final = 76
HEAD_PX: Final = 52
#: a bar narrower than this has its label beside it instead of inside
LABEL_INSIDE_PERCENT: Final = 14
#: Lower ends of the map's bands, in per cent; the last one is the target.
BANDS: Final = (0, 20, 40, 60, 80)
#: how many months back the page looks for the latest month with cover
MONTHS_BACK: Final = 3
NO_DATA: Final = "none"
#: half the size of a kecamatan's name on the map, in units of the map
NAME_WIDE: Final = 85
NAME_HIGH: Final = 30


@dataclass(frozen=True)
class Bar:
    """A kecamatan in the chart, `top` pixels below its head."""

    cover: Cover
    top: int

    @property
    def label_inside(self) -> bool:
        """Whether the percentage fits into the bar."""
        return self.cover.percent >= LABEL_INSIDE_PERCENT

    @property
    def label_at(self) -> int:
        """The position of the percentage, in per cent: at the bar's end, and never beyond the line of the target."""
        return min(self.cover.percent, COVERAGE_TARGET_PERCENT)


@dataclass(frozen=True)
class Spot:
    """A kelurahan on the map: its shape, its numbers, and the band of its share."""

    shape: cilegon_map.Shape
    cover: Cover
    district: str
    label: str

    @property
    def marked(self) -> bool:
        """Whether it has the sign of the target: reached, and not under the name of a kecamatan."""
        x, y = self.shape.label
        names = (outline.label for outline in cilegon_map.KECAMATAN)
        return self.cover.reached and not any(abs(x - at) < NAME_WIDE and abs(y - up) < NAME_HIGH for at, up in names)

    @property
    def band(self) -> str:
        """The band of its share, which has a colour and a pattern."""
        return NO_DATA if self.cover.workers == 0 else str(sum(self.cover.percent >= low for low in BANDS) - 1)


async def show(visit: SignedIn) -> Response:
    """The page of a month; by default the latest month with cover."""
    asked = visit.request.query_params.get("month", "")
    today = await visit.api.today()
    month = asked if MONTH.fullmatch(asked) else await _latest(visit.api, months.of(today))
    kecamatan = await visit.api.coverage("kecamatan", month)
    kelurahan = await visit.api.coverage("kelurahan", month)
    return visit.page(
        "coverage.html",
        today=today,
        month=month,
        earlier=months.add(month, -1),
        later=months.add(month, 1),
        total=_total(kecamatan),
        kecamatan=kecamatan,
        kelurahan=kelurahan,
        bars=[Bar(cover, HEAD_PX + ROW_PX * at) for at, cover in enumerate(kecamatan)],
        row_px=ROW_PX,
        chart_px=HEAD_PX + ROW_PX * len(kecamatan),
        spots=spots(kelurahan, visit.words),
        view_box=cilegon_map.VIEW_BOX,
        outlines=cilegon_map.KECAMATAN,
        bands=BANDS,
        cycle=await visit.part(visit.api.cycle(month)),
    )


def spots(covers: Sequence[Cover], words: Words) -> list[Spot]:
    """All kelurahan of the map; those that the API does not list have no workers."""
    known = {cover.area: cover for cover in covers}
    return [_spot(shape, known.get(shape.code), words) for shape in cilegon_map.KELURAHAN]


def _spot(shape: cilegon_map.Shape, known: Cover | None, words: Words) -> Spot:
    name, district = regions.name(shape.code), regions.name(regions.kecamatan_of(shape.code))
    cover = known or Cover.of(shape.code)
    label = words.text(
        "coverage.shape" if cover.workers else "coverage.shape_empty",
        name=name,
        district=district,
        percent=cover.percent,
        covered=cover.covered,
        workers=cover.workers,
    )
    return Spot(shape, cover, district, label)


async def _latest(api: ApiClient, this: str) -> str:
    """The month itself, or the latest one before it with confirmed cover."""
    for month in (this, *(months.add(this, -back) for back in range(1, MONTHS_BACK + 1))):
        if any(cover.covered for cover in await api.coverage("kecamatan", month)):
            return month
    return this


def _total(covers: Sequence[Cover]) -> Cover:
    return Cover.of(
        cilegon_map.CITY,
        workers=sum(cover.workers for cover in covers),
        matched=sum(max(cover.matched, cover.covered) for cover in covers),
        covered=sum(cover.covered for cover in covers),
    )
