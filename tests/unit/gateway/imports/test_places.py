"""From what people write for a place or a trade to its code."""

import pytest

from services.gateway.imports import places


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("36.72.01.1001", "36.72.01.1001"),
        ("3672011001", "36.72.01.1001"),
        ("367201", "36.72.01"),
        ("3672", "36.72"),
        ("36.72", "36.72"),
        ("Cilegon", None),
        ("36720110", None),
        ("36-72", None),
        ("", None),
    ],
)
def test_a_code_is_known_with_and_without_dots(written: str, code: str | None) -> None:
    assert places.dotted(written) == code


@pytest.mark.parametrize("written", ["36.72", "3672", "Cilegon", "KOTA CILEGON", "kota  cilegon"])
def test_a_city_is_found_by_code_or_name(written: str) -> None:
    assert places.city(written) == "36.72"


@pytest.mark.parametrize("written", ["36.99", "36.72.01", "Atlantis", ""])
def test_what_is_no_city_is_none(written: str) -> None:
    assert places.city(written) is None


@pytest.mark.parametrize(
    ("kelurahan", "kecamatan", "code"),
    [
        ("Cibeber", "Cibeber", "36.72.01.1001"),
        ("Warnasari", "", "36.72.08.1001"),
        ("kel. warnasari", "Kec. Citangkil", "36.72.08.1001"),
        ("Lebak Gede", "Pulo Merak", "36.72.03.1002"),
        ("Nowhere", "", None),
    ],
)
def test_a_kelurahan_is_found_by_its_names(kelurahan: str, kecamatan: str, code: str | None) -> None:
    assert places.kelurahan(kelurahan, kecamatan, "36.72") == code


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("ojek", "ojek"),
        ("Tukang Ojek", "ojek"),
        ("Pengemudi ojek", "ojek"),
        ("Motorcycle taxi rider", "ojek"),
        ("buruh-bangunan", "buruh_bangunan"),
        ("Asisten Rumah Tangga", "art"),
        ("PRT", "art"),
        ("lain-lain", "lainnya"),
        ("astronot", None),
    ],
)
def test_a_trade_is_known_by_its_names(written: str, code: str | None) -> None:
    assert places.occupation(written) == code
