"""`sekul workers import`, `sekul receipts import`, `sekul remit`: files in and out.

Must not write a file that holds people's data but where it was told to, readable by its owner alone.
"""

import asyncio
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from services.ops import boards
from services.ops.cli import output
from services.ops.cli.asking import ask
from services.ops.cli.options import Data, Json, Key, Url
from services.ops.client import Gateway

commands = typer.Typer()
workers = typer.Typer(no_args_is_help=True, help="Workers: import a list.")
receipts = typer.Typer(no_args_is_help=True, help="BPJS's receipts: import a file.")
remit = typer.Typer(no_args_is_help=True, help="Remittances: list, export, pay.")
for _name, _group in (("workers", workers), ("receipts", receipts), ("remit", remit)):
    commands.add_typer(_group, name=_name)

_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_POLL_S: Final = 0.25
_SHOWN: Final = 10
Source = Annotated[Path, typer.Argument(metavar="FILE", help="CSV or XLSX.", exists=True, dir_okay=False)]
Report = Annotated[Path | None, typer.Option(help="Where the row-by-row report goes.", dir_okay=False)]
Remittance = Annotated[str, typer.Argument(metavar="ID", help="The remittance, rem_...")]
Month = Annotated[str | None, typer.Option(help="Of one month, like 2026-12.")]


@workers.command("import")
def import_workers(
    file: Source,
    city: Annotated[str | None, typer.Option(help="Where names of kelurahan are looked up, like 36.72.")] = None,
    report: Report = None,
    url: Url = None,
    key: Key = None,
    data: Data = None,
    *,
    json: Json = False,
) -> None:
    """Put the workers of a list on record; each refused row is told with its reason."""
    content = file.read_bytes()
    told = ask(url, key, data, lambda gateway: _import(gateway, "workers", _media(file), content, city=city))
    _told(*told, report, json=json)


@receipts.command("import")
def import_receipts(
    file: Source, report: Report = None, url: Url = None, key: Key = None, data: Data = None, *, json: Json = False
) -> None:
    """Take in BPJS's receipt, a row for each worker and month."""
    content = file.read_bytes()
    told = ask(url, key, data, lambda gateway: _import(gateway, "receipts", _media(file), content))
    _told(*told, report, json=json)


def _media(file: Path) -> str:
    return _XLSX if file.suffix.lower() in {".xlsx", ".xlsm"} else "text/csv"


async def _import(gateway: Gateway, of: str, media: str, content: bytes, **query: Any) -> tuple[dict[str, Any], bytes]:
    """Send a file, wait until it is read to its end; gives what became of it, and its report."""
    sent = await gateway.upload(f"/v1/imports/{of}", content, media, **query)
    told = await _followed(gateway, sent["id"])
    return told, await gateway.file(f"/v1/imports/{sent['id']}/report")


async def _followed(gateway: Gateway, import_id: str) -> dict[str, Any]:
    columns = (TextColumn("rows"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=output.STDERR, transient=True, disable=not output.STDERR.is_terminal) as bar:
        task = bar.add_task("", total=None)
        while True:
            told: dict[str, Any] = await gateway.get(f"/v1/imports/{import_id}")
            bar.update(task, completed=told["rows"], total=told["rows_expected"])
            if told["status"] == "done":
                return told
            await asyncio.sleep(_POLL_S)


def _told(answer: dict[str, Any], lines: bytes, report: Path | None, *, json: bool) -> None:
    if report is not None:
        report.write_bytes(lines)
    refused = [line for line in lines.decode().splitlines()[1:] if line.split(",")[1] == "refused"]
    if json:
        output.as_json(answer)
    else:
        names = ("rows", "accepted", "refused", "duplicates")
        output.line(f"{answer['id']}  " + ", ".join(f"{boards.count(answer[name])} {name}" for name in names))
        for line in refused[:_SHOWN]:
            output.line(f"  row {line}")
        if answer["refused"] > _SHOWN:
            output.line(f"  and {answer['refused'] - _SHOWN} more; --report writes all of them")
        if answer.get("problem"):
            output.line(f"the file ended before its time: {answer['problem']['detail']}")
    nothing = answer["rows"] > 0 and answer["accepted"] + answer["duplicates"] == 0
    raise typer.Exit(1 if answer.get("problem") or nothing else 0)


@remit.command("list")
def list_remittances(
    month: Month = None, url: Url = None, key: Key = None, data: Data = None, *, json: Json = False
) -> None:
    """List what payers owe BPJS or have paid."""

    async def collected(gateway: Gateway) -> list[dict[str, Any]]:
        return [one async for one in gateway.all("/v1/remittances", month=month)]

    found = ask(url, key, data, collected)
    if json:
        output.as_json(found)
        return
    rows = [
        (
            *(one["id"], boards.month(one["month"]), one["pay_code"], one["worker_months"]),
            *(boards.rupiah(one["total_idr"]), one["due_on"], one["state"]),
        )
        for one in found
    ]
    output.table(("id", "month", "pay code", "workers", "iuran", "due on", "state"), rows, right=(3, 4))


@remit.command()
def export(
    name: Remittance,
    form: Annotated[Literal["csv", "xlsx"], typer.Option("--format", help="The kind of file.")] = "csv",
    columns: Annotated[str | None, typer.Option(help="Fields and titles: nik:NIK,name:NAMA")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where it goes. [default: MONTH_PAYCODE.csv]", dir_okay=False)
    ] = None,
    url: Url = None,
    key: Key = None,
    data: Data = None,
) -> None:
    """Write the file by which a remittance is paid. It holds people's data: each is put on record as seen."""

    async def fetched(gateway: Gateway) -> tuple[dict[str, Any], bytes]:
        told = await gateway.get(f"/v1/remittances/{name}")
        return told, await gateway.file(f"/v1/remittances/{name}/file", format=form, columns=columns)

    told, content = ask(url, key, data, fetched)
    place = out or Path(f"{told['month']}_{told['pay_code']}.{form}")
    place.touch(mode=0o600)
    place.write_bytes(content)
    idr = boards.rupiah(told["total_idr"])
    output.line(f"{place}  {told['worker_months']} workers, {idr}, pay code {told['pay_code']}")


@remit.command()
def pay(
    name: Remittance,
    on: Annotated[str, typer.Option(help="The day of payment, like 2026-12-10.")],
    amount: Annotated[int, typer.Option(help="What was paid, in rupiah.")],
    channel: Annotated[str, typer.Option(help="By which channel.")] = "va",
    url: Url = None,
    key: Key = None,
    data: Data = None,
    *,
    json: Json = False,
) -> None:
    """Put on record that a remittance was paid."""
    body = {"paid_on": on, "amount_idr": amount, "channel": channel}
    answer = ask(url, key, data, lambda gateway: gateway.post(f"/v1/remittances/{name}/payments", body))
    if json:
        output.as_json(answer)
    else:
        word = "fits" if answer["fits"] else f"does not fit: {boards.rupiah(answer['due_idr'])} are due"
        output.line(f"{answer['remittance']}  {boards.rupiah(answer['amount_idr'])} {word}")
    raise typer.Exit(0 if answer["fits"] else 1)
