"""The ledger as a decider: which kind of fact leads to which decision; nothing else of a log concerns the ledger."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from schemas.base import Fact
from schemas.facts import gateway, matcher
from schemas.facts.common import DayBegan
from services.ledger.domain import billing, closing, departures, payments, promises, receipts, snapshot
from services.ledger.domain.evolve import evolve
from services.ledger.domain.state import State
from services.runtime.contract import Received, fold_each

Decision = Callable[[State, Any, Received], Iterator[Fact]]


def begin_day(state: State, fact: DayBegan, received: Received) -> Iterator[Fact]:
    """The day as the gateway counts it, and what is overdue since."""
    if received.source != "gateway" or (state.day is not None and fact.day <= state.day):
        return
    yield DayBegan(day=fact.day)
    yield from payments.overdue(state, fact.day)


#: What the ledger answers. It takes pledges, matches and rosters from the matcher alone, so that their order is one.
DECISIONS: Final[dict[type[Fact], Decision]] = {
    DayBegan: begin_day,
    matcher.PledgeOpened: promises.open_pledge,
    matcher.PledgeReshaped: promises.reshape_pledge,
    matcher.PledgeEnded: promises.end_pledge,
    matcher.MatchesMade: promises.hold,
    matcher.MatchesEnded: promises.free,
    matcher.RosterFixed: billing.issue_bill,
    matcher.MonthFixed: billing.bill_cycle,
    gateway.PaymentReported: payments.pay,
    gateway.ReceiptReceived: receipts.take_receipt,
    gateway.CycleClosingRequested: closing.close_cycle,
    gateway.WorkerEnded: departures.end_worker,
    gateway.PersonErased: departures.erase_person,
}


class Ledger:
    """The decider of the ledger."""

    snapshot_format = snapshot.FORMAT

    def initial(self, shard: int) -> State:
        """Empty books."""
        return State()

    def decide(self, state: State, received: Received) -> Sequence[Fact]:
        """Returns the facts that answer an input, folded; none, for most kinds."""
        decision = DECISIONS.get(type(received.fact))
        return fold_each(self, state, decision(state, received.fact, received), received.at) if decision else ()

    def evolve(self, state: State, fact: Fact, at: datetime) -> None:
        """Fold a fact of the own log."""
        evolve(state, fact, at)

    def dump(self, state: State) -> bytes:
        """A state as bytes."""
        return snapshot.dump(state)

    def load(self, shard: int, data: bytes) -> State:
        """A state from bytes."""
        return snapshot.load(data)
