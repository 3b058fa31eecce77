"""What every service process shares: its context, and what a service's `app.py` must offer.

A service's `app.py` is wiring, nothing else:

    def service(settings: Settings) -> Service            decider, projector, handler, listeners
    def asgi(context: Context) -> ASGIApp                 its HTTP face, health routes aside
    def background(context: Context) -> list[Background]  loops beside the shards (senders, tickers, imports)

The composition root that calls them is `services/ops/serve.py`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.runtime.base.clock import Clock
from services.runtime.base.postgres import Pool
from services.runtime.process.engine import Engine
from services.settings import Settings

#: A loop that runs until it is cancelled; when it raises, the process stops loudly.
Background = Callable[[], Awaitable[None]]


@dataclass(frozen=True, eq=False)
class Context:
    """What a service's HTTP face and loops may use. `pool` sees the service's own schema only."""

    settings: Settings
    pool: Pool
    engine: Engine
    clock: Clock
