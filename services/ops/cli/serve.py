"""`sekul serve NAME`: one service as one process, for containers and for `sekul up`."""

import errno
import socket
from typing import Annotated

import typer
import uvloop

from schemas.logs import ServiceName
from services.ops.database import away
from services.ops.serve import serve as run
from services.runtime.base.errors import Defect
from services.runtime.base.postgres import is_away
from services.settings import Settings

app = typer.Typer()


@app.command()
def serve(name: Annotated[ServiceName, typer.Argument(help="Which service.")]) -> None:
    """Run one service until SIGTERM; it drains before it ends."""
    settings = Settings()
    _need_key(settings)
    _need_port(settings.http.host, settings.http.port_of(name), name)
    try:
        uvloop.run(run(name, settings))
    except Exception as error:
        if not is_away(error):
            raise
        raise away(settings.database.url, error) from error


def _need_key(settings: Settings) -> None:
    try:
        settings.keys  # noqa: B018 - read here, so that a wrong one fails at once
    except ValueError as error:
        raise Defect("key.master", str(error)) from None


def _need_port(host: str, port: int, name: ServiceName) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            fix = f"stop the program that listens there, or set SEKUL_HTTP__{name.upper()}_PORT"
            raise Defect("port.taken", f"port {port}, for the {name}, is in use; {fix}") from None
