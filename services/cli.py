"""`sekul`, the one command line. Only assembles: each command lies in a module of `services/ops/cli`.

Promises exit code 0 for done, 1 for refused or not verified, 2 for wrong usage, and one line instead of a traceback
for whatever can be foreseen. A module is loaded when its command is called, so that services start fast.
"""

import sys
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_group

#: each command and the module that has it, in the order of `sekul --help`
_HOMES: Final = {
    "demo": "playing",
    "up": "running",
    "serve": "serving",
    "migrate": "running",
    "pledge": "pledges",
    "workers": "files",
    "receipts": "files",
    "remit": "files",
    "cycle": "cycles",
    "coverage": "looking_up",
    "explain": "looking_up",
    "watch": "watching",
    "keys": "operating",
    "deadletters": "operating",
    "verify": "proving",
    "export": "proving",
    "rebuild": "proving",
    "settings": "looking",
    "doctor": "looking",
    "schemas": "looking",
}


class _Lazy(TyperGroup):
    """Looks a command up in its module when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(_HOMES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        home = _HOMES.get(cmd_name)
        if home is None:
            return None
        commands: typer.Typer = import_module(f"services.ops.cli.{home}").commands
        return get_group(commands).get_command(ctx, cmd_name)


app = typer.Typer(
    name="sekul",
    cls=_Lazy,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def sekul() -> None:
    """Gemet Sekul: donors pay the accident and death insurance of informal workers, and every link is proved."""


def main() -> None:
    """Run the command of this process's arguments."""
    try:
        app()
    except Exception as error:
        said = import_module("services.ops.cli.errors").said(error)
        if said is None:
            raise
        sys.stderr.write(f"{said}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
