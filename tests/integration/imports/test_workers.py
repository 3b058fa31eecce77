"""Lists of workers: each row is taken once, refused with its reason, or known already."""

from collections import Counter

import pytest

from tests.integration.imports.conftest import Office
from tests.support.files import as_csv, as_xlsx, person


async def facts(office: Office, kind: str) -> int:
    return len(await office.gateway.facts(kind))


async def test_a_list_becomes_workers_and_consents(office: Office) -> None:
    before = await facts(office, "worker.registered")
    report = await office.take("workers", as_csv(person(number) for number in range(1, 41)))
    assert report.counts == (40, 0, 0)
    assert await facts(office, "worker.registered") - before == 40
    assert len({line["detail"] for line in report.lines if line["detail"].startswith("wrk_")}) == 40


async def test_an_imported_worker_can_be_read_with_personal_data(office: Office) -> None:
    report = await office.take("workers", as_csv([person(101, **{"No HP": "0812-3456-7890"})]))
    answer = (await office.gateway.client.get(f"/v1/workers/{report.lines[0]['detail']}")).json()
    assert (answer["name"], answer["phone"], answer["status"]) == ("Orang Contoh 101", "+6281234567890", "waiting")


async def test_the_same_list_again_has_only_duplicates(office: Office) -> None:
    data = as_csv(person(number) for number in range(201, 221))
    first = await office.take("workers", data)
    again = await office.take("workers", data)
    assert again.counts == (0, 0, 20)
    assert [line["detail"] for line in again.lines] == [line["detail"] for line in first.lines]
    assert set(again.codes) == {"nik.known"}


async def test_a_nik_twice_in_one_list_is_one_worker(office: Office) -> None:
    report = await office.take("workers", as_csv([person(301), person(302), person(301)]))
    assert [line["outcome"] for line in report.lines] == ["accepted", "accepted", "duplicate"]
    assert report.lines[2]["detail"] == report.lines[0]["detail"]


async def test_a_nik_twice_in_two_cities_is_one_worker(office: Office) -> None:
    elsewhere = {"Kode Wilayah": "36.73.01.1001"}
    report = await office.take("workers", as_csv([person(311), person(311, **elsewhere), person(312, **elsewhere)]))
    assert report.counts == (2, 0, 1)


async def test_a_worker_registered_alone_is_a_duplicate_in_a_list(office: Office) -> None:
    row = person(321)
    body = {
        "nik": row["NIK"],
        "name": row["Nama"],
        "born": "-".join(reversed(row["Tgl Lahir"].split("/"))),
        "sex": "f" if row["L/P"] == "P" else "m",
        "area": row["Kode Wilayah"],
        "occupation": "ojek",
        "consent": {"given_at": "2026-11-20T03:00:00Z", "by": "self"},
    }
    answer = await office.gateway.client.post("/v1/workers", json=body)
    report = await office.take("workers", as_csv([row]))
    assert (report.codes, report.lines[0]["detail"]) == (["nik.known"], answer.json()["id"])


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"NIK": ""}, "field.missing"),
        ({"NIK": "123"}, "nik.not_16_digits"),
        ({"NIK": "3,67201E+15"}, "nik.damaged_by_spreadsheet"),
        ({"NIK": "9972014101900001"}, "nik.unknown_region"),
        ({"Nama": " "}, "field.missing"),
        ({"Tgl Lahir": "08/17/1990"}, "field.form"),
        ({"Tgl Lahir": "01/01/1950"}, "nik.born_differs"),
        ({"L/P": "X"}, "field.form"),
        ({"No HP": "12"}, "phone.invalid"),
        ({"No HP": "(0254) 391234"}, "phone.not_mobile"),
        ({"Kode Wilayah": "36.72.99.1001"}, "area.unknown"),
        ({"Kode Wilayah": "36.72.01"}, "area.not_kelurahan"),
        ({"Kode Wilayah": "Cilegon"}, "field.form"),
        ({"Pekerjaan": "astronot"}, "occupation.unknown"),
        ({"Desil": "11"}, "field.range"),
    ],
)
async def test_a_row_is_refused_with_its_reason(office: Office, changed: dict[str, str], code: str) -> None:
    report = await office.take("workers", as_csv([person(401, **changed)]))
    assert (report.counts, report.codes) == ((0, 1, 0), [code])


async def test_a_nik_from_a_number_cell_is_refused(office: Office) -> None:
    rows = [[int(person(402)["NIK"]), *list(person(402).values())[1:]]]
    report = await office.take("workers", as_xlsx(list(person(0)), rows))
    assert report.codes == ["nik.number_cell"]


async def test_an_error_cell_is_refused_not_taken_for_empty(office: Office) -> None:
    rows = [[*list(person(403).values())[:-1], "=VLOOKUP(1,A1:B2,2)"]]
    report = await office.take("workers", as_xlsx(list(person(0)), rows))
    assert report.codes == ["cell.error"]


async def test_a_spreadsheet_is_read_like_a_csv(office: Office) -> None:
    rows = [list(person(number).values()) for number in range(411, 416)]
    report = await office.take("workers", as_xlsx(list(person(0)), rows))
    assert report.counts == (5, 0, 0)


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [(",", "utf-8"), (";", "cp1252"), ("\t", "utf-16"), ("|", "utf-8-sig")]
)
async def test_every_dialect_is_taken(office: Office, delimiter: str, encoding: str) -> None:
    number = 500 + [",", ";", "\t", "|"].index(delimiter)
    data = as_csv([person(number, Nama="René d'Aïn")], delimiter, encoding)
    report = await office.take("workers", data)
    answer = (await office.gateway.client.get(f"/v1/workers/{report.lines[0]['detail']}")).json()
    assert answer["name"] == "René d'Aïn"


async def test_birth_date_and_sex_may_come_from_the_nik(office: Office) -> None:
    row = {name: cell for name, cell in person(511).items() if name not in {"Tgl Lahir", "L/P"}}
    report = await office.take("workers", as_csv([row]))
    assert report.counts == (1, 0, 0)


async def test_a_kelurahan_may_be_named_within_a_city(office: Office) -> None:
    row = {name: cell for name, cell in person(521).items() if name != "Kode Wilayah"}
    row |= {"Kelurahan": "Kel. Warnasari", "Kecamatan": "citangkil"}
    assert (await office.take("workers", as_csv([row]))).codes == ["area.unknown"]
    assert (await office.take("workers", as_csv([row]), "?city=36.72")).counts == (1, 0, 0)


async def test_a_list_that_asks_for_consent_needs_it(office: Office) -> None:
    rows = [person(number, Persetujuan=answer) for number, answer in [(531, "ya"), (532, ""), (533, "tidak")]]
    assert (await office.take("workers", as_csv(rows))).codes == ["", "consent.absent", "consent.absent"]


async def test_the_report_holds_nothing_of_what_the_rows_say(office: Office) -> None:
    bad = [person(n, NIK=f"99{n:014d}", Nama="Rahasia Sekali", **{"No HP": "77"}) for n in range(541, 546)]
    report = await office.take("workers", as_csv(bad))
    text = " ".join(cell for line in report.lines for cell in line.values())
    assert [word for word in ("Rahasia", "99000", "77") if word in text] == []


async def test_ten_thousand_bad_rows_are_ten_thousand_lines(office: Office) -> None:
    report = await office.take("workers", as_csv(person(number, Pekerjaan="?") for number in range(10_000)))
    assert report.counts == (0, 10_000, 0)
    assert [int(line["row"]) for line in report.lines] == list(range(2, 10_002))
    assert Counter(report.codes) == {"occupation.unknown": 10_000}


async def test_the_log_records_how_a_file_ended(office: Office) -> None:
    report = await office.take("workers", as_csv([person(551), person(552, NIK="1"), person(551)]))
    fact = next(one.fact for one in await office.gateway.facts("import.finished") if one.stream == report.id)
    assert (fact.rows, fact.accepted, fact.refused, fact.duplicates) == (3, 1, 1, 1)  # type: ignore[attr-defined]
