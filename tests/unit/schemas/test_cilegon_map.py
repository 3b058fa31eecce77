"""The map draws every kelurahan, and is what its boundaries give."""

import re

import pytest

from schemas.reference import build_map, cilegon_map, files, regions

NUMBERS = re.compile(r"-?\d+")


def corners(path: str) -> list[list[tuple[int, int]]]:
    """The absolute points of a path, line by line."""
    lines = []
    for line in path.split("M")[1:]:
        values = [int(number) for number in NUMBERS.findall(line)]
        x, y = values[0], values[1]
        points = [(x, y)]
        for dx, dy in zip(values[2::2], values[3::2], strict=True):
            x, y = x + dx, y + dy
            points.append((x, y))
        lines.append(points)
    return lines


def test_the_committed_map_is_what_the_boundaries_give() -> None:
    assert files.text(build_map.TARGET) == build_map.build()


def test_all_43_kelurahan_and_8_kecamatan_are_on_the_map() -> None:
    assert tuple(shape.code for shape in cilegon_map.KELURAHAN) == regions.kelurahan_in(cilegon_map.CITY)
    assert tuple(shape.code for shape in cilegon_map.KECAMATAN) == regions.children(cilegon_map.CITY)
    assert cilegon_map.shape("36.04") is None


@pytest.mark.parametrize("shape", [*cilegon_map.KELURAHAN, *cilegon_map.KECAMATAN], ids=lambda shape: shape.code)
def test_a_shape_and_its_label_lie_within_the_view(shape: cilegon_map.Shape) -> None:
    left, top, width, height = map(int, cilegon_map.VIEW_BOX.split())
    for x, y in [*(point for line in corners(shape.path) for point in line), shape.label]:
        assert left <= x <= left + width
        assert top <= y <= top + height


@pytest.mark.parametrize("shape", cilegon_map.KELURAHAN, ids=lambda shape: shape.code)
def test_a_label_lies_inside_its_own_kelurahan_and_no_other(shape: cilegon_map.Shape) -> None:
    holding = [
        other.code
        for other in cilegon_map.KELURAHAN
        for ring in corners(other.path)
        if build_map.holds(ring, shape.label)
    ]
    assert holding == [shape.code]


def test_north_is_up() -> None:
    suralaya, cikerai = cilegon_map.shape("36.72.03.1004"), cilegon_map.shape("36.72.01.1004")
    assert suralaya is not None
    assert cikerai is not None
    assert suralaya.label[1] < cikerai.label[1]
