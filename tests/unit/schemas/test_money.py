"""Rupiah are whole, and no reading of them is a guess."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.money import IDR_MAX, NotAnAmount, format_rupiah, parse_rupiah

AMOUNTS = st.integers(0, IDR_MAX)


def test_rupiah_are_shown_as_indonesians_and_english_readers_write_them() -> None:
    assert format_rupiah(16_800) == "Rp16.800"
    assert format_rupiah(1_234_567, "en") == "Rp1,234,567"
    assert format_rupiah(-8_400) == "-Rp8.400"
    assert format_rupiah(0) == "Rp0"


@pytest.mark.parametrize(
    "written",
    [
        "16800",
        "16.800",
        "16,800",
        "16800.00",
        "16800,00",
        "16.800,00",
        "16,800.00",
        "Rp16.800",
        "Rp 16.800,-",
        "rp. 16.800",
        "IDR 16,800.00",
        "'16800",
        " 16800 ",
        "16800,-",
        "16.800,0",
    ],
)
def test_every_way_to_write_16800_is_read(written: str) -> None:
    assert parse_rupiah(written) == 16_800


@pytest.mark.parametrize(
    "written",
    [
        "",
        "Rp",
        "-16800",
        "16.80",
        "16,8",
        "16800.50",
        "16.800,50",
        "1.68.00",
        "16.800.00",
        "1.6800",
        "16,800,00",
        "16 800",
        "16rb",
        "2 juta",
        "1e5",
        "١٦٨٠٠",
        "16.800,00,00",
        "1.000.000.000.000.001",
        "=16800",
        "x",
    ],
)
def test_what_is_no_whole_amount_is_refused(written: str) -> None:
    with pytest.raises(NotAnAmount):
        parse_rupiah(written)


@given(AMOUNTS)
def test_what_is_written_in_either_language_is_read_back(idr: int) -> None:
    assert parse_rupiah(format_rupiah(idr)) == parse_rupiah(format_rupiah(idr, "en")) == parse_rupiah(str(idr)) == idr


@given(st.text(max_size=30))
def test_no_text_is_read_as_anything_but_whole_rupiah_or_a_refusal(text: str) -> None:
    try:
        idr = parse_rupiah(text)
    except NotAnAmount:
        return
    assert 0 <= idr <= IDR_MAX
