"""The wiring of the matcher, nothing else: what it hands to the runtime, and its HTTP face."""

from starlette.applications import Starlette
from starlette.types import ASGIApp

from schemas.facts.gateway import RedriveRequested
from schemas.logs import MATCHER
from schemas.redrive import redrive_of
from services.context import Background, Context
from services.matcher.domain.decider import HANDLES, MatcherDecider
from services.matcher.inbound.routes import routes
from services.matcher.projections.matching import MatchingProjector
from services.runtime.contract import Service
from services.runtime.process.internal_auth import Guard
from services.settings import Settings


def service(settings: Settings) -> Service:  # noqa: ARG001 - matching follows from the logs alone
    """The matcher as the runtime runs it."""
    return Service(
        log=MATCHER,
        decider=MatcherDecider(),
        projector=MatchingProjector(),
        handles=HANDLES | {RedriveRequested},
        redrive=redrive_of("matcher"),
    )


def asgi(context: Context) -> ASGIApp:
    """Questions about matching, for the other services."""
    return Guard(Starlette(routes=routes(context)), context.settings.keys.internal)


def background(context: Context) -> list[Background]:  # noqa: ARG001 - the matcher only answers
    """No loops of its own: days come as facts."""
    return []
