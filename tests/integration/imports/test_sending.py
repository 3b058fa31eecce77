"""Sending a file: what is accepted, what is refused at once, who may read the report, and what remains of a file."""

import pytest

from tests.integration.imports.conftest import Office
from tests.support.files import as_csv, as_xlsx, person


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file.empty"),
        (b"a;b;c\n1;2;3\n", "file.unknown_header"),
        (b"nik;nama;nama lengkap;kode wilayah;pekerjaan\n", "file.column_twice"),
        (b"%PDF-1.7 ...", "file.not_a_spreadsheet"),
        (b"PK\x03\x04 broken", "file.broken"),
        (as_xlsx(["Nomor", "Nama"], []), "file.unknown_header"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_at_once(office: Office, data: bytes, code: str) -> None:
    answer = await office.gateway.client.post("/v1/imports/workers", content=data)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_refused_file_leaves_nothing(office: Office) -> None:
    before = await office.gateway.pool.fetchval("SELECT count(*) FROM imports")
    await office.gateway.client.post("/v1/imports/workers", content=b"a;b\n1;2\n")
    assert await office.gateway.pool.fetchval("SELECT count(*) FROM imports") == before


async def test_an_unknown_header_shows_what_was_found_and_what_is_expected(office: Office) -> None:
    answer = await office.gateway.client.post("/v1/imports/workers", content=b"Nomor;Nama\n1;Siti\n")
    assert "no column for: nik, kode_wilayah or kelurahan, pekerjaan. Found: Nomor; Nama" in answer.json()["detail"]


async def test_the_same_key_and_file_are_one_import(office: Office) -> None:
    data = as_csv([person(1)])
    first = await office.send("workers", data, **{"Idempotency-Key": "one"})
    again = await office.send("workers", data, **{"Idempotency-Key": "one"})
    assert again == first


async def test_the_same_key_with_another_file_is_refused(office: Office) -> None:
    await office.send("workers", as_csv([person(2)]), **{"Idempotency-Key": "two"})
    answer = await office.gateway.client.post(
        "/v1/imports/workers", content=as_csv([person(3)]), headers={"Idempotency-Key": "two"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency.body_differs")


async def test_a_file_beyond_the_limit_is_refused(office: Office) -> None:
    answer = await office.gateway.client.post(
        "/v1/imports/workers", content=b"x", headers={"Content-Length": str(65 * 1024 * 1024)}
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "body.too_large")


async def test_an_unknown_import_is_not_found(office: Office) -> None:
    for path in ("", "/report"):
        answer = await office.gateway.client.get(f"/v1/imports/imp_{'0' * 26}{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "import.unknown")


async def test_field_workers_take_lists_of_their_areas_only(office: Office) -> None:
    made = await office.gateway.client.post("/v1/keys", json={"role": "field", "areas": ["36.72.01"]})
    mine = {"Kode Wilayah": "36.72.01.1001"}
    data = as_csv([person(11, **mine), person(12, **{"Kode Wilayah": "36.72.02.1001"})])
    async with office.gateway.caller(made.json()["key"]) as field:
        sent = await field.post("/v1/imports/workers", content=data)
        report = await office.done(sent.json()["id"])
        assert report.codes == ["", "area.forbidden"]
        assert (await field.get(f"/v1/imports/{report.id}")).status_code == 200
        assert (await field.post("/v1/imports/receipts", content=data)).status_code == 403


async def test_imports_of_other_keys_are_not_seen(office: Office) -> None:
    import_id = await office.send("workers", as_csv([person(21)]))
    made = await office.gateway.client.post("/v1/keys", json={"role": "field", "areas": ["36.72"]})
    async with office.gateway.caller(made.json()["key"]) as field:
        assert (await field.get(f"/v1/imports/{import_id}")).status_code == 404
        assert import_id not in [one["id"] for one in (await field.get("/v1/imports")).json()["items"]]


async def test_after_the_last_row_file_and_key_are_gone(office: Office) -> None:
    report = await office.take("workers", as_csv([person(31)]))
    assert await office.gateway.pool.fetchval("SELECT wrapped_key FROM imports WHERE id = $1", report.id) is None
    assert await office.gateway.pool.fetchval("SELECT count(*) FROM import_files WHERE import_id = $1", report.id) == 0


async def test_imports_are_listed_page_by_page(office: Office) -> None:
    sent = {await office.send("workers", as_csv([person(number)])) for number in (41, 42, 43)}
    listed: list[str] = []
    after = ""
    while after is not None:
        query = f"?limit=2&after={after}" if after else "?limit=2"
        page = (await office.gateway.client.get(f"/v1/imports{query}")).json()
        listed += [one["id"] for one in page["items"]]
        after = page["next"]
    assert listed == sorted(listed, reverse=True)
    assert sent <= set(listed)
