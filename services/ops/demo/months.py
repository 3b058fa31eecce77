"""One contribution month after another: billed, paid (or not), confirmed by BPJS (or not), closed.

    5th  bill        8th  prompt donors pay          12th  BPJS's receipt
    24th late donors pay                             26th  BPJS's second receipt      28th  close

In one of the months Kafka is killed by -9 while payments come in. Uses only the public API.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from schemas import months
from schemas.reference import calendar
from services.ops.demo.chance import Chance
from services.ops.demo.files import CSV
from services.ops.demo.founding import Stage, imported
from services.ops.demo.people import CITY
from services.ops.demo.screen import collected, each
from services.ops.terminal import views

_BILL, _PAY, _RECEIPT, _PAY_LATE, _RECEIPT_LATE, _CLOSE = 5, 8, 12, 24, 26, 28
_REFUSALS: Final = (
    "NIK tidak padan dengan Dukcapil",
    "Sudah terdaftar sebagai peserta penerima upah",
    "Usia di luar batas",
)
_PAY_AT_ONCE: Final = 48
#: days that a request advances: enough to save requests, few enough for the bar to move
_DAYS_AT_ONCE: Final = 4
_LEAVES: Final = {"moved": 4, "formal_job": 4, "died": 2, "withdrew": 1}
_RECEIPT_HEAD: Final = ("KODE_IURAN", "NIK", "ID_PEKERJA", "BULAN_IURAN", "IURAN", "STATUS", "KETERANGAN")
Json = dict[str, Any]


@dataclass
class Month:
    """One month while it is played."""

    stage: Stage
    month: str
    number: int
    #: remittances by id
    due: dict[str, Json] = field(default_factory=dict)
    #: the lines of each remittance: worker and rupiah
    lines: dict[str, list[tuple[str, int]]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The month's name."""
        return calendar.month_name(self.month, "en")

    def day(self, number: int) -> date:
        """A day of the month."""
        return months.first_day(self.month).replace(day=number)


async def play(stage: Stage, month: str, number: int, *, kill_kafka: bool) -> None:
    """One month from its bill to its close."""
    this = Month(stage, month, number)
    await _turn_to(this, _BILL)
    await _bill(this)
    await _turn_to(this, _PAY)
    await _pay(this, [name for name in this.due if _pays(this, name) == "prompt"], _PAY, kill_kafka=kill_kafka)
    await _turn_to(this, _RECEIPT)
    await _receipt(this, _PAY)
    await _leave(this)
    await _turn_to(this, _PAY_LATE)
    await _pay(this, [name for name in this.due if _pays(this, name) == "late"], _PAY_LATE)
    await _turn_to(this, _RECEIPT_LATE)
    await _receipt(this, _PAY_LATE)
    await _turn_to(this, _CLOSE)
    await _close(this)


async def _turn_to(this: Month, number: int) -> None:
    gateway = this.stage.gateway
    today = date.fromisoformat((await gateway.get("/v1/clock"))["day"])
    days = (this.day(number) - today).days
    if days <= 0:
        return
    with this.stage.screen.step("days pass", days) as step:
        for some in [_DAYS_AT_ONCE] * (days // _DAYS_AT_ONCE) + [days % _DAYS_AT_ONCE]:
            if some:
                await gateway.post("/v1/clock/advance", {"days": some})
                step.forward(some)
        step.result = f"to {calendar.day_name(this.day(number), 'en')}"


async def _bill(this: Month) -> None:
    stage = this.stage
    with stage.screen.step(f"{this.name} is billed") as step:
        await stage.gateway.post(f"/v1/cycles/{this.month}/bill", {"city": CITY})
        remittances = await collected(stage.gateway.all("/v1/remittances", month=this.month))
        this.due = {one["id"]: one for one in remittances}
        async for event in stage.gateway.all("/v1/events", types="bill.issued"):
            bill = event["data"]
            if bill["month"] == this.month:
                lines = [(worker, line["idr"]) for line in bill["lines"] for worker in line["workers"]]
                this.lines.setdefault(bill["remittance"], []).extend(lines)
        idr = sum(one["total_idr"] for one in remittances)
        billed = sum(one["worker_months"] for one in remittances)
        step.result = f"{billed} workers, {len(remittances)} remittances, {views.rupiah(idr)}"


def _pays(this: Month, remittance: str) -> str:
    """When the payer of a remittance pays in this month, by its habit."""
    habit = this.stage.donors[this.due[remittance]["payer"]].habit
    if habit == "stops":
        return "prompt" if this.number == 0 else "never"
    return habit


async def _pay(this: Month, names: Sequence[str], on: int, *, kill_kafka: bool = False) -> None:
    stage, paid = this.stage, 0
    with stage.screen.step(f"donors pay {this.name}{' late' if on == _PAY_LATE else ''}", len(names)) as step:

        async def pay(name: str) -> None:
            body = {"paid_on": this.day(on).isoformat(), "amount_idr": this.due[name]["total_idr"], "channel": "va"}
            await stage.gateway.post(f"/v1/remittances/{name}/payments", body)

        def another() -> None:
            nonlocal paid
            paid += 1
            step.forward()
            if kill_kafka and paid == len(names) // 2:
                stage.stack.kill("kafka")
                stage.screen.print("[red]✗[/red] Kafka is killed by -9 while payments come in")

        await each(names, pay, at_once=_PAY_AT_ONCE, after=another)
        for name in names:
            this.due[name]["paid_on"] = on
        step.result = f"{len(names)} of {len(this.due)}"
    if kill_kafka:
        with stage.screen.step("Kafka comes back and all services catch up"):
            await stage.settled()


async def _receipt(this: Month, paid_on: int) -> None:
    """BPJS's receipt: by NIK for companies, as in their files, and by worker for people."""
    stage = this.stage
    names = [name for name, one in this.due.items() if one["paid_on"] == paid_on]
    if not names:
        return
    with stage.screen.step(f"BPJS's receipt for {this.name}", len(names)) as step:
        rows = [row for rows in await each(names, lambda name: _rows(this, name), after=step.forward) for row in rows]
        outcome = await _send_receipt(this, rows)
        rejected = sum(row[5] == "DITOLAK" for row in rows)
        step.result = f"{outcome['rows']} rows, {rejected} rejected by BPJS"


async def _rows(this: Month, name: str) -> list[list[str]]:
    remittance = this.due[name]
    pay_code, month = remittance["pay_code"], this.month
    if this.stage.donors[remittance["payer"]].company is not None:
        file = await this.stage.gateway.file(f"/v1/remittances/{name}/file", format="csv")
        lines = list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"))))
        rows = [[pay_code, line["NIK"], "", month, line["IURAN"]] for line in lines]
    else:
        rows = [[pay_code, "", worker, month, str(idr)] for worker, idr in this.lines[name]]
    return [row + _verdict(this, index, name) for index, row in enumerate(rows)]


def _verdict(this: Month, index: int, name: str) -> list[str]:
    """One in fifty is rejected."""
    payer = list(this.stage.donors).index(this.due[name]["payer"])
    chance = Chance(this.stage.seed, "receipt", this.month, payer, index)
    return ["DITOLAK", chance.one(_REFUSALS)] if chance.percent(2) else ["BERHASIL", ""]


async def _send_receipt(this: Month, rows: Sequence[Sequence[str]]) -> Json:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow(_RECEIPT_HEAD)
    writer.writerows(rows)
    gateway = this.stage.gateway
    sent = await gateway.upload("/v1/imports/receipts", out.getvalue().encode(), CSV)
    outcome = await imported(gateway, sent["id"], _silent)
    if outcome["refused"]:
        report = (await gateway.file(f"/v1/imports/{sent['id']}/report")).decode()
        refused = [line for line in report.splitlines() if ",refused," in line]
        raise RuntimeError(f"{outcome['refused']} rows of a receipt were refused, such as: {refused[0]}")
    return outcome


def _silent(_number: int) -> None:
    """The rows were counted already."""


async def _leave(this: Month) -> None:
    """Some workers die, move, or find a formal job; in the second month one asks for erasure."""
    stage = this.stage
    chance = Chance(stage.seed, "leave", this.month)
    listed = [one["id"] async for one in stage.gateway.all("/v1/workers") if one["status"] != "ended"]
    leaving = chance.some(listed, max(2, stage.workers * 15 // 1000))
    with stage.screen.step("workers leave", len(leaving)) as step:

        async def leave(worker: str) -> None:
            body = {"reason": chance.weighed(_LEAVES), "on": this.day(_RECEIPT).isoformat()}
            await stage.gateway.post(f"/v1/workers/{worker}/end", body)

        await each(leaving, leave, after=step.forward)
        step.result = f"{len(leaving)}, their slots go to others"
    if this.number == 1:
        worker = chance.one([one for one in listed if one not in leaving])
        certificate = await stage.gateway.write("DELETE", f"/v1/workers/{worker}/personal-data")
        stage.screen.print(f"  one worker is erased; certificate {certificate['digest'][:16]}…")


async def _close(this: Month) -> None:
    with this.stage.screen.step(f"{this.name} is closed") as step:
        cycle = await this.stage.gateway.post(f"/v1/cycles/{this.month}/close", {"city": CITY})
        counts = cycle["worker_months"]
        step.result = ", ".join(f"{counts.get(name, 0)} {name}" for name in ("confirmed", "rejected", "unpaid"))
