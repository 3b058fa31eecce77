"""Bodies about cycles, remittances, payments, keys, days and dead letters."""

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from schemas.base import (
    Area,
    City,
    Code,
    DonorId,
    ExternalId,
    KeyId,
    Month,
    PledgeId,
    RemittanceId,
    ServiceName,
    WorkerId,
)
from schemas.http.common import Answer, Body

#: the share of informal workers to be covered: a Kampung Sadar Jamsostek in every kecamatan
COVERAGE_TARGET_PERCENT: Final = 80


class NewKey(Body):
    """A key for a role; `donor` for donors, `areas` for field workers."""

    role: Literal["operator", "donor", "field", "auditor"]
    donor: DonorId | None = None
    areas: Annotated[tuple[Area, ...], Field(max_length=200)] = ()


class KeyCreated(Answer):
    """The key; shown once."""

    id: KeyId
    key: str


class CycleRequest(Body):
    """Which city; without one, all cities that have pledges."""

    city: City | None = None


class CycleAnswer(Answer):
    """A month in the books."""

    month: Month
    state: str
    worker_months: dict[str, int]
    idr: dict[str, int]
    exceptions: list[Any] | None = None


class NewPayment(Body):
    """What a payer paid to BPJS, when, and by which channel."""

    paid_on: date
    amount_idr: Annotated[int, Field(ge=1, le=10**15)]
    channel: Code
    external_id: ExternalId | None = None


class PaymentAnswer(Answer):
    """The payment as recorded. `fits`: it is the exact amount of an unpaid remittance."""

    remittance: RemittanceId
    amount_idr: int
    due_idr: int
    fits: bool


class RemittanceAnswer(Answer):
    """What one payer has to pay to BPJS for a city's month, in one go."""

    id: RemittanceId
    payer: DonorId
    city: City
    month: Month
    payment: str
    state: str
    pledges: list[PledgeId]
    worker_months: int
    total_idr: int
    pay_code: str
    due_on: date
    paid_on: date | None
    confirmed: int
    rejected: int


class MatchAnswer(Answer):
    """A slot that protects a worker, from month to month."""

    match: str
    worker: WorkerId
    pledge: PledgeId
    from_month: Month = Field(alias="from", serialization_alias="from")
    until: Month
    reason: str
    ended_reason: str | None


class AreaCoverage(Answer):
    """One area's workers, matched and covered; `share` is that of the covered, `target` the city's goal."""

    area: Area
    name: str
    workers: int
    matched: int
    covered: int
    share: float
    target: float


class CoverageAnswer(Answer):
    """Cover per area in a month."""

    month: Month
    level: str
    areas: list[AreaCoverage]


class Advance(Body):
    """How many days to turn the virtual clock."""

    days: Annotated[int, Field(ge=1, le=366)] = 1


class ClockAnswer(Answer):
    """What the gateway's clock shows."""

    clock: Literal["system", "virtual"]
    day: date
    now: str


class Redrive(Body):
    """Which service is to decide the dead letters of which stream again."""

    service: ServiceName
    about: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]


class RedriveAnswer(Answer):
    """The redrive was requested; each dead letter's state shows the outcome."""

    service: ServiceName
    about: str
    shards: list[int]


class KeyAnswer(Answer):
    """A key, without what is secret."""

    id: str
    role: Literal["operator", "donor", "field", "auditor"]
    donor: DonorId | None
    areas: list[Area]


class KeyRevoked(Answer):
    """A key that opens nothing any more."""

    id: KeyId
    revoked: bool


class ServiceHealth(Answer):
    """One service: whether it lives, owns shards and progresses, and how many facts it has still to apply."""

    service: ServiceName
    live: bool
    ready: bool
    why: str
    owned: int
    shards: int
    head: int
    lag: dict[str, int]
    relay_lag: int
    progress_at: str | None


class HealthAnswer(Answer):
    """All services. `settled`: every service has applied all facts of the others."""

    settled: bool
    services: list[ServiceHealth]


class ProblemAnswer(Answer):
    """What a problem code means."""

    code: str
    status: int
    title: str
    mend: str


class DeadLetterAnswer(Answer):
    """An input that a service could not decode or decide."""

    service: ServiceName
    shard: int
    source: str
    source_seq: int
    about: str
    code: str
    detail: str
    at: str
    state: Literal["dead", "redriven"]
