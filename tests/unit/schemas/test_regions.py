"""Regions are found by code and by the names that people write, for the whole country."""

import csv
from importlib.resources import files

import pytest

from schemas.reference import distances, regions

CITY = "36.72"
CENTROIDS = list(
    csv.DictReader((files("schemas.reference") / "data" / "cilegon_centroids.csv").read_text("utf-8").splitlines())
)


def test_every_level_of_the_country_is_known() -> None:
    assert regions.name("36") == "Banten"
    assert regions.name("36.72") == "Kota Cilegon"
    assert regions.name("36.72.06") == "Gerogol"
    assert regions.name("36.72.08.1001") == "Warnasari"
    assert regions.path("91.71") == "Kota Jayapura, Papua"


@pytest.mark.parametrize("code", ["", "3672", "36.72.", "36.72.99", "36.72.01.9999", "36.7", "00", "٣٦", "36.72\n"])
def test_what_is_no_dotted_code_of_a_region_does_not_exist(code: str) -> None:
    assert not regions.exists(code)
    with pytest.raises(regions.UnknownRegion):
        regions.name(code)


def test_cilegon_has_the_8_kecamatan_and_43_kelurahan_of_the_decree() -> None:
    assert len(regions.children(CITY)) == 8
    assert regions.kelurahan_in(CITY) == tuple(row["code"] for row in CENTROIDS)
    for row in CENTROIDS:
        assert regions.name(row["code"]) == row["kelurahan"]
        assert regions.name(regions.kecamatan_of(row["code"])) == row["kecamatan"]


def test_a_region_knows_its_city_its_kecamatan_and_its_level() -> None:
    assert regions.city_of("36.72.01.1001") == regions.city_of("36.72") == CITY
    assert regions.kecamatan_of("36.72.01.1001") == "36.72.01"
    tree = ("36", "36.72", "36.72.01", "36.72.01.1001")
    assert [regions.level(code) for code in tree] == list(regions.LEVELS)
    assert [regions.depth(code) for code in tree] == [
        regions.PROVINCE,
        regions.CITY,
        regions.KECAMATAN,
        regions.KELURAHAN,
    ]
    assert list(regions.ancestors("36.72.01")) == ["36.72", "36"]


def test_a_province_lies_in_no_city() -> None:
    with pytest.raises(regions.UnknownRegion):
        regions.city_of("36")


@pytest.mark.parametrize(
    ("area", "code", "within"),
    [
        ("36.72", "36.72", True),
        ("36.72", "36.72.01.1001", True),
        ("36", "36.72.01", True),
        ("36.72.01", "36.72", False),
        ("36.72.01", "36.72.02.1001", False),
        ("36.7", "36.72", False),
    ],
)
def test_an_area_includes_everything_below_it(area: str, code: str, *, within: bool) -> None:
    assert regions.contains(area, code) is within


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Grogol", "36.72.06.1002"),
        ("Gerogol", "36.72.06"),
        ("Deringo", "36.72.08.1002"),
        ("kel. DRINGO", "36.72.08.1002"),
        ("Lebak Gede", "36.72.03.1002"),
        ("lebakgede", "36.72.03.1002"),
        ("Taman Sari", "36.72.03.1001"),
        ("Tegalratu", "36.72.04.1002"),
        ("Banjarnegara", "36.72.04.1001"),
        ("Karangasem", "36.72.01.1005"),
        ("Kec. Pulo Merak", "36.72.03"),
    ],
)
def test_names_are_found_as_people_in_cilegon_spell_them(written: str, code: str) -> None:
    assert regions.search(written, within=CITY)[0] == code


def test_every_spelling_of_every_kelurahan_leads_back_to_it() -> None:
    for code in regions.kelurahan_in(CITY):
        for spelling in regions.spellings(code):
            kecamatan = regions.name(regions.kecamatan_of(code))
            assert regions.find_kelurahan(spelling, kecamatan, CITY) == code


def test_a_kelurahan_that_is_named_twice_is_not_guessed() -> None:
    assert regions.find_kelurahan("Cibeber", "", CITY) == "36.72.01.1001"
    assert regions.find_kelurahan("Cibeber", "Jombang", CITY) is None
    assert regions.find_kelurahan("Atlantis", "", CITY) is None


def test_cities_of_the_whole_country_are_found_by_name() -> None:
    assert regions.search("Kota Cilegon")[0] == CITY
    assert regions.search("") == ()


def test_titles_tell_apart_what_shares_a_name() -> None:
    assert regions.title("36.72.01") == "Kecamatan Cibeber"
    assert regions.title("36.72.01.1001") == "Kelurahan Cibeber"
    assert regions.title("36.04") == "Kabupaten Serang"


def test_distances_are_whole_metres_and_the_same_both_ways() -> None:
    merak_to_ciwandan = distances.distance_m("36.72.03.1004", "36.72.04.1004")
    assert merak_to_ciwandan == distances.distance_m("36.72.04.1004", "36.72.03.1004")
    assert merak_to_ciwandan == pytest.approx(18_600, abs=300)
    assert distances.distance_m("36.72.01.1001", "36.72.01.1001") == 0


def test_a_kecamatan_lies_at_the_mean_of_its_kelurahan() -> None:
    inside = [row for row in CENTROIDS if regions.contains("36.72.05", row["code"])]
    middle = distances.centroid("36.72.05")
    assert middle is not None
    assert middle[0] == pytest.approx(sum(float(row["latitude"]) for row in inside) / len(inside) * 1e6, abs=1)
    assert middle[1] == pytest.approx(sum(float(row["longitude"]) for row in inside) / len(inside) * 1e6, abs=1)


@pytest.mark.parametrize("elsewhere", ["36", "36.04", "31.71.01.1001"])
def test_where_no_centroid_is_known_there_is_no_distance(elsewhere: str) -> None:
    assert distances.distance_m("36.72.01", elsewhere) is None
