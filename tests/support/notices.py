"""What tests of the notifier share: facts that lead to notices, and a shard in memory for given/when/then."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from typing import Any, Final

from schemas.base import Fact
from schemas.facts.common import DayBegan
from schemas.facts.ledger import (
    ConfirmedLine,
    DonorSummarised,
    IuranConfirmed,
    PledgeOverdue,
    RemittancePaid,
    RemittancePrepared,
    WorkerLapsed,
)
from schemas.facts.matcher import (
    ForeseenLapse,
    LapsesForeseen,
    MadeLine,
    MatchesMade,
    MatchReason,
    PledgeMatched,
    PledgeOpened,
    PledgeRefused,
)
from schemas.facts.notifier import NoticesRequested
from schemas.logs import CATALOGUE, NOTIFIER
from services.notifier.domain.decider import NotifierDecider, State
from services.notifier.domain.notice_rules import CATALOGUE as TEMPLATES
from services.notifier.domain.quiet import QuietHours
from services.notifier.domain.templates import Shape, key_of
from services.runtime.base import ids
from services.runtime.contract import Received
from tests.support import events

#: Nine in the morning in Jakarta.
AT: Final = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
CITY: Final = "36.72"
QUIET: Final = QuietHours(21, 7)

_SAMPLES: Final[dict[Shape, str]] = {
    "month": "2027-01",
    "day": "2027-01-15",
    "idr": "16800",
    "count": "1200",
    "city": CITY,
    "id": "plg_01jdq3v8e5f6g7h8j9k0m1n2p3",
    "code": "direct",
}


def an_id(prefix: str, name: object = 1) -> str:
    """The id that belongs to a name."""
    return ids.derived(prefix, AT, f"{prefix}{name}")


def sample_params(template: str) -> dict[str, str]:
    """Parameters with which a template can be rendered."""
    return {name: _SAMPLES[shape] for name, shape in TEMPLATES[template].params.items()}


def received(fact: Fact, *, seq: int, source: str, at: datetime = AT) -> Received:
    """A fact as the notifier receives it."""
    return events.received(fact, by="notifier", source=source, seq=seq, at=at)


def source_of(fact: Fact) -> str:
    """The service whose log carries a fact to the notifier."""
    kind: str = fact.kind  # type: ignore[attr-defined]
    return next(log.owner for log in CATALOGUE.values() if log is not NOTIFIER and kind in log.codec.kinds)


@dataclass(frozen=True)
class Requested:
    """A notice as one line of a fact requests it."""

    template: str
    recipient: str
    key: str
    language: str
    params: dict[str, str]
    not_before: datetime


def requested(facts: Iterable[Fact]) -> list[Requested]:
    """All notices that facts request."""
    return [
        Requested(
            fact.template,
            line.recipient,
            key_of(fact.template, line.recipient, line.subject),
            fact.language,
            fact.params | line.params,
            fact.not_before,
        )
        for fact in facts
        if isinstance(fact, NoticesRequested)
        for line in fact.lines
    ]


@dataclass
class Shard:
    """A shard of the notifier in memory: `given` feeds facts, `when` feeds one and keeps what it led to."""

    decider: NotifierDecider = field(default_factory=lambda: NotifierDecider(QUIET))
    state: State = field(default_factory=State)
    log: list[tuple[Fact, datetime]] = field(default_factory=list)
    last: list[Fact] = field(default_factory=list)
    _seqs: Any = field(default_factory=lambda: count(1))

    def given(self, *facts: Fact, at: datetime = AT) -> "Shard":
        """Decide facts, each folded as the runtime does it."""
        for fact in facts:
            self.when(fact, at=at)
        return self

    def when(self, fact: Fact, *, at: datetime = AT, source: str = "") -> "Shard":
        """Decide one fact, and prove that deciding it over an equal state returns the same facts."""
        one = received(fact, seq=next(self._seqs), source=source or source_of(fact), at=at)
        before = self.decider.dump(self.state)
        self.last = list(self.decider.decide(self.state, one))
        again = self.decider.load(0, before)
        twin = received(fact, seq=one.seq, source=one.source, at=at)
        assert list(self.decider.decide(again, twin)) == self.last, (
            "deciding the same input over the same state returned other facts"
        )
        self.log += [(fact, at) for fact in self.last]
        return self

    @property
    def notices(self) -> list[Requested]:
        """The notices that the last fact led to."""
        return requested(self.last)

    @property
    def notice(self) -> Requested:
        """The one notice that the last fact led to."""
        (only,) = self.notices
        return only

    def keys(self) -> list[str]:
        """The keys of all notices so far."""
        return [notice.key for notice in requested(fact for fact, _ in self.log)]


def day_began(day: date) -> DayBegan:
    """A day."""
    return DayBegan(day=day)


def match_made(number: object = 1, *, reason: MatchReason = "new", worker: object = 1) -> MatchesMade:
    """A worker was matched from January on."""
    line = MadeLine(
        workers=(an_id("wrk", worker),),
        matches=(an_id("mat", number),),
        occupation="ojek",
        from_month="2027-01",
        until="2027-12",
        reason=reason,
    )
    return MatchesMade(pledge=an_id("plg"), lines=(line,), workers=1)


def confirmed(*workers: object, month: str = "2027-01", remittance: object = 1) -> IuranConfirmed:
    """BPJS confirmed a month of some workers."""
    line = ConfirmedLine(
        workers=tuple(an_id("wrk", worker) for worker in workers),
        pledge=an_id("plg"),
        idr=16_800,
        spell_months=3,
        covered_until=month,
    )
    return IuranConfirmed(
        remittance=an_id("rem", remittance),
        receipt=an_id("rcp"),
        donor=an_id("don"),
        month=month,
        lines=(line,),
        workers=len(workers),
        total_idr=16_800 * len(workers),
    )


def lapse_foreseen(worker: object = 1, *, last_month: str = "2026-12", day: date = date(2026, 12, 1)) -> LapsesForeseen:
    """A worker has no sponsor after a month."""
    line = ForeseenLapse(worker=an_id("wrk", worker), last_month=last_month)
    return LapsesForeseen(pledge=an_id("plg"), day=day, lines=(line,))


def lapsed(worker: object = 1, *, month: str = "2027-01") -> WorkerLapsed:
    """A worker's month went by without cover."""
    return WorkerLapsed(worker=an_id("wrk", worker), month=month, covered_until="2026-12")


def pledge_opened(number: object = 1, *, language: Any = "en") -> PledgeOpened:
    """A pledge entered the matcher's books."""
    return PledgeOpened(
        pledge=an_id("plg", number),
        donor=an_id("don"),
        donor_kind="company",
        language=language,
        city=CITY,
        slots=50,
        starts="2027-01",
        until="2027-12",
        payment="direct",
        programmes=("jkk", "jkm"),
        transport_only=False,
    )


def pledge_refused(number: object = 1, *, donor: str | None = an_id("don")) -> PledgeRefused:
    """A change to a pledge was refused."""
    return PledgeRefused(pledge=an_id("plg", number), donor=donor, code="pledge.ended", detail="it has ended already")


def pledge_matched(filled: int, *, number: object = 1) -> PledgeMatched:
    """Some slots of a pledge are filled."""
    return PledgeMatched(pledge=an_id("plg", number), donor=an_id("don"), language="id", filled=filled, slots=50)


def pledge_overdue(number: object = 1, *, remittance: object = 1) -> PledgeOverdue:
    """A pledge was not paid in time."""
    return PledgeOverdue(
        pledge=an_id("plg", number),
        donor=an_id("don"),
        language="id",
        remittance=an_id("rem", remittance),
        month="2027-01",
        idr=840_000,
        due_on=date(2027, 1, 15),
    )


def remittance_prepared(number: object = 1, *, donor: object = 1) -> RemittancePrepared:
    """A bill is due."""
    return RemittancePrepared(
        remittance=an_id("rem", number),
        donor=an_id("don", donor),
        language="id",
        city=CITY,
        month="2027-01",
        payment="direct",
        pledges=(an_id("plg"),),
        workers=50,
        total_idr=840_000,
        pay_code="123456789012",
        due_on=date(2027, 1, 15),
    )


def remittance_paid(number: object = 1) -> RemittancePaid:
    """A bill was paid."""
    return RemittancePaid(
        remittance=an_id("rem", number),
        donor=an_id("don"),
        language="id",
        city=CITY,
        month="2027-01",
        pledges=(an_id("plg"),),
        workers=50,
        total_idr=840_000,
        paid_on=date(2027, 1, 10),
        channel="bank",
    )


def summarised(month: str = "2027-01", *, city: str = CITY) -> DonorSummarised:
    """A month was closed for a donor."""
    return DonorSummarised(
        donor=an_id("don"),
        language="en",
        city=city,
        month=month,
        workers=50,
        confirmed_idr=840_000,
        rejected=0,
    )
