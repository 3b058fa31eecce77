"""Bodies about pledges."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Area, Code, DonorId, Month, PledgeId, WorkerId
from schemas.facts.gateway import Payment, Programme
from schemas.http.common import Answer, Body, ShortText

Slots = Annotated[int, Field(ge=1, le=1_000_000)]
Term = Annotated[int, Field(ge=6, le=60)]


class NewScope(Body):
    """Which workers a pledge may protect: areas of one city, occupations (all, when absent), or named workers."""

    areas: Annotated[tuple[Area, ...], Field(min_length=1, max_length=500)]
    occupations: Annotated[tuple[Code, ...], Field(max_length=100)] = ()
    workers: Annotated[tuple[WorkerId, ...], Field(max_length=1_000)] = ()
    near: Area | None = None


class NewPledge(Body):
    """A donor promises `slots` workers, or as many as `amount_idr` buys, their iuran for `months` from `starts` on."""

    donor: DonorId
    slots: Slots | None = None
    amount_idr: Annotated[int, Field(ge=1, le=10**15)] | None = None
    months: Term = 12
    starts: Month
    scope: NewScope
    payment: Payment = "direct"
    programmes: Annotated[tuple[Programme, ...], Field(min_length=1, max_length=3)] = ("jkk", "jkm")
    keep: bool = False
    reference: ShortText | None = None


class Cancellation(Body):
    """From which month on a pledge pays no longer."""

    from_month: Month = Field(alias="from")


class Amendment(Body):
    """Another number of slots, another number of months, or both."""

    slots: Slots | None = None
    months: Term | None = None


class QuotedMonth(Answer):
    """The highest iuran of one worker within the scope in a month."""

    month: Month
    iuran_idr_per_worker: int


class QuoteAnswer(Answer):
    """What a pledge costs at most, and what moves its price."""

    total_idr: int
    months: list[QuotedMonth]
    notes: list[str]


class PledgeCreated(Answer):
    """The pledge as it was taken; its slots fill within a moment."""

    id: PledgeId
    status: str
    slots: int
    filled: int
    quote: QuoteAnswer


class AreaChange(Answer):
    """How a kecamatan's cover would change."""

    area: Area
    name: str
    workers: int
    before: int
    after: int


class PledgePreview(Answer):
    """What a pledge would change. Nothing is stored."""

    slots: int
    fills: int
    coverage: list[AreaChange]
    quote: QuoteAnswer


class PledgeMonth(Answer):
    """One month of a pledge in the books."""

    month: Month
    state: str
    idr: int
    workers: int


class Balances(Answer):
    """A pledge's books: where its rupiah stand."""

    promised: int
    held: int
    due: int
    remitted: int
    confirmed: int
    released: int


class PledgeAnswer(Answer):
    """A pledge with what the matcher and the ledger know of it."""

    id: PledgeId
    donor: DonorId
    status: Literal["registered", "open", "suspended", "ended", "refused"]
    city: str
    slots: int
    filled: int
    term_months: int
    starts: Month
    until: Month
    scope: dict[str, object]
    payment: Payment
    programmes: list[Programme]
    keep: bool
    amount_idr: int | None
    reference: str | None
    cancelled_from: Month | None
    refusal: dict[str, str] | None
    quote: QuoteAnswer
    months: list[PledgeMonth]
    balances: Balances | None
    #: services that were away: what they know is missing here
    incomplete: list[str]


class PledgeCancelledAnswer(Answer):
    """From which month on it pays no longer."""

    id: PledgeId
    cancelled_from: Month


class PledgeAmendedAnswer(Answer):
    """The terms as they are now."""

    id: PledgeId
    slots: int
    months: int
    until: Month
