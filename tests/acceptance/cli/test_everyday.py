"""The everyday work by commands: a list is imported, a pledge is made, a month is billed, paid, confirmed, closed."""

import asyncio
import csv
import io
import signal
from pathlib import Path
from typing import Any

import pytest

from services.ops.client import Gateway
from services.ops.demo import people
from tests.acceptance.cli.conftest import Sekul, output_of, settled

MONTH = "2026-12"
AREA = "36.72.01"


@pytest.fixture(scope="module")
async def story(sekul: Sekul, gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What happened, by the output of the commands that did it."""
    folder: Path = tmp_path_factory.mktemp("files")
    done: dict[str, Any] = {}
    here = [one for one in people.workers(3, 200) if one.kelurahan.startswith(AREA)][:4]
    done["niks"] = [one.nik for one in here]
    lines = [f"{one.nik};{one.name};{one.born:%d/%m/%Y};{one.kelurahan};{one.occupation}" for one in here]
    lines[3] = lines[3][1:]
    workers = folder / "rt.csv"
    workers.write_text("\n".join(["NIK;Nama;Tgl Lahir;Kode Wilayah;Pekerjaan", *lines]), encoding="utf-8")
    done["imported"] = await sekul("workers", "import", str(workers), "--report", str(folder / "report.csv"))
    done["report"] = (folder / "report.csv").read_text(encoding="utf-8")
    donor = {"kind": "company", "name": "PT Contoh", "language": "id"}
    done["donor"] = (await gateway.post("/v1/donors", donor))["id"]
    await settled(gateway)
    terms = ("--donor", done["donor"], "--slots", "2", "--starts", MONTH, "--area", AREA)
    done["preview"] = await sekul.json("pledge", "preview", *terms)
    done["pledge"] = await sekul.json("pledge", "submit", *terms)
    await settled(gateway)
    await gateway.post("/v1/clock/advance", {"days": 10})
    done["billed"] = await sekul.json("cycle", "bill", MONTH)
    (done["remittance"],) = await sekul.json("remit", "list", "--month", MONTH)
    done["refused_close"] = await sekul("cycle", "close", MONTH)
    done["file"] = folder / "remittance.csv"
    done["exported"] = await sekul("remit", "export", done["remittance"]["id"], "--out", str(done["file"]))
    await _pay_and_confirm(sekul, done, folder)
    done["closed"] = await sekul.json("cycle", "close", MONTH)
    await settled(gateway)
    return done


async def _pay_and_confirm(sekul: Sekul, done: dict[str, Any], folder: Path) -> None:
    remittance = done["remittance"]
    paid = ("--on", "2026-12-04", "--amount", str(remittance["total_idr"]))
    done["underpaid"] = await sekul("remit", "pay", remittance["id"], "--on", "2026-12-04", "--amount", "1")
    done["paid"] = await sekul("remit", "pay", remittance["id"], *paid)
    rows = list(csv.DictReader(io.StringIO(done["file"].read_text(encoding="utf-8-sig"))))
    receipt = folder / "bpjs.csv"
    lines = [f"{remittance['pay_code']};{row['NIK']};{row['IURAN']};BERHASIL" for row in rows]
    receipt.write_text("\n".join(["KODE_IURAN;NIK;IURAN;STATUS", *lines]), encoding="utf-8")
    done["receipt"] = await sekul.json("receipts", "import", str(receipt))


def test_an_import_reports_the_outcome_of_each_row(story: dict[str, Any]) -> None:
    assert story["imported"].code == 1, "a row was refused"
    assert "4 rows, 3 accepted, 1 refused, 0 duplicates" in story["imported"].out
    assert "nik.not_16_digits" in story["imported"].out
    assert [line.split(",")[1] for line in story["report"].splitlines()] == ["outcome", *["accepted"] * 3, "refused"]


def test_a_preview_shows_what_a_pledge_would_change(story: dict[str, Any]) -> None:
    assert (story["preview"]["slots"], story["preview"]["fills"]) == (2, 2)


def test_a_pledge_is_made_with_its_quote(story: dict[str, Any]) -> None:
    assert story["pledge"]["id"].startswith("plg_")
    assert story["pledge"]["quote"]["total_idr"] == 2 * (8_400 + 11 * 16_800)


async def test_a_pledge_is_shown_with_months_by_name_and_rupiah_in_words_of_here(
    sekul: Sekul, story: dict[str, Any]
) -> None:
    shown = await sekul("pledge", "show", story["pledge"]["id"])
    assert shown.code == 0
    assert "2 of 2 slots filled, December 2026 to November 2027" in shown.out
    assert "Rp16.800" in shown.out


def test_a_month_is_billed(story: dict[str, Any]) -> None:
    assert (story["billed"]["state"], story["billed"]["worker_months"]["billed"]) == ("billed", 2)


def test_a_close_with_open_exceptions_is_refused_and_lists_them(story: dict[str, Any]) -> None:
    assert story["refused_close"].code == 1
    assert "keep 2026-12 open" in story["refused_close"].err
    assert story["remittance"]["id"] in story["refused_close"].out


def test_a_remittance_file_is_for_its_owner_alone(story: dict[str, Any]) -> None:
    assert story["exported"].code == 0
    assert story["file"].stat().st_mode & 0o077 == 0
    assert sum(nik in story["file"].read_text(encoding="utf-8-sig") for nik in story["niks"]) == 2


def test_a_payment_that_does_not_fit_is_reported(story: dict[str, Any]) -> None:
    assert story["underpaid"].code == 1
    assert "Rp1 does not fit: Rp16.800 are due" in story["underpaid"].out
    assert story["paid"].code == 0


def test_a_receipt_confirms_the_month(story: dict[str, Any]) -> None:
    assert (story["receipt"]["accepted"], story["receipt"]["refused"]) == (2, 0)
    assert (story["closed"]["state"], story["closed"]["worker_months"]["confirmed"]) == ("closed", 2)


async def test_the_coverage_board_shows_how_far_the_kecamatan_is(sekul: Sekul, story: dict[str, Any]) -> None:
    del story
    board = await sekul("coverage", "--month", MONTH)
    line = next(line for line in board.out.splitlines() if line.startswith("Cibeber"))
    assert line.split()[1:5] == ["3", "2", "2", "66%"]
    assert "┃" in line


async def test_why_a_worker_waits_is_explained(sekul: Sekul, gateway: Gateway, story: dict[str, Any]) -> None:
    del story
    waiting = [one["id"] async for one in gateway.all("/v1/workers") if one["status"] == "waiting"]
    ended = await sekul("explain", "worker", waiting[0])
    assert ended.code == 0
    assert ended.out.startswith("waiting\n  because ")


async def test_why_a_pledge_is_full_is_explained(sekul: Sekul, story: dict[str, Any]) -> None:
    ended = await sekul.json("explain", "pledge", story["pledge"]["id"])
    assert ended["why"][0]["code"] == "slots.filled"


async def test_past_facts_are_printed_in_one_readable_line_each(sekul: Sekul, story: dict[str, Any]) -> None:
    del story
    lines = await _watched(sekul, 1, "--since", "start", "--type", "cycle.closed", "--language", "id")
    assert "ledger   cycle.closed" in lines[0]
    assert "Desember 2026" in lines[0]


async def test_facts_are_printed_as_they_happen(sekul: Sekul, gateway: Gateway, story: dict[str, Any]) -> None:
    del story
    watching = await sekul.start("watch", "--type", "day.began", "--json")
    assert watching.stdout is not None
    seen = asyncio.create_task(watching.stdout.readline())
    async with asyncio.timeout(60):
        while not seen.done():
            await gateway.post("/v1/clock/advance", {"days": 1})
            await asyncio.wait([seen], timeout=1)
    assert b'"type":"sekul.day.began.v1"' in seen.result()
    watching.send_signal(signal.SIGINT)
    await output_of(watching)
    assert watching.returncode == 0


async def _watched(sekul: Sekul, number: int, *words: str) -> list[str]:
    watching = await sekul.start("watch", *words)
    assert watching.stdout is not None
    async with asyncio.timeout(60):
        lines = [(await watching.stdout.readline()).decode() for _ in range(number)]
    watching.kill()
    await output_of(watching)
    return lines


async def test_a_key_that_was_made_opens_what_its_role_may_see(sekul: Sekul, story: dict[str, Any]) -> None:
    made = await sekul.json("keys", "create", "--role", "donor", "--donor", story["donor"])
    assert (await sekul("pledge", "show", story["pledge"]["id"], "--key", made["key"])).code == 0
    refused = await sekul("keys", "create", "--role", "auditor", "--key", made["key"])
    assert (refused.code, "role.forbidden" in refused.err) == (1, True)


async def test_a_pledge_is_cancelled(sekul: Sekul, story: dict[str, Any]) -> None:
    ended = await sekul("pledge", "cancel", story["pledge"]["id"], "--from", "2027-06")
    assert (ended.code, "cancelled from June 2027 on" in ended.out) == (0, True)


async def test_dead_letters_are_listed_even_when_there_are_none(sekul: Sekul) -> None:
    assert (await sekul("deadletters", "list")).out == "no dead letters\n"
    refused = await sekul("deadletters", "redrive", "plg_nothing", "--service", "ledger")
    assert (refused.code, "dead_letter.unknown" in refused.err) == (1, True)


async def test_the_doctor_finds_a_running_system_healthy(sekul: Sekul) -> None:
    ended = await sekul.json("doctor")
    assert {one["what"] for one in ended if one["state"] == "good"} >= {"Kafka", "PostgreSQL", "gateway", "notifier"}
