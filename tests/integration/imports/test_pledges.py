"""Lists of pledges: the rules are those of a single pledge, and sending a list twice pledges_ nothing twice."""

import pytest

from tests.integration.imports.conftest import Office
from tests.support.files import as_csv


@pytest.fixture(scope="module")
async def donor(office: Office) -> str:
    body = {"kind": "company", "name": "PT Baja Contoh", "language": "id"}
    return str((await office.gateway.client.post("/v1/donors", json=body)).json()["id"])


def pledge(donor: str, **changed: str) -> dict[str, str]:
    row = {
        "Donatur": donor,
        "Jumlah Pekerja": "35",
        "Jumlah Bulan": "12",
        "Bulan Mulai": "Des 2026",
        "Wilayah": "36.72.01",
    }
    return row | changed


async def test_a_list_becomes_pledges(office: Office, donor: str) -> None:
    report = await office.take("pledges", as_csv([pledge(donor), pledge(donor, Wilayah="3673")]))
    assert report.counts == (2, 0, 0)
    shown = (await office.gateway.client.get(f"/v1/pledges/{report.lines[0]['detail']}")).json()
    assert (shown["donor"], shown["slots"], shown["starts"], shown["city"]) == (donor, 35, "2026-12", "36.72")


async def test_an_amount_becomes_slots(office: Office, donor: str) -> None:
    row = {name: cell for name, cell in pledge(donor).items() if name != "Jumlah Pekerja"} | {"Nominal": "Rp2.016.000"}
    report = await office.take("pledges", as_csv([row]))
    shown = (await office.gateway.client.get(f"/v1/pledges/{report.lines[0]['detail']}")).json()
    assert shown["amount_idr"] == 2_016_000
    assert shown["slots"] >= 10


async def test_lists_within_a_cell_are_taken_apart(office: Office, donor: str) -> None:
    row = pledge(donor, Wilayah="36.72.01, 36.72.02", Pekerjaan="ojek; nelayan", Program="JKK+JKM".replace("+", ","))
    report = await office.take("pledges", as_csv([row]))
    shown = (await office.gateway.client.get(f"/v1/pledges/{report.lines[0]['detail']}")).json()
    assert (shown["scope"]["areas"], shown["scope"]["occupations"]) == (["36.72.01", "36.72.02"], ["ojek", "nelayan"])


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"Donatur": "don_00000000000000000000000000"}, "donor.unknown"),
        ({"Donatur": "PT Baja"}, "field.form"),
        ({"Jumlah Pekerja": "0"}, "field.range"),
        ({"Jumlah Pekerja": "12.000"}, "field.form"),
        ({"Bulan Mulai": "2025-01"}, "month.past"),
        ({"Bulan Mulai": "kapan"}, "field.form"),
        ({"Jumlah Bulan": "3"}, "field.range"),
        ({"Wilayah": "36.72 36.73"}, "pledge.two_cities"),
        ({"Wilayah": "Cilegon"}, "field.form"),
        ({"Referensi": "telp 0812-3456-7890"}, "reference.personal_data"),
    ],
)
async def test_a_row_is_refused_with_its_reason(office: Office, donor: str, changed: dict[str, str], code: str) -> None:
    report = await office.take("pledges", as_csv([pledge(donor, **changed)]))
    assert (report.counts, report.codes) == ((0, 1, 0), [code])


async def test_the_same_reference_and_terms_are_known_already(office: Office, donor: str) -> None:
    data = as_csv([pledge(donor, Referensi="CSR 2026/7"), pledge(donor, Referensi="CSR 2026/7")])
    first = await office.take("pledges", data)
    again = await office.take("pledges", data)
    assert (first.counts, again.counts) == ((1, 0, 1), (0, 0, 2))
    assert {line["detail"] for line in again.lines} == {first.lines[0]["detail"]}
