"""A ledger without a runtime: tell it facts, see what it answers, ask its books.

Every input goes through the real decider and codec; `World.tell` also holds that deciding again says nothing new
where that is promised, and that the books break no law.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count

from schemas.base import Fact
from schemas.facts.common import DayBegan
from schemas.facts.ledger import CycleCloseRefused, EntryPosted, PaymentRefused, ReceiptRefused
from schemas.facts.matcher import RosterFixed, RosterLine
from schemas.logs import CATALOGUE, LEDGER, ServiceName
from services.ledger.domain import accounts
from services.ledger.domain.decider import Ledger
from services.ledger.domain.state import State
from services.runtime.base import ids
from services.runtime.contract import Received, Recorded
from tests.support import events

CITY = "36.72"
START = datetime(2026, 11, 20, 2, tzinfo=UTC)
REFUSALS = (CycleCloseRefused, PaymentRefused, ReceiptRefused)


def an_id(prefix: str, name: object) -> str:
    """The id that stands for a name in a test."""
    return ids.derived(prefix, START, f"{prefix}/{name}")


def roster(pledge: str, month: str, rows: Sequence[tuple[str, str, str]]) -> RosterFixed:
    """A roster of workers, their matches and occupations."""
    by_occupation: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for worker, match, occupation in sorted(rows):
        by_occupation[occupation].append((worker, match))
    lines = tuple(
        RosterLine(occupation=occupation, workers=tuple(w for w, _ in found), matches=tuple(m for _, m in found))
        for occupation, found in by_occupation.items()
    )
    return RosterFixed(city=CITY, month=month, pledge=pledge, part=1, lines=lines, workers=len(rows))


@dataclass
class World:
    """One shard's ledger, its log, and the balances that follow from the log alone."""

    state: State = field(default_factory=State)
    log: list[Recorded] = field(default_factory=list)
    inputs: list[Received] = field(default_factory=list)
    balances: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    at: datetime = START
    shard: int = 0
    _seqs: dict[str, "count[int]"] = field(default_factory=lambda: defaultdict(lambda: count(1)))
    ledger: Ledger = field(default_factory=Ledger)

    def received(self, fact: Fact) -> Received:
        """A fact as the runtime hands it over, numbered in its source's log."""
        source = self.source_of(fact)
        seq = next(self._seqs[source])
        return events.received(fact, by="ledger", source=source, shard=self.shard, seq=seq, at=self.at)

    def source_of(self, fact: Fact) -> ServiceName:
        """The log that carries such a fact; days come from the gateway."""
        sources: tuple[ServiceName, ...] = ("gateway", "matcher")
        return next(name for name in sources if type(fact) in CATALOGUE[name].codec.kinds.values())

    def tell(self, *inputs: Fact) -> list[Fact]:
        """Decide facts and fold the answers. Returns the answers, encoded and decoded."""
        answers: list[Fact] = []
        for one in inputs:
            answers += self.answer(self.received(one))
        return answers

    def answer(self, received: Received) -> list[Fact]:
        """Decide one input and fold the answers."""
        self.inputs.append(received)
        answers = []
        for fact in self.ledger.decide(self.state, received):
            body = LEDGER.codec.encode(fact)
            again = LEDGER.codec.decode(body, kind=fact.kind, version=fact.VERSION)  # type: ignore[attr-defined]
            assert again == fact
            answers.append(again)
            self.record(again, body, received)
        assert not accounts.broken(self.balances), accounts.broken(self.balances)
        self.says_nothing_new(received)
        return answers

    def says_nothing_new(self, received: Received) -> None:
        """Deciding twice is deciding once; what was refused is refused again, and moves nothing."""
        again = list(self.ledger.decide(self.state, received))
        assert all(type(fact) in REFUSALS for fact in again), again

    def record(self, fact: Fact, body: bytes, received: Received) -> None:
        """Give a fact its place in the log."""
        seq = len(self.log) + 1
        envelope = events.envelope(
            fact, service="ledger", shard=self.shard, seq=seq, at=received.at, cause=received.position
        )
        self.log.append(Recorded(envelope, body, fact))
        if isinstance(fact, EntryPosted):
            assert sum(fact.postings.values()) == 0
            for account, idr in fact.postings.items():
                self.balances[account] += idr

    def day(self, day: date) -> list[Fact]:
        """Turn to a day (nine in the morning, Jakarta) and tell of it."""
        self.at = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)
        return self.tell(DayBegan(day=day))

    def later(self, **delta: int) -> None:
        """Let time pass without a new day's fact."""
        self.at += timedelta(**delta)

    def books(self, pledge: str) -> dict[str, int]:
        """The six books of a pledge, from the journal alone."""
        return {book: self.balances[accounts.book(pledge, book)] for book in accounts.BOOKS}

    def replayed(self) -> State:
        """The state after a replay of the log."""
        state = self.ledger.initial(self.shard)
        for recorded in self.log:
            self.ledger.evolve(state, recorded.fact, recorded.at)
        return state


def kinds(facts: Sequence[Fact]) -> list[str]:
    """What kinds of facts these are, entries by what they book."""
    return [fact.what if isinstance(fact, EntryPosted) else fact.kind for fact in facts]  # type: ignore[attr-defined]
