"""The wiring of the notifier, nothing else: its service, internal routes and background loops."""

from starlette.applications import Starlette
from starlette.types import ASGIApp

from schemas.facts.gateway import RedriveRequested
from schemas.logs import NOTIFIER
from schemas.redrive import redrive_of
from services.context import Background, Context
from services.notifier.domain.decider import DECISIONS, NotifierDecider
from services.notifier.domain.quiet import QuietHours
from services.notifier.handlers.reports import ReportsHandler
from services.notifier.inbound.routes import routes
from services.notifier.outbound.addresses import SsrfGuard
from services.notifier.outbound.channels import Channels
from services.notifier.outbound.contacts import VaultContacts
from services.notifier.outbound.due import Due
from services.notifier.outbound.mail import Mailer
from services.notifier.outbound.messenger import PLACE, Messenger
from services.notifier.outbound.reports import Reporter
from services.notifier.outbound.sender import Sender
from services.notifier.outbound.shards import CommitSignal, EngineShards
from services.notifier.outbound.webhook import WebhookCaller
from services.notifier.projections.notices import PEOPLE, NoticesProjector
from services.runtime.base.clock import SystemClock
from services.runtime.base.errors import Defect
from services.runtime.contract import Service
from services.runtime.process.internal_auth import Guard as InternalAuth
from services.runtime.vault import Vault
from services.settings import Notices, Settings


def service(settings: Settings) -> Service:
    """The notifier as the runtime runs it."""
    return Service(
        log=NOTIFIER,
        decider=NotifierDecider(_quiet(settings.notices)),
        projector=NoticesProjector(),
        handler=ReportsHandler(),
        listeners=(CommitSignal(),),
        handles=frozenset({*DECISIONS, RedriveRequested, *PEOPLE}),
        redrive=redrive_of("notifier"),
    )


def asgi(context: Context) -> ASGIApp:
    """The internal routes."""
    keys = context.settings.keys
    app = Starlette(routes=routes(context.pool, VaultContacts(Vault(keys), context.pool)))
    return InternalAuth(app, keys.internal)


def background(context: Context) -> list[Background]:
    """The sender."""
    return [sender(context).run]


def sender(context: Context) -> Sender:
    """The sender of this process. Raises `Defect` when a channel is in use and its server is not named."""
    check(context.settings.notices)
    settings, keys = context.settings.notices, context.settings.keys
    (signal,) = [one for one in context.engine.service.listeners if isinstance(one, CommitSignal)]
    # Receivers compare the times on mails and signatures with their own clock, so these are never virtual.
    world = SystemClock()
    channels = Channels(
        mailer=Mailer(settings, world),
        messenger=Messenger(settings.messenger_url.get_secret_value()),
        caller=WebhookCaller(SsrfGuard(private_allowed=settings.webhook_private_addresses), world),
        unsubscribe_url=settings.unsubscribe_url,
        key=keys.lookup,
    )
    return Sender(
        due=Due(context.pool, VaultContacts(Vault(keys), context.pool), settings.channels, _quiet(settings)),
        shards=EngineShards(context.engine),
        channels=channels,
        reporter=Reporter(context.clock, _quiet(settings), settings.attempts_max),
        wake=signal.due,
    )


def check(settings: Notices) -> None:
    """Refuse, at the start and not at the first notice, settings with which a channel cannot work."""
    if "email" in settings.channels and not settings.smtp_host:
        raise Defect("notices.smtp_host", "e-mail is among the channels; set SEKUL_NOTICES__SMTP_HOST as well")
    if "messenger" in settings.channels and PLACE not in settings.messenger_url.get_secret_value():
        raise Defect(
            "notices.messenger_url",
            f"messenger is among the channels; set SEKUL_NOTICES__MESSENGER_URL, an Apprise address with {PLACE} in it",
        )


def _quiet(settings: Notices) -> QuietHours:
    return QuietHours(settings.quiet_from_hour, settings.quiet_until_hour)
