"""`sekul up`: everything on one machine."""

import asyncio
from typing import Annotated, Literal

import typer

from services.ops import supervisor
from services.ops.supervisor import Wanted
from services.ops.terminal.options import Data, Port, data_of
from services.ops.terminal.output import note

app = typer.Typer()


@app.command()
def up(
    data: Data = None,
    port: Port = None,
    kafka: Annotated[str | None, typer.Option(help="Brokers elsewhere, host:port, comma between.")] = None,
    database: Annotated[str | None, typer.Option(help="PostgreSQL elsewhere, with its owner's login.")] = None,
    clock: Annotated[
        Literal["system", "virtual"] | None, typer.Option(help="virtual: days pass by `POST /v1/clock/advance` only.")
    ] = None,
) -> None:
    """Run all services on this machine, by default with an Apache Kafka and a PostgreSQL of their own."""
    wanted = Wanted(data=data_of(data), port=port, kafka=kafka, database=database, clock=clock)
    asyncio.run(supervisor.up(wanted, note))
