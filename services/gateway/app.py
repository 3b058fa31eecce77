"""The wiring of the gateway, nothing else: what it hands to the runtime, its HTTP face and its loops."""

from functools import partial
from typing import cast

from starlette.types import ASGIApp

from schemas.logs import GATEWAY
from schemas.redrive import redrive_of
from services.gateway.api.api_keys import Keyring
from services.gateway.api.app import api, served
from services.gateway.api.app_state import Face
from services.gateway.api.rate_limits import Limiter
from services.gateway.domain.command import GatewayCommand
from services.gateway.domain.state import GatewayDecider
from services.gateway.handlers.batch import GatewayHandler
from services.gateway.handlers.dispatch import Dispatch
from services.gateway.imports.command import ImportCommand
from services.gateway.imports.handler import ImportHandler
from services.gateway.imports.runner import ImportRunner
from services.gateway.inbound.days import Ticker, database_clock, sweep
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


def service(settings: Settings) -> Service:
    """The gateway as the runtime runs it."""
    vault = Vault(settings.keys)
    return Service(
        log=GATEWAY,
        decider=GatewayDecider(),
        projector=GatewayProjector(),
        handler=Dispatch({GatewayCommand: GatewayHandler(vault), ImportCommand: ImportHandler(vault)}),
        listeners=(Live(), Arrivals()),
        keeps_inbox=True,
        redrive=redrive_of("gateway"),
    )


def asgi(context: Context) -> ASGIApp:
    """The public API."""
    return served(api(face(context)), face(context))


def background(context: Context) -> list[Background]:
    """The loops: days (with the system clock), imports, the sweep of old answers, key rotation."""

    async def swept() -> None:
        try:
            await sweep(context)
        finally:
            await face(context).peers.close()

    witness = partial(database_clock, context.pool)
    ticker = [Ticker(context, witness).run] if context.settings.clock == "system" else []
    return [*ticker, swept, import_runner(context), partial(rotate, context.pool, face(context).vault)]


def face(context: Context) -> Face:
    """What all routes share; made once for a context."""
    if _FACE not in context.shared:
        context.shared[_FACE] = _face(context)
    return cast("Face", context.shared[_FACE])


def import_runner(context: Context) -> ImportRunner:
    """The background loop of imports."""
    shared = face(context)
    return ImportRunner(context, shared.vault, shared.peers, shared.import_arrived)


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
