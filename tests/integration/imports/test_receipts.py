"""BPJS's receipts: rows find their remittance and worker, and become receipts for the ledger."""

from datetime import date

import httpx
import pytest

from schemas.facts.gateway import ReceiptReceived
from schemas.facts.ledger import ConfirmedLine, IuranConfirmed, RemittancePrepared
from tests.integration.imports.conftest import Office
from tests.support.files import as_csv, as_xlsx, person
from tests.support.ledger import an_id

REMITTANCE, PAY_CODE = an_id("rem", "first"), "361012260001"


@pytest.fixture(scope="module")
async def workers(office: Office) -> list[str]:
    """Twelve workers of Cilegon, on the list; their remittance of December is prepared."""
    report = await office.take("workers", as_csv(person(number) for number in range(12)))
    prepared = RemittancePrepared(
        remittance=REMITTANCE,
        donor=an_id("don", "baja"),
        language="id",
        city="36.72",
        month="2026-12",
        payment="direct",
        pledges=(an_id("plg", "one"),),
        workers=12,
        total_idr=12 * 16_800,
        pay_code=PAY_CODE,
        due_on=date(2026, 12, 15),
    )
    await office.gateway.tell("ledger", office.gateway.shard("36.72"), prepared)
    return [line["detail"] for line in report.lines]


def row(number: int, **changed: str) -> dict[str, str]:
    return {"KODE_IURAN": PAY_CODE, "NIK": person(number)["NIK"], "BULAN_IURAN": "2026-12", "IURAN": "16800"} | changed


async def receipts(office: Office) -> list[ReceiptReceived]:
    facts = [one.fact for one in await office.gateway.facts("receipt.received")]
    return [fact for fact in facts if isinstance(fact, ReceiptReceived)]


async def test_rows_become_one_receipt_of_their_remittance(office: Office, workers: list[str]) -> None:
    report = await office.take("receipts", as_csv(row(number) for number in (0, 1, 2)))
    assert report.counts == (3, 0, 0)
    receipt = (await receipts(office))[-1]
    assert (receipt.remittance, receipt.month) == (REMITTANCE, "2026-12")
    assert [(line.worker, line.amount_idr, line.outcome) for line in receipt.lines] == [
        (worker, 16_800, "confirmed") for worker in workers[:3]
    ]


async def test_workers_may_be_named_by_id_and_amounts_written_as_people_do(office: Office, workers: list[str]) -> None:
    named = {"ID_PEKERJA": workers[3], "IURAN": "Rp 16.800,00", "KODE_IURAN": PAY_CODE, "BULAN_IURAN": "Desember 2026"}
    report = await office.take("receipts", as_csv([named]))
    assert report.counts == (1, 0, 0)
    assert (await receipts(office))[-1].lines[0].amount_idr == 16_800


async def test_a_rejection_keeps_a_code_not_the_words(office: Office, workers: list[str]) -> None:
    await office.take("receipts", as_csv([row(4, Status="DITOLAK", Alasan="NIK Budi Santoso tidak valid di Dukcapil")]))
    line = (await receipts(office))[-1].lines[0]
    assert (line.worker, line.outcome, line.reason) == (workers[4], "rejected", "bpjs.nik")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"KODE_IURAN": "999999999999"}, "remittance.unknown"),
        ({"KODE_IURAN": "12"}, "field.form"),
        ({"NIK": "3672014101909999"}, "worker.unknown"),
        ({"NIK": "36,7E+15"}, "nik.damaged_by_spreadsheet"),
        ({"BULAN_IURAN": "2027-01"}, "month.differs"),
        ({"IURAN": "16.8"}, "field.form"),
        ({"IURAN": ""}, "field.missing"),
        ({"Status": "entahlah"}, "field.form"),
        ({"Status": ""}, "field.missing"),
    ],
)
@pytest.mark.usefixtures("workers")
async def test_a_row_is_refused_with_its_reason(office: Office, changed: dict[str, str], code: str) -> None:
    office.gateway.answers["/internal/remittances/by-pay-code/999999999999"] = httpx.Response(404, json={"code": "x"})
    report = await office.take("receipts", as_csv([row(5, **changed)]))
    assert (report.counts, report.codes) == ((0, 1, 0), [code])


@pytest.mark.usefixtures("workers")
async def test_a_pay_code_in_a_number_cell_is_as_good(office: Office) -> None:
    cells = [[int(PAY_CODE), person(6)["NIK"], 16_800]]
    report = await office.take("receipts", as_xlsx(["Kode Iuran", "NIK", "Iuran"], cells))
    assert report.counts == (1, 0, 0)


@pytest.mark.usefixtures("workers")
async def test_a_duplicate_row_is_recorded_once(office: Office) -> None:
    report = await office.take("receipts", as_csv([row(7), row(7)]))
    assert (report.counts, report.codes) == ((1, 0, 1), ["", "iuran.known"])
    assert len((await receipts(office))[-1].lines) == 1


async def test_a_contribution_that_is_confirmed_already_is_not_recorded_again(
    office: Office, workers: list[str]
) -> None:
    pledge = an_id("plg", "one")
    line = ConfirmedLine(workers=(workers[8],), pledge=pledge, idr=16_800, spell_months=1, covered_until="2026-12")
    confirmed = IuranConfirmed(
        remittance=REMITTANCE,
        receipt=an_id("rcp", 1),
        donor=an_id("don", "baja"),
        month="2026-12",
        lines=(line,),
        workers=1,
        total_idr=16_800,
    )
    await office.gateway.tell("ledger", office.gateway.shard("36.72"), confirmed)
    before = len(await receipts(office))
    report = await office.take("receipts", as_csv([row(8)]))
    assert (report.codes, len(await receipts(office))) == (["iuran.known"], before)


@pytest.mark.usefixtures("workers")
async def test_a_remittance_that_the_gateway_has_not_received_yet_is_looked_up_in_the_ledger(office: Office) -> None:
    path = "/internal/remittances/by-pay-code/361012269999"
    office.gateway.answers[path] = {"id": an_id("rem", "new"), "city": "36.72", "month": "2026-12"}
    report = await office.take("receipts", as_csv([row(9, KODE_IURAN="361012269999")]))
    assert (report.counts, (await receipts(office))[-1].remittance) == ((1, 0, 0), an_id("rem", "new"))
