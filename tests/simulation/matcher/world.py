"""A matcher without runtime: feeds gateway and ledger facts to the decider and folds what it yields."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from schemas import months
from schemas.base import Fact
from schemas.facts.common import DayBegan
from schemas.facts.gateway import (
    Consent,
    CycleBillingRequested,
    PledgeAmended,
    PledgeCancelled,
    PledgeRegistered,
    Scope,
    WorkerEnded,
    WorkerRegistered,
)
from schemas.facts.ledger import PledgeOverdue, PledgeSettled
from schemas.logs import MATCHER
from services.matcher.domain.decider import MatcherDecider
from services.matcher.domain.state import State
from services.matcher.domain.waiting_list import Distance
from services.runtime.base import ids
from services.runtime.contract import Received
from tests.support import events

CITY = "36.72"
EPOCH = datetime(2026, 11, 2, 2, tzinfo=UTC)


def name(prefix: str, number: int) -> str:
    """An id that sorts as its number does."""
    return f"{prefix}_{ids.encode(1 << 126 | number)}"


def received(fact: Fact, seq: int, at: datetime, source: str = "gateway") -> Received:
    """A fact as the runtime would hand it over."""
    return events.received(fact, by="matcher", source=source, seq=seq, at=at)


def flat(a: str, b: str) -> int | None:
    """A distance that knows only the last digits of kelurahan."""
    return abs(int(a[-2:]) - int(b[-2:])) * 1000 if len(a) > 8 and len(b) > 8 else None


@dataclass
class World:
    """One shard of the matcher with all its inputs and all its facts."""

    distance: Distance = flat
    decider: MatcherDecider = field(init=False)
    state: State = field(init=False)
    log: list[tuple[Fact, datetime]] = field(default_factory=list)
    #: fact, number, instant, source
    inputs: list[tuple[Fact, int, datetime, str]] = field(default_factory=list)
    today: date = date(2026, 11, 2)
    seq: int = 0

    def __post_init__(self) -> None:
        self.decider = MatcherDecider(self.distance)
        self.state = self.decider.initial(0)

    @property
    def at(self) -> datetime:
        return EPOCH + timedelta(days=(self.today - date(2026, 11, 2)).days, seconds=self.seq)

    def tell(self, fact: Fact, source: str = "gateway") -> list[Fact]:
        """Give one input; the facts that answer it."""
        self.seq += 1
        at = self.at
        self.inputs.append((fact, self.seq, at, source))
        answers = list(self.decider.decide(self.state, received(fact, self.seq, at, source)))
        for answer in answers:
            self.log.append((answer, at))
            kind: str = answer.kind  # type: ignore[attr-defined]
            strict = MATCHER.codec.decode(MATCHER.codec.encode(answer), kind=kind, version=answer.VERSION)
            assert strict == answer, "the matcher's own facts need no check, for they pass it"
            assert MATCHER.codec.encode(strict) == MATCHER.codec.encode(answer), (
                "their fields stand in the order of their kind"
            )
        return answers

    def replayed(self) -> State:
        """The state after a replay of the log."""
        state = self.decider.initial(0)
        for fact, at in self.log:
            self.decider.evolve(state, fact, at)
        return state

    def reload(self) -> None:
        """Go on from a snapshot, as another process would."""
        self.state = self.decider.load(0, self.decider.dump(self.state))

    def inputs_after(self, seq: int) -> list[Fact]:
        """The inputs after a number."""
        return [fact for fact, number, *_ in self.inputs if number > seq]

    # -- inputs in few words -------------------------------------------------------------------------------------

    def worker(
        self,
        number: int,
        area: str = "36.72.01.1001",
        occupation: str = "ojek",
        band: int = 2,
        *,
        until: str = "2060-12",
        city: str = CITY,
    ) -> list[Fact]:
        return self.tell(
            WorkerRegistered(
                worker=name("wrk", number),
                city=city,
                area=area,
                occupation=occupation,
                band=band,
                eligible_until=months.quarter_end(until),
                consent=Consent(by="rt", given_at=EPOCH, text_version="consent.v1"),
            )
        )

    def pledge(self, number: int, slots: int, **more: Any) -> list[Fact]:
        scope = Scope(
            areas=tuple(more.pop("areas", (CITY,))),
            occupations=tuple(more.pop("occupations", ())),
            workers=tuple(name("wrk", n) for n in more.pop("workers", ())),
            near=more.pop("near", None),
        )
        terms: dict[str, Any] = {
            "donor": name("don", 1),
            "donor_kind": "company",
            "language": "id",
            "city": CITY,
            "starts": "2026-11",
            "payment": "direct",
            "programmes": ("jkk", "jkm"),
            "keep": False,
        }
        length = more.pop("months", 12)
        terms |= more
        terms["until"] = months.add(terms["starts"], length - 1)
        return self.tell(PledgeRegistered(pledge=name("plg", number), slots=slots, scope=scope, **terms))

    def end(self, number: int, reason: Any = "died", on: date | None = None) -> list[Fact]:
        return self.tell(WorkerEnded(worker=name("wrk", number), reason=reason, on=on or self.today))

    def cancel(self, number: int, from_month: str) -> list[Fact]:
        return self.tell(PledgeCancelled(pledge=name("plg", number), from_month=from_month))

    def amend(self, number: int, *, slots: int | None = None, months: int | None = None) -> list[Fact]:
        return self.tell(PledgeAmended(pledge=name("plg", number), slots=slots, months=months))

    def overdue(self, number: int) -> list[Fact]:
        fact = PledgeOverdue(
            pledge=name("plg", number),
            donor=name("don", 1),
            language="id",
            remittance=name("rem", 1),
            month="2026-11",
            idr=1,
            due_on=self.today,
        )
        return self.tell(fact, "ledger")

    def settled(self, number: int) -> list[Fact]:
        return self.tell(PledgeSettled(pledge=name("plg", number)), "ledger")

    def bill(self, month: str) -> list[Fact]:
        return self.tell(CycleBillingRequested(city=CITY, month=month))

    def day(self, days: int = 1) -> list[Fact]:
        self.today += timedelta(days=days)
        return self.tell(DayBegan(day=self.today))


def of_kind(facts: Iterable[Fact], kind: type[Fact]) -> list[Any]:
    """The facts of one kind."""
    return [fact for fact in facts if isinstance(fact, kind)]


def lines(facts: Iterable[Fact], kind: type[Fact]) -> list[Any]:
    """The lines of the facts of one kind."""
    return [line for fact in of_kind(facts, kind) for line in fact.lines]
