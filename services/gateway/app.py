"""The wiring of the gateway, nothing else: what it hands to the runtime, its HTTP face and its loops."""

from functools import partial
from typing import cast

from starlette.types import ASGIApp

from schemas.logs import GATEWAY
from services.gateway.api.api_keys import Keyring
from services.gateway.api.app import api, served
from services.gateway.api.app_state import Face
from services.gateway.api.rate_limits import Limiter
from services.gateway.domain.state import GatewayDecider
from services.gateway.handlers.batch import GatewayHandler
from services.gateway.imports.runner import Runner
from services.gateway.inbound.days import Ticker, sweep
from services.gateway.inbound.fact_waiter import Arrivals
from services.gateway.inbound.live import Live
from services.gateway.outbound.peers import Peers
from services.gateway.projections.projector import GatewayProjector
from services.runtime.base.settings import Settings
from services.runtime.contract import Service
from services.runtime.process.app import Background, Context
from services.runtime.vault import Vault
from services.runtime.vault.rotation import rotate

_FACE = "face"
_RUNNER = "runner"


def service(settings: Settings) -> Service:
    """The gateway as the runtime runs it."""
    return Service(
        log=GATEWAY,
        decider=GatewayDecider(),
        projector=GatewayProjector(),
        handler=GatewayHandler(Vault(settings.keys)),
        listeners=(Live(), Arrivals()),
        keeps_inbox=True,
    )


def asgi(context: Context) -> ASGIApp:
    """The public API."""
    return served(api(face(context)), face(context))


def background(context: Context) -> list[Background]:
    """Days, where the clock is the machine's; imports; old answers swept; keys turned over; the connections' end."""

    async def swept() -> None:
        try:
            await sweep(context)
        finally:
            await face(context).peers.close()

    ticker = [Ticker(context).run] if context.settings.clock == "system" else []
    return [*ticker, swept, runner(context), partial(rotate, context.pool, face(context).vault)]


def face(context: Context) -> Face:
    """What all routes share; made once for a context."""
    if _FACE not in context.shared:
        context.shared[_FACE] = _face(context)
    return cast("Face", context.shared[_FACE])


def runner(context: Context) -> Runner:
    """The loop that works imports off; made once for a context."""
    if _RUNNER not in context.shared:
        context.shared[_RUNNER] = Runner(context, face(context).vault, face(context).peers)
    return cast("Runner", context.shared[_RUNNER])


def _face(context: Context) -> Face:
    settings, listeners = context.settings, context.engine.service.listeners
    return Face(
        context=context,
        vault=Vault(settings.keys),
        keyring=Keyring(settings, context.pool),
        limiter=Limiter(settings.http.requests_per_minute),
        peers=Peers(settings),
        live=next(one for one in listeners if isinstance(one, Live)),
        arrivals=next(one for one in listeners if isinstance(one, Arrivals)),
    )
