"""The kelurahan and kecamatan of Kota Cilegon as SVG paths, to be drawn inline.

Promises one path and one place for a label per area, in the units of `VIEW_BOX`, north up. No tile server, no library.
"""

from dataclasses import dataclass
from typing import Final

from schemas.reference import files, regions

CITY: Final = "36.72"


@dataclass(frozen=True, slots=True)
class Shape:
    """One area on the map: the `d` of its path, and the point in it that lies furthest from its border, for a label."""

    code: str
    path: str
    label: tuple[int, int]


_FILE: Final = files.document("cilegon_map.json")
_SHAPES: Final = {
    code: Shape(code, it["path"], (it["label"][0], it["label"][1])) for code, it in _FILE["areas"].items()
}

#: The value of the `viewBox` attribute.
VIEW_BOX: Final = " ".join(map(str, _FILE["view_box"]))
#: The 43 kelurahan, in the order of their codes.
KELURAHAN: Final = tuple(shape for code, shape in _SHAPES.items() if regions.level(code) == "kelurahan")
#: The borders of the 8 kecamatan, as open lines to be stroked and not filled, in the order of their codes.
KECAMATAN: Final = tuple(shape for code, shape in _SHAPES.items() if regions.level(code) == "kecamatan")


def shape(code: str) -> Shape | None:
    """The shape of an area, if it is on the map."""
    return _SHAPES.get(code)
