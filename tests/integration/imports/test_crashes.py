"""The import loop is stopped anywhere: each row counts once, and nothing plain lies about while a file waits."""

import asyncio
from collections import Counter

import pytest

from services.gateway.imports import reader_process
from tests.integration.imports.conftest import Office
from tests.support.files import as_csv, person

ROWS = 3_500


@pytest.fixture
async def sent(idle_office: Office) -> str:
    return await idle_office.send("workers", as_csv(person(number) for number in range(ROWS)))


async def test_a_file_that_waits_is_sealed(idle_office: Office, sent: str) -> None:
    stored = b"".join(
        row["sealed"]
        for row in await idle_office.gateway.pool.fetch("SELECT sealed FROM import_files WHERE import_id = $1", sent)
    )
    assert len(stored) > ROWS * 50
    assert [word for word in (b"Orang", b"367201", b"NIK") if word in stored] == []


@pytest.mark.parametrize("parts_before_the_stop", [0, 1, 3, 6])
async def test_wherever_the_loop_stops_each_row_counts_once(idle_office: Office, parts_before_the_stop: int) -> None:
    first = parts_before_the_stop * 10_000 + 100_000
    other_city = {"Kode Wilayah": "36.73.01.1001"}
    rows = [person(n) if n % 2 else person(n, **other_city) for n in range(first, first + ROWS)]
    import_id = await idle_office.send("workers", as_csv([*rows, *rows[:10], person(1, NIK="1")]))
    async with idle_office.working(), asyncio.timeout(30):
        while await parts(idle_office, import_id) < parts_before_the_stop:
            await asyncio.sleep(0.002)
    async with idle_office.working():
        report = await idle_office.done(import_id)
    taken = {line["detail"] for line in report.lines if line["outcome"] == "accepted"}
    counts = Counter((one.stream, one.kind) for one in await idle_office.gateway.facts() if one.stream in taken)
    assert report.counts == (ROWS, 1, 10)
    assert [int(line["row"]) for line in report.lines] == list(range(2, ROWS + 13))
    assert counts == {(worker, "worker.registered"): 1 for worker in taken}


async def test_the_vault_has_no_person_without_a_nik_and_no_nik_without_a_person(idle_office: Office) -> None:
    async with idle_office.working():
        await idle_office.take("workers", as_csv([person(700_001), person(700_002), person(700_001)]))
    persons = "SELECT person FROM vault.persons ORDER BY person"
    lookups = "SELECT person FROM vault.lookups ORDER BY person"
    pool = idle_office.gateway.pool
    assert await pool.fetch(persons) == await pool.fetch(lookups)


async def parts(office: Office, import_id: str) -> int:
    found: int = await office.gateway.pool.fetchval(
        "SELECT count(*) FROM import_chunks WHERE import_id = $1", import_id
    )
    return found


async def test_a_reader_that_dies_every_time_does_not_keep_the_sender_waiting(
    idle_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_process, "SMALL_BYTES", 0)
    monkeypatch.setattr("sys.executable", "/bin/false")
    import_id = await idle_office.send("workers", as_csv([person(7)]))
    async with idle_office.working():
        report = await idle_office.done(import_id)
    assert report.status["problem"]["code"] == "import.failed"


async def test_large_files_are_read_by_another_process(idle_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_process, "SMALL_BYTES", 0)
    async with idle_office.working():
        report = await idle_office.take("workers", as_csv(person(number) for number in range(900_000, 900_020)))
    assert report.counts == (20, 0, 0)


async def test_shards_of_another_process_are_left_to_it(idle_office: Office) -> None:
    rows = [person(800_001), person(800_002, **{"Kode Wilayah": "36.73.01.1001"})]
    import_id = await idle_office.send("workers", as_csv(rows))
    engine, other = idle_office.gateway.engine, idle_office.gateway.shard("36.73")
    shard = engine.processors.pop(other)
    async with idle_office.working(), asyncio.timeout(30):
        while await parts(idle_office, import_id) < 1:
            await asyncio.sleep(0.01)
        assert (await idle_office.gateway.client.get(f"/v1/imports/{import_id}")).json()["status"] == "running"
        engine.processors[other] = shard
        assert (await idle_office.done(import_id)).counts == (2, 0, 0)
