"""The wiring of the notifier, nothing else: what it hands to the runtime, its HTTP face and its loops."""

from schemas.logs import NOTIFIER
from services.notifier.domain.decider import NotifierDecider
from services.notifier.domain.quiet import QuietHours
from services.notifier.projections.notices import NoticesProjector
from services.runtime.service import Service
from services.runtime.settings import Settings


def service(settings: Settings) -> Service:
    """The notifier as the runtime runs it."""
    quiet = QuietHours(settings.notices.quiet_from_hour, settings.notices.quiet_until_hour)
    return Service(log=NOTIFIER, decider=NotifierDecider(quiet), projector=NoticesProjector())
