"""Projects the boundaries of Cilegon's kelurahan into SVG paths, once: `python -m schemas.reference.build_map`.

Promises the same bytes from the same boundaries; a test compares them with the committed file. Borders that two areas
share stay shared. Not used while the system runs.
"""

import json
import math
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from schemas.reference import files, regions

Point = tuple[int, int]
Edge = tuple[Point, Point]
#: Points in a row; of a closed ring the last is joined to the first.
Ring = list[Point]

SOURCE: Final = "cilegon_kelurahan.geojson"
TARGET: Final = "cilegon_map.json"
#: One unit is about 18 m, which is what the boundaries are exact to.
WIDTH: Final = 1000
MARGIN: Final = 6
#: How finely the best place for a label is looked for, and how often the look is narrowed.
GRID: Final = 10
ROUNDS: Final = 4
#: An islet that shrinks to fewer corners in whole units is not drawn.
CORNERS_MIN: Final = 3
#: Neighbours' borders were simplified apart here and there; a gap up to this wide is no border of a kecamatan.
SLIVER: Final = 2.5


def build() -> str:
    """The text of the map file."""
    features = files.document(SOURCE)["features"]
    kelurahan = _project({it["properties"]["code"]: _polygons(it["geometry"]) for it in features})
    height = max(y for rings in kelurahan.values() for ring in rings for _, y in ring) + MARGIN
    lines = []
    for code, rings in sorted(kelurahan.items()):
        main = max(rings, key=_twice_area)
        lines.append(_line(code, [_path(ring) + "z" for ring in rings], _label([main], list(_edges(main)))))
    for code in sorted({regions.kecamatan_of(code) for code in kelurahan}):
        inside = [ring for below, rings in sorted(kelurahan.items()) if regions.contains(code, below) for ring in rings]
        border = _border(inside)
        lines.append(_line(code, map(_path, _chained(border)), _label(inside, border)))
    return f'{{"view_box": [0, 0, {WIDTH}, {height}], "areas": {{\n' + ",\n".join(lines) + "\n}}\n"


def _line(code: str, paths: Iterable[str], label: Point) -> str:
    return f'"{code}": {json.dumps({"path": "".join(paths), "label": label}, separators=(",", ":"))}'


def _polygons(geometry: dict[str, Any]) -> list[list[tuple[float, float]]]:
    """The outer rings of a geometry; the kelurahan have no holes."""
    whole = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    if any(len(polygon) > 1 for polygon in whole):
        raise ValueError("a kelurahan with a hole cannot be drawn as outer rings")
    return [[(lon, lat) for lon, lat in polygon[0]] for polygon in whole]


def _project(shapes: dict[str, list[list[tuple[float, float]]]]) -> dict[str, list[Ring]]:
    """Equirectangular, true in the middle of the city, north up, in whole units; all rings turn the same way."""
    points = [point for rings in shapes.values() for ring in rings for point in ring]
    west, east = min(lon for lon, _ in points), max(lon for lon, _ in points)
    south, north = min(lat for _, lat in points), max(lat for _, lat in points)
    squeeze = math.cos(math.radians((south + north) / 2))
    unit = (WIDTH - 2 * MARGIN) / ((east - west) * squeeze)

    def place(lon: float, lat: float) -> Point:
        return round((lon - west) * squeeze * unit) + MARGIN, round((north - lat) * unit) + MARGIN

    placed = {code: [_distinct([place(*point) for point in ring]) for ring in rings] for code, rings in shapes.items()}
    return {code: [_turned(ring) for ring in rings if len(ring) >= CORNERS_MIN] for code, rings in placed.items()}


def _distinct(ring: Ring) -> Ring:
    """A ring without repeated points, the last not the first again."""
    return [point for point, after in zip(ring, [*ring[1:], ring[0]], strict=True) if point != after]


def _turned(ring: Ring) -> Ring:
    """A ring that turns so that its area is positive."""
    return ring if _twice_area(ring) > 0 else ring[::-1]


def _edges(ring: Ring) -> Iterator[Edge]:
    return zip(ring, [*ring[1:], ring[0]], strict=True)


def _twice_area(ring: Ring) -> int:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in _edges(ring))


def _border(rings: list[Ring]) -> list[Edge]:
    """The edges of the rings that have none of the rings on their other side, a sliver of `SLIVER` aside."""
    edges = dict.fromkeys(edge for ring in rings for edge in _edges(ring))
    return [
        edge for edge in edges if edge[::-1] not in edges and not any(holds(ring, _beyond(*edge)) for ring in rings)
    ]


def _beyond(a: Point, b: Point) -> tuple[float, float]:
    """The point just outside the middle of an edge; rings turn so that their inside lies to the other hand."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = math.hypot(dx, dy)
    return (a[0] + b[0]) / 2 + SLIVER * dy / length, (a[1] + b[1]) / 2 - SLIVER * dx / length


def _chained(edges: list[Edge]) -> list[Ring]:
    """The edges as lines that are as long as can be."""
    onward: dict[Point, list[Point]] = {}
    for a, b in edges:
        onward.setdefault(a, []).append(b)
    ends = {b for _, b in edges}
    lines = []
    for start in (*(a for a, _ in edges if a not in ends), *(a for a, _ in edges)):
        line = [start]
        while onward.get(line[-1]):
            line.append(onward[line[-1]].pop())
        if len(line) > 1:
            lines.append(line)
    return lines


def _path(line: Ring) -> str:
    """An SVG path with relative steps, which are short."""
    steps = " ".join(f"{b[0] - a[0]},{b[1] - a[1]}" for a, b in pairwise(line))
    return f"M{line[0][0]},{line[0][1]}l{steps}"


def _label(rings: list[Ring], border: list[Edge]) -> Point:
    """The point inside the rings that lies furthest from their border, by a grid that narrows around the best point."""
    xs, ys = [x for ring in rings for x, _ in ring], [y for ring in rings for _, y in ring]
    centre = ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
    width, height = float(max(xs) - min(xs)), float(max(ys) - min(ys))
    for _ in range(ROUNDS):
        steps = [step / GRID - 0.5 for step in range(GRID + 1)]
        around = [(centre[0] + dx * width, centre[1] + dy * height) for dx in steps for dy in steps]
        inside = [point for point in around if any(holds(ring, point) for ring in rings)]
        centre = max(inside, key=lambda point: min(_distance(point, edge) for edge in border))
        width, height = width * 3 / GRID, height * 3 / GRID
    return round(centre[0]), round(centre[1])


def holds(ring: Ring, point: tuple[float, float]) -> bool:
    """Whether a point lies inside a ring: a ray from it crosses the ring an odd number of times."""
    x, y = point
    crossed = False
    for a, b in _edges(ring):
        if (a[1] > y) != (b[1] > y) and x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0]:
            crossed = not crossed
    return crossed


def _distance(point: tuple[float, float], edge: Edge) -> float:
    (x, y), (a, b) = point, edge
    dx, dy = b[0] - a[0], b[1] - a[1]
    along = max(0.0, min(1.0, ((x - a[0]) * dx + (y - a[1]) * dy) / (dx * dx + dy * dy)))
    return math.hypot(x - a[0] - along * dx, y - a[1] - along * dy)


if __name__ == "__main__":
    (Path(__file__).parent / "data" / TARGET).write_text(build(), encoding="utf-8")
