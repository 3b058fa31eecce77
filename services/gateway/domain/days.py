"""Commands by which time passes and operators ask for another try."""

from dataclasses import dataclass

from schemas import months
from schemas.base import ServiceName
from schemas.facts.common import DayBegan
from schemas.facts.gateway import RedriveRequested, WorkerEnded
from services.gateway.domain.command import Decided, GatewayCommand, Requirements
from services.gateway.domain.command_context import CommandContext
from services.gateway.domain.roles import Actor
from services.runtime.base.errors import Refused

#: Who acts when nobody asked: the gateway's own clockwork.
CLOCKWORK = Actor(key="clockwork", role="operator")


@dataclass(frozen=True, kw_only=True)
class BeginDay(GatewayCommand):
    """A day (`day`) begins for a shard."""

    @property
    def made_by(self) -> str:
        """The gateway's own clockwork, whoever turned a virtual clock."""
        return "service/gateway"

    def needs(self, requirements: Requirements) -> None:
        """The workers who have come of age."""
        requirements.of_age_in = max(requirements.of_age_in or "", months.of(self.day))

    def decide(self, context: CommandContext) -> Decided | Refused:
        """A day that is not after the last one is no news. Who turns 65 in a month leaves the list at its begin."""
        if context.shard_day is not None and self.day <= context.shard_day:
            return Decided([], 200, {"day": context.shard_day.isoformat()})
        ended = [
            WorkerEnded(worker=worker, reason="age", on=months.first_day(months.add(eligible_until, 1)))
            for worker, eligible_until in context.of_age
            if eligible_until < months.of(self.day)
        ]
        return Decided([DayBegan(day=self.day), *ended], 200, {"day": self.day.isoformat()})


@dataclass(frozen=True, kw_only=True)
class RequestRedrive(GatewayCommand):
    """An operator asks a service to decide its dead letters of one stream again, in order."""

    service: ServiceName
    about: str

    def decide(self, context: CommandContext) -> Decided | Refused:
        """Always taken: a service without such letters does nothing."""
        del context
        fact = RedriveRequested(about=self.about, service=self.service)
        return Decided([fact], 202, {"service": self.service, "about": self.about})
