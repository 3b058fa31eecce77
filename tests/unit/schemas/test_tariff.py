"""The tariff, as a table that a field officer can check against the regulations."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import months
from schemas.reference import occupations, tariff
from schemas.reference.quote import Terms, quote

#: month, occupation, programmes, who pays, iuran of one worker, the newest regulation behind it
TABLE = """
2025-12  ojek             jkk+jkm      private  16800  pp44_2015
2026-01  ojek             jkk+jkm      private   8400  pp50_2025
2026-01  pedagang         jkk+jkm      private  16800  pp44_2015
2026-03  kurir            jkk+jkm      private   8400  pp50_2025
2026-03  buruh_bangunan   jkk+jkm      private  16800  pp44_2015
2026-04  buruh_bangunan   jkk+jkm      private   8400  pp50_2025
2026-11  pedagang         jkk+jkm      private   8400  pp50_2025
2026-12  pedagang         jkk+jkm      private   8400  pp50_2025
2026-12  art              jkk+jkm+jht  private  28400  pp50_2025
2026-12  art              jkk+jkm+jht  state    36800  pp46_2015
2026-12  sopir            jkk+jkm      state    16800  pp44_2015
2027-01  pedagang         jkk+jkm      private  16800  pp44_2015
2027-01  sopir            jkk+jkm      private   8400  pp50_2025
2027-03  ojek             jkk+jkm      private   8400  pp50_2025
2027-03  ojek             jkk+jkm+jht  private  28400  pp50_2025
2027-04  ojek             jkk+jkm      private  16800  pp44_2015
2027-04  nelayan          jkk+jkm+jht  private  36800  pp46_2015
2026-06  nelayan          jkk          private   5000  pp50_2025
2026-06  nelayan          jkm          private   3400  pp50_2025
2026-06  nelayan          jht          private  20000  pp46_2015
2030-01  lainnya          jkk          state    10000  pp44_2015
2030-01  lainnya          jkm          state     6800  pp44_2015
"""
ROWS = TABLE.strip().splitlines()
MONTHS = st.integers(months.number("2022-01"), months.number("2034-12")).map(months.from_number)
CODES = st.sampled_from(sorted(occupations.OCCUPATIONS))
SCOPES = st.lists(CODES, max_size=4, unique=True).map(tuple)
PROGRAMMES = st.sampled_from([("jkk", "jkm"), ("jkk", "jkm", "jht")])
FUNDINGS = st.sampled_from(["private", "state"])
TERMS = st.builds(Terms, MONTHS, st.integers(1, 60), SCOPES, PROGRAMMES, FUNDINGS)


@pytest.mark.parametrize("row", ROWS)
def test_a_month_costs_what_the_regulations_say(row: str) -> None:
    month, occupation, programmes, funding, idr, law = row.split()
    price = tariff.price(month, occupation, programmes.split("+"), funding)  # type: ignore[arg-type]
    assert (price.idr, price.tariff.split(".")[1]) == (int(idr), law)


def test_a_price_names_the_regulation_of_each_programme() -> None:
    price = tariff.price("2026-12", "art", ("jkk", "jkm", "jht"))
    assert [(row.programme, row.idr, row.regulation.name) for row in price.rows] == [
        ("jkk", 5_000, "PP 50/2025"),
        ("jkm", 3_400, "PP 50/2025"),
        ("jht", 20_000, "PP 46/2015"),
    ]
    assert price.tariff == "jkk_jkm_jht.pp50_2025"
    assert all(row.regulation.source.startswith("https://peraturan.bpk.go.id/") for row in price.rows)


def test_march_to_december_for_a_trader_is_the_sum_the_press_printed() -> None:
    """One payment in March 2026 for ten months: 16,800 + 9 x 8,400."""
    assert quote(1, Terms("2026-03", 10, ("pedagang",))).total_idr == 92_400


def test_a_mixed_scope_is_priced_by_its_dearest_workers() -> None:
    assert tariff.highest("2027-02", ("ojek", "pedagang")).idr == 16_800
    assert tariff.highest("2027-02", None).idr == tariff.highest("2027-02", ()).idr == 16_800
    assert tariff.highest("2027-02", ("ojek", "kurir")).idr == 8_400
    assert tariff.highest("2027-02", ("transport",)).idr == 8_400


def test_unknown_months_occupations_and_empty_programmes_have_no_price() -> None:
    with pytest.raises(tariff.UnknownTariff):
        tariff.price("2020-09", "ojek")
    with pytest.raises(tariff.UnknownTariff):
        tariff.price("2026-12", "ojek", ())
    with pytest.raises(occupations.UnknownOccupation):
        tariff.price("2026-12", "astronaut")


def test_a_quote_across_new_year_names_both_amounts_and_the_regulation() -> None:
    found = quote(10, Terms("2026-11", 12, ("pedagang",)))
    assert found.total_idr == 10 * (2 * 8_400 + 10 * 16_800)
    assert [(note.code, note.params) for note in found.notes] == [
        (
            "tariff.relief_ends",
            {"month": "2027-01", "before_idr": 8_400, "after_idr": 16_800, "regulation": "pp50_2025"},
        )
    ]
    assert found.notes[0].text("id") == (
        "Mulai Januari 2027 iuran menjadi Rp16.800 per orang per bulan (sebelumnya Rp8.400), "
        "karena keringanan PP 50/2025 berakhir."
    )
    assert found.notes[0].text("en") == (
        "From January 2027 on the iuran is Rp16,800 per worker and month (Rp8,400 before), "
        "because the relief of PP 50/2025 ends."
    )


def test_a_quote_for_transport_alone_changes_in_april() -> None:
    found = quote(1, Terms("2026-11", 12, ("ojek", "kurir")))
    assert [note.params["month"] for note in found.notes] == ["2027-04"]
    assert found.total_idr == 5 * 8_400 + 7 * 16_800


def test_a_quote_for_all_says_until_when_transport_pays_less() -> None:
    found = quote(1, Terms("2026-11", 12))
    assert [note.code for note in found.notes] == ["tariff.relief_ends", "tariff.transport_differs"]
    assert found.notes[1].params == {
        "month": "2027-01",
        "until": "2027-03",
        "transport_idr": 8_400,
        "other_idr": 16_800,
        "regulation": "pp50_2025",
    }


def test_a_state_funded_quote_knows_no_relief() -> None:
    found = quote(3, Terms("2026-06", 12, funding="state"))
    assert (found.total_idr, found.notes) == (3 * 12 * 16_800, ())


def test_a_rehearsed_tariff_prices_by_its_own_rows() -> None:
    law = tariff.Regulation("pp1_2027", "PP 1/2027", "https://example.org")
    dearer = tariff.Tariff((*tariff.IN_FORCE.rows, tariff.Row("jkm", None, None, "2027-06", None, 9_000, law)))
    found = quote(1, Terms("2027-05", 2, ("art",)), dearer)
    assert [month.iuran_idr_per_worker for month in found.months] == [16_800, 19_000]
    assert [note.code for note in found.notes] == ["tariff.changes"]
    assert "pp1_2027" in found.notes[0].text("en")
    assert tariff.price("2027-06", "art").idr == 16_800


@given(TERMS, st.integers(1, 10_000))
def test_a_quote_is_slots_times_months_and_bounds_every_worker_in_scope(terms: Terms, slots: int) -> None:
    found = quote(slots, terms)
    assert found.total_idr == slots * sum(month.iuran_idr_per_worker for month in found.months)
    assert [month.month for month in found.months] == terms.span()
    for occupation in terms.occupations or occupations.OCCUPATIONS:
        each = [tariff.price(m, occupation, terms.programmes, terms.funding).idr for m in terms.span()]
        assert 0 < slots * sum(each) <= found.total_idr


@given(TERMS)
def test_every_step_of_a_price_has_its_note_and_notes_can_be_read(terms: Terms) -> None:
    found = quote(1, terms)
    prices = [month.iuran_idr_per_worker for month in found.months]
    steps = [m.month for m, before, now in zip(found.months[1:], prices, prices[1:], strict=False) if now != before]
    assert [note.params["month"] for note in found.notes if "after_idr" in note.params] == steps
    for note in found.notes:
        assert "{" not in note.text("id") + note.text("en")


@given(MONTHS, CODES, FUNDINGS)
def test_savings_are_never_discounted_and_the_state_never_pays_less(month: str, occupation: str, funding: str) -> None:
    basic = tariff.price(month, occupation, ("jkk", "jkm"), funding)  # type: ignore[arg-type]
    saving = tariff.price(month, occupation, ("jkk", "jkm", "jht"), funding)  # type: ignore[arg-type]
    assert saving.idr - basic.idr == 20_000
    assert tariff.price(month, occupation, funding="state").idr == 16_800
    assert basic.idr in {8_400, 16_800}


def test_one_tariff_code_always_means_one_price() -> None:
    seen: dict[str, int] = {}
    for month in months.span("2022-01", months.of(date(2030, 1, 1))):
        for sector in tariff.SECTORS:
            for programmes in (("jkk", "jkm"), ("jkk", "jkm", "jht")):
                price = tariff.price(month, sector, programmes)
                assert seen.setdefault(price.tariff, price.idr) == price.idr


def test_occupations_are_those_of_the_contract() -> None:
    transport = [code for code, it in occupations.OCCUPATIONS.items() if it.sector == "transport"]
    assert transport == ["ojek", "sopir", "kurir"]
    assert len(occupations.OCCUPATIONS) == 13
    assert occupations.name("art", "id") == "Asisten rumah tangga"
    assert occupations.name("art", "en") == "Domestic worker"


def test_only_a_scope_of_transport_groups_is_transport_only() -> None:
    assert occupations.transport_only(("ojek", "kurir"))
    assert not occupations.transport_only(("ojek", "pedagang"))
    assert not occupations.transport_only(())
