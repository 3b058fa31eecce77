"""`sekul`, the one command line. A command is the module of its name in `services/ops/cli`.

Promises exit code 0 for done, 1 for refused or not verified, 2 for wrong usage, and one line instead of a traceback
for every foreseeable failure. A module is loaded when its command is called, so that services start fast.
"""

import sys
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command as built

from services.ops import cli


class _Lazy(TyperGroup):
    """Loads a command's module when the command is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of the modules."""
        return [module.name for module in iter_modules(cli.__path__)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command, or `None` if there is no module of that name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command = built(import_module(f"{cli.__name__}.{cmd_name}").app)
        command.name = cmd_name
        return command


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
        message = import_module("services.ops.terminal.errors").message(error)
        if message is None:
            raise
        sys.stderr.write(f"{message}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
