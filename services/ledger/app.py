"""The wiring of the ledger, nothing else: what it hands to the runtime, and its HTTP face."""

from starlette.applications import Starlette
from starlette.types import ASGIApp

from schemas.facts.gateway import RedriveRequested
from schemas.logs import LEDGER
from schemas.redrive import redrive_of
from services.context import Background, Context
from services.ledger.domain.decider import DECISIONS, Ledger
from services.ledger.inbound.routes import routes
from services.ledger.projections.projector import BooksProjector
from services.runtime.contract import Service
from services.runtime.process.internal_auth import Guard
from services.settings import Settings


def service(settings: Settings) -> Service:  # noqa: ARG001 - the books follow from the logs alone
    """The ledger as the runtime runs it."""
    return Service(
        log=LEDGER,
        decider=Ledger(),
        projector=BooksProjector(),
        handles=frozenset({*DECISIONS, RedriveRequested}),
        redrive=redrive_of("ledger"),
    )


def asgi(context: Context) -> ASGIApp:
    """Questions about the books, for the other services."""
    return Guard(Starlette(routes=routes(context)), context.settings.keys.internal)


def background(context: Context) -> list[Background]:  # noqa: ARG001 - the ledger only answers
    """No loops of its own: days and payments come as facts."""
    return []
