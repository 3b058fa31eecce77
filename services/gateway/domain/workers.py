"""Commands about workers: they are put on the list, and they leave it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from schemas import months
from schemas.facts.gateway import Consent, EndReason, WorkerEnded, WorkerRegistered
from schemas.reference import regions
from services.gateway.domain.command import Decided, GatewayCommand, Requirements
from services.gateway.domain.command_context import CommandContext
from services.gateway.domain.people import unknown_person
from services.runtime.base.errors import Refused
from services.runtime.vault import Sealed

#: The words to which workers agree now; other words need another version.
CONSENT_TEXT: Final = "consent.v1"


def registration(
    worker: str,
    area: str,
    occupation: str,
    band: int,
    eligible_until: str,
    consent_by: Literal["self", "rt"],
    consent_at: datetime,
    witness: str | None = None,
) -> WorkerRegistered:
    """The fact that puts a worker on the list."""
    return WorkerRegistered(
        worker=worker,
        city=regions.city_of(area),
        area=area,
        occupation=occupation,
        band=band,
        eligible_until=eligible_until,
        consent=Consent(by=consent_by, given_at=consent_at, text_version=CONSENT_TEXT, witness=witness),
    )


@dataclass(frozen=True, kw_only=True)
class RegisterWorker(GatewayCommand):
    """A worker without protection is put on the list. `worker` is the id if the NIK is new; `sealed` the data then."""

    worker: str
    nik: str
    area: str
    occupation: str
    band: int
    eligible_until: str
    consent_by: Literal["self", "rt"]
    consent_at: datetime
    consent_witness: str | None = None
    sealed: Sealed

    def needs(self, requirements: Requirements) -> None:
        """Who holds the NIK."""
        requirements.claim(self.nik, self.worker)

    def decide(self, context: CommandContext) -> Decided | Refused:
        """A new worker; or, for a NIK that is known, the worker who has it and nothing else."""
        holder = context.owners[self.nik]
        if holder != self.worker:
            row = context.workers.get(holder)
            status = row.status(months.of(self.day)) if row else "waiting"
            return Decided([], 200, {"id": holder, "status": status})
        fact = registration(
            self.worker,
            self.area,
            self.occupation,
            self.band,
            self.eligible_until,
            self.consent_by,
            self.consent_at,
            self.consent_witness,
        )
        return Decided([fact], 201, {"id": self.worker, "status": "waiting"}, stores=[self.sealed])


@dataclass(frozen=True, kw_only=True)
class EndWorker(GatewayCommand):
    """A worker needs or may have no sponsor any longer."""

    worker: str
    reason: EndReason
    on: date

    def needs(self, requirements: Requirements) -> None:
        """The worker."""
        requirements.worker(self.worker)

    def decide(self, context: CommandContext) -> Decided | Refused:
        """Accepted once; the same reason again is answered with the date on record, another one is refused."""
        unknown = unknown_person(context, self.actor, self.worker)
        if unknown:
            return unknown
        row = context.workers[self.worker]
        on = row.ended_on if row.ended_reason == self.reason and row.ended_on else self.on
        answer = {"id": self.worker, "status": "ended", "reason": self.reason, "on": on.isoformat()}
        if row.ended_reason == self.reason:
            return Decided([], 200, answer)
        if row.gone:
            why = row.ended_reason or "erased"
            return Refused("worker.already_ended", f"worker {self.worker} has left the list already ({why})")
        return Decided([WorkerEnded(worker=self.worker, reason=self.reason, on=self.on)], 200, answer)
