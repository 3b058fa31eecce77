"""Where regions lie to each other: centroids and distances, known for Kota Cilegon.

Promises whole metres, the same on every machine, and says `None` where nothing is known instead of guessing.
"""

import math
from functools import cache
from typing import Final

from schemas.reference import files, regions

_EARTH_M: Final = 6_371_009
#: Centroids are given to a thousandth of a degree, about 110 m; a mean is kept to the micro-degree.
_MICRO: Final = 1_000_000


@cache
def _centroids() -> dict[str, tuple[int, int]]:
    return {
        row["code"]: (round(float(row["latitude"]) * _MICRO), round(float(row["longitude"]) * _MICRO))
        for row in files.table("cilegon_centroids.csv")
    }


@cache
def centroid(area: str) -> tuple[int, int] | None:
    """Latitude and longitude in micro-degrees; for an area above kelurahan the mean of the kelurahan in it."""
    inside = [point for code, point in _centroids().items() if regions.contains(area, code)]
    if not inside or regions.depth(area) < regions.CITY:
        return None
    return sum(lat for lat, _ in inside) // len(inside), sum(lon for _, lon in inside) // len(inside)


@cache
def distance_m(a: str, b: str) -> int | None:
    """Metres between the centroids of two areas along a great circle; `None` when one of them is not known."""
    here, there = centroid(a), centroid(b)
    if here is None or there is None:
        return None
    lat1, lon1, lat2, lon2 = (math.radians(value / _MICRO) for value in (*here, *there))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return round(2 * _EARTH_M * math.asin(math.sqrt(half)))
