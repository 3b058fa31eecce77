"""The wiring of the gateway, nothing else: what it hands to the runtime, its HTTP application and its loops."""

from functools import lru_cache, partial

from starlette.types import ASGIApp

from schemas.logs import GATEWAY
from schemas.redrive import redrive_of
from services.context import Background, Context
from services.gateway.api.api_keys import Keyring
from services.gateway.api.app import Api
from services.gateway.api.app_state import AppState
from services.gateway.api.queries.models import Models
from services.gateway.api.rate_limits import Limiter
from services.gateway.domain.command import GatewayCommand
from services.gateway.domain.state import GatewayDecider
from services.gateway.handlers.batch import GatewayHandler
from services.gateway.handlers.dispatch import Dispatch
from services.gateway.imports.command import ImportCommand
from services.gateway.imports.handler import ImportHandler
from services.gateway.imports.runner import ImportRunner
from services.gateway.inbound.commit_signal import CommitSignal
from services.gateway.inbound.days import Ticker, database_clock, sweep
from services.gateway.inbound.fact_waiter import FactWaiter
from services.gateway.outbound.peers import Peers
from services.gateway.projections.projector import GatewayProjector
from services.runtime.contract import Service
from services.runtime.vault import Vault
from services.runtime.vault.rotation import rotate
from services.settings import Settings


def service(settings: Settings) -> Service:
    """The gateway as the runtime runs it."""
    vault = Vault(settings.keys)
    return Service(
        log=GATEWAY,
        decider=GatewayDecider(),
        projector=GatewayProjector(),
        handler=Dispatch({GatewayCommand: GatewayHandler(vault), ImportCommand: ImportHandler(vault)}),
        listeners=(CommitSignal(), FactWaiter()),
        keeps_inbox=True,
        redrive=redrive_of("gateway"),
    )


def asgi(context: Context) -> ASGIApp:
    """The public API."""
    return Api(state_of(context))


def background(context: Context) -> list[Background]:
    """The loops: days (with the system clock), imports, the sweep of old answers, key rotation."""
    state = state_of(context)

    async def swept() -> None:
        try:
            await sweep(context)
        finally:
            await state.peers.close()

    witness = partial(database_clock, context.pool)
    ticker = [Ticker(context, witness).run] if context.settings.clock == "system" else []
    return [*ticker, swept, import_runner(state), partial(rotate, context.pool, state.vault)]


def import_runner(state: AppState) -> ImportRunner:
    """The background loop of imports."""
    return ImportRunner(state.context, state.vault, state.peers, state.import_arrived)


@lru_cache(maxsize=1)
def state_of(context: Context) -> AppState:
    """What routes and loops share, made once for a context."""
    return make_state(context, Peers(context.settings))


def make_state(context: Context, peers: Peers) -> AppState:
    """What routes and loops share, with these clients of the other services."""
    settings, listeners = context.settings, context.engine.service.listeners
    return AppState(
        context=context,
        vault=Vault(settings.keys),
        keyring=Keyring(settings, context.pool),
        limiter=Limiter(settings.http.requests_per_minute),
        peers=peers,
        models=Models(context.pool),
        commits=next(one for one in listeners if isinstance(one, CommitSignal)),
        facts=next(one for one in listeners if isinstance(one, FactWaiter)),
    )
