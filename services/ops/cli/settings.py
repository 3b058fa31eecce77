"""`sekul settings`: the effective settings, secrets masked."""

from collections.abc import Iterator, Mapping
from typing import Any

import typer

from services.ops.local import settings_of, without_login
from services.ops.terminal import output
from services.ops.terminal.options import Data, Json, data_of

app = typer.Typer()


@app.command()
def settings(data: Data = None, *, json: Json = False) -> None:
    """Print the effective settings, secrets masked."""
    found = settings_of(data_of(data)).model_dump(mode="json")
    found["database"]["url"] = without_login(found["database"]["url"])
    if json:
        output.as_json(found)
        return
    for name, value in _flat(found, "SEKUL_"):
        output.line(f"{name}={value}")


def _flat(values: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name.upper()}__")
        else:
            text = ",".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
            yield f"{prefix}{name.upper()}", text
