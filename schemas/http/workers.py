"""Bodies about workers."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from schemas.base import Area, Code, Month, PledgeId, WorkerId
from schemas.facts.gateway import EndReason
from schemas.http.common import Answer, Body, Name, Number

WorkerState = Literal["waiting", "matched", "covered", "lapsed", "ended"]


class Consent(Body):
    """When the worker agreed, alone or before the RT; `witness` is a role's code, never a name."""

    given_at: AwareDatetime
    by: Literal["self", "rt"]
    witness: Code | None = None


class NewWorker(Body):
    """A worker without protection. NIK, name, birth date and telephone number go to the vault alone."""

    nik: Number
    name: Name
    born: date
    sex: Literal["m", "f"]
    phone: Number | None = None
    area: Area
    occupation: Code
    desil: Annotated[int, Field(ge=1, le=10)] | None = None
    consent: Consent


class WorkerCreated(Answer):
    """The worker's id: a new one (201), or the one that this NIK has already (200)."""

    id: WorkerId
    status: WorkerState


class WorkerAnswer(Answer):
    """A worker; the personal fields for a role that may see them, and each sight is on record."""

    id: WorkerId
    status: WorkerState
    area: Area
    occupation: Code
    pledge: PledgeId | None
    matched_until: Month | None
    covered_until: Month | None
    spell_months: int
    ended_reason: str | None
    name: str | None = None
    nik: str | None = None
    born: date | None = None
    sex: Literal["m", "f"] | None = None
    phone: str | None = None


class WorkerEnd(Body):
    """Why and since when a worker needs or may have no sponsor."""

    reason: EndReason
    on: date


class WorkerEndedAnswer(Answer):
    """The slot goes to another worker."""

    id: WorkerId
    status: Literal["ended"]
    reason: EndReason
    on: date


class ErasureCertificate(Answer):
    """That a person's data can no longer be read. `digest` stands in the fact `person.erased`."""

    document: str
    person: str
    erased_at: str
    ciphertext_sha256: str
    statement: str
    digest: str


class PledgeWorker(Answer):
    """One worker of a pledge, without personal data."""

    match: str
    worker: WorkerId
    area: Area
    occupation: Code
    from_month: Month = Field(alias="from", serialization_alias="from")
    until: Month
    reason: str
    ended_reason: str | None
    status: WorkerState
    covered_until: Month | None
