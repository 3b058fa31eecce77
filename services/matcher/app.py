"""The wiring of the matcher, nothing else: what it hands to the runtime, and its HTTP face."""

import gc

from starlette.applications import Starlette
from starlette.types import ASGIApp

from schemas.logs import MATCHER
from services.matcher.domain.decider import MatcherDecider
from services.matcher.inbound.routes import routes
from services.matcher.projections.matching import MatchingProjector
from services.runtime.app import Background, Context
from services.runtime.internal import Guard
from services.runtime.service import Service
from services.runtime.settings import Settings


def service(settings: Settings) -> Service:  # noqa: ARG001 - matching follows from the logs alone
    """The matcher as the runtime runs it."""
    calm_collector()
    return Service(log=MATCHER, decider=MatcherDecider(), projector=MatchingProjector())


def asgi(context: Context) -> ASGIApp:
    """Questions about matching, for the other services."""
    return Guard(Starlette(routes=routes(context)), context.settings.keys.internal)


def background(context: Context) -> list[Background]:  # noqa: ARG001 - the matcher only answers
    """No loops of its own: days come as facts."""
    return []


def calm_collector() -> None:
    """Let the garbage collector look at young objects more rarely, and hardly ever at all of them.

    A shard's state is millions of objects that stay: looking through them for cycles stalls a lane for a third of a
    second each time and finds nothing.
    """
    gc.set_threshold(50_000, 20, 10_000)
