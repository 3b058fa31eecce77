"""Options that many commands share, and what they mean when they are left out."""

from pathlib import Path
from typing import Annotated

import typer

from services.settings import Settings

Data = Annotated[Path | None, typer.Option(help="Folder of a running `sekul up`. [default: SEKUL_DATA or .sekul]")]
Url = Annotated[str | None, typer.Option(help="The gateway. [default: SEKUL_URL, or what runs from --data]")]
Key = Annotated[str | None, typer.Option(help="An API key. [default: SEKUL_KEY, or the operator's of --data]")]
#: the services take four ports in a row
Port = Annotated[
    int | None,
    typer.Option(min=0, max=65_532, help="The gateway's port; the others take the next three. 0: any free ones."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def data_of(data: Path | None) -> Path:
    """The data folder that was named, or that of the settings."""
    return data or Settings().data
