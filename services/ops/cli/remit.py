"""`sekul remit`: remittances are listed, written as files for payment, and recorded as paid.

Must not write a file that holds people's data anywhere but where the command says, readable by its owner alone.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from services.ops.client import Gateway
from services.ops.terminal import output, views
from services.ops.terminal.api import call
from services.ops.terminal.options import Data, Json, Key, Url

app = typer.Typer(no_args_is_help=True, help="Remittances: list, export, pay.")
Remittance = Annotated[str, typer.Argument(metavar="ID", help="The remittance, rem_...")]
Month = Annotated[str | None, typer.Option(help="Of one month, like 2026-12.")]


@app.command("list")
def list_remittances(
    month: Month = None, url: Url = None, key: Key = None, data: Data = None, *, json: Json = False
) -> None:
    """List what payers owe BPJS or have paid."""

    async def collected(gateway: Gateway) -> list[dict[str, Any]]:
        return [one async for one in gateway.all("/v1/remittances", month=month)]

    found = call(url, key, data, collected)
    if json:
        output.as_json(found)
        return
    rows = [
        (
            *(one["id"], views.month(one["month"]), one["pay_code"], one["worker_months"]),
            *(views.rupiah(one["total_idr"]), one["due_on"], one["state"]),
        )
        for one in found
    ]
    output.table(("id", "month", "pay code", "workers", "iuran", "due on", "state"), rows, right=(3, 4))


@app.command()
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
    """Write the file by which a remittance is paid; reading the people's data in it is audited."""

    async def fetched(gateway: Gateway) -> tuple[dict[str, Any], bytes]:
        shown = await gateway.get(f"/v1/remittances/{name}")
        return shown, await gateway.file(f"/v1/remittances/{name}/file", format=form, columns=columns)

    remittance, content = call(url, key, data, fetched)
    place = out or Path(f"{remittance['month']}_{remittance['pay_code']}.{form}")
    place.touch(mode=0o600)
    place.write_bytes(content)
    idr = views.rupiah(remittance["total_idr"])
    output.line(f"{place}  {remittance['worker_months']} workers, {idr}, pay code {remittance['pay_code']}")


@app.command()
def pay(
    name: Remittance,
    on: Annotated[str, typer.Option(help="The day of payment, like 2026-12-10.")],
    amount: Annotated[int, typer.Option(help="The amount paid, in rupiah.")],
    channel: Annotated[str, typer.Option(help="The channel of payment.")] = "va",
    url: Url = None,
    key: Key = None,
    data: Data = None,
    *,
    json: Json = False,
) -> None:
    """Record that a remittance was paid. Exit code 1 if the amount does not fit."""
    body = {"paid_on": on, "amount_idr": amount, "channel": channel}
    answer = call(url, key, data, lambda gateway: gateway.post(f"/v1/remittances/{name}/payments", body))
    if json:
        output.as_json(answer)
    else:
        word = "fits" if answer["fits"] else f"does not fit: {views.rupiah(answer['due_idr'])} are due"
        output.line(f"{answer['remittance']}  {views.rupiah(answer['amount_idr'])} {word}")
    raise typer.Exit(0 if answer["fits"] else 1)
