"""Commands about the data of persons, workers and donors alike: it is read, erased, and used as they prefer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from schemas.facts.gateway import PersonErased, PersonRead, PreferencesSet
from schemas.languages import Language
from services.gateway.domain.command import Decided, GatewayCommand, Requirements
from services.gateway.domain.command_context import CommandContext
from services.gateway.domain.roles import Actor
from services.runtime.base.errors import Refused

Channel = Literal["mailbox", "email", "messenger", "webhook"]


def unknown_person(context: CommandContext, actor: Actor, person: str) -> Refused | None:
    """Why a person does not exist for an actor, if so: nobody has this id, or it is out of sight."""
    if person.startswith("don_"):
        known = person in context.donors and actor.sees_donor(person)
        return None if known else Refused("donor.unknown", f"there is no donor {person}")
    row = context.workers.get(person)
    if row is None or not actor.sees_area(row.area):
        return Refused("worker.unknown", f"there is no worker {person}")
    return None


def want_person(requirements: Requirements, person: str) -> None:
    """Ask for a worker or a donor, as the id says."""
    if person.startswith("don_"):
        requirements.donor(person)
    else:
        requirements.worker(person)


@dataclass(frozen=True, kw_only=True)
class ReadPersons(GatewayCommand):
    """Somebody is about to see personal data: the audit comes first, then the sight."""

    persons: Sequence[str]
    fields: tuple[str, ...]

    def decide(self, context: CommandContext) -> Decided | Refused:
        """One fact for each person; whether the actor may see them is asked where they are found."""
        del context
        facts = [
            PersonRead(person=person, actor=self.actor.key, role=self.actor.role, fields=self.fields)
            for person in self.persons
        ]
        return Decided(facts, 200, {})


@dataclass(frozen=True, kw_only=True)
class ErasePerson(GatewayCommand):
    """A person's data is to be made unreadable for ever."""

    person: str

    def needs(self, requirements: Requirements) -> None:
        """The person, and that the key be destroyed."""
        want_person(requirements, self.person)
        requirements.erasures[self.person] = self.at

    def decide(self, context: CommandContext) -> Decided | Refused:
        """The certificate; asked again, the same certificate and no further fact."""
        unknown = unknown_person(context, self.actor, self.person)
        certificate = context.certificates.get(self.person)
        if unknown or certificate is None:
            return unknown or Refused("worker.unknown", f"there is no data of {self.person}")
        row = context.donors.get(self.person) or context.workers[self.person]
        facts = [] if row.erased else [PersonErased(person=self.person, certificate=certificate["digest"])]
        return Decided(facts, 200, certificate)


@dataclass(frozen=True, kw_only=True)
class SetPreferences(GatewayCommand):
    """A person chooses the language, the channels, and whether to receive notices at all."""

    person: str
    language: Language | None
    opted_out: bool
    channels: tuple[Channel, ...] | None

    def needs(self, requirements: Requirements) -> None:
        """The person."""
        want_person(requirements, self.person)

    def decide(self, context: CommandContext) -> Decided | Refused:
        """Accepted for every known person."""
        unknown = unknown_person(context, self.actor, self.person)
        if unknown:
            return unknown
        fact = PreferencesSet(
            person=self.person, language=self.language, opted_out=self.opted_out, channels=self.channels
        )
        channels = None if self.channels is None else list(self.channels)
        body = {
            "id": self.person,
            "language": self.language,
            "opted_out": self.opted_out,
            "channels": channels,
        }
        return Decided([fact], 200, body)
