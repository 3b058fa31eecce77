"""Commands by which days begin and operators request a redrive."""

from dataclasses import dataclass

from schemas import months
from schemas.base import ServiceName
from schemas.facts.common import DayBegan
from schemas.facts.gateway import RedriveRequested, WorkerEnded
from services.gateway.domain.command import Decided, GatewayCommand, Requirements
from services.gateway.domain.command_context import CommandContext
from services.gateway.domain.roles import Actor
from services.runtime.base.errors import Refused

#: Who acts when nobody asks: the gateway's own scheduler.
CLOCKWORK = Actor(key="clockwork", role="operator")


@dataclass(frozen=True, kw_only=True)
class BeginDay(GatewayCommand):
    """A day (`day`) begins for a shard."""

    @property
    def made_by(self) -> str:
        """The gateway itself, also when an operator advances a virtual clock."""
        return "service/gateway"

    def needs(self, requirements: Requirements) -> None:
        """The workers who have aged out."""
        requirements.aged_out_by = max(requirements.aged_out_by or "", months.of(self.day))

    def decide(self, context: CommandContext) -> Decided | Refused:
        """Only a day after the last one has an effect. Who turns 65 in a month leaves the list on its first day."""
        if context.shard_day is not None and self.day <= context.shard_day:
            return Decided([], 200, {"day": context.shard_day.isoformat()})
        ended = [
            WorkerEnded(worker=worker, reason="age", on=months.first_day(months.add(eligible_until, 1)))
            for worker, eligible_until in context.aged_out
            if eligible_until < months.of(self.day)
        ]
        return Decided([DayBegan(day=self.day), *ended], 200, {"day": self.day.isoformat()})


@dataclass(frozen=True, kw_only=True)
class RequestRedrive(GatewayCommand):
    """An operator asks a service to decide its dead letters of one stream again, in order."""

    service: ServiceName
    about: str

    def decide(self, context: CommandContext) -> Decided | Refused:
        """Always accepted: a service without such dead letters does nothing."""
        del context
        fact = RedriveRequested(about=self.about, service=self.service)
        return Decided([fact], 202, {"service": self.service, "about": self.about})
