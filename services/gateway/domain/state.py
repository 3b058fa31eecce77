"""The gateway's decider: it answers no foreign fact, and keeps one thing per shard: the day.

All other decisions of the gateway are commands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from schemas.base import Fact
from schemas.facts.common import DayBegan
from services.runtime.contract import Received


@dataclass(slots=True)
class State:
    """The last day that began on this shard."""

    day: date | None = None


class GatewayDecider:
    """Folds days; see the module."""

    snapshot_format = 1

    def initial(self, shard: int) -> State:
        """No day yet."""
        del shard
        return State()

    def decide(self, state: State, received: Received) -> Sequence[Fact]:
        """Nothing: other services' facts are projected into the read models only."""
        del state, received
        return ()

    def evolve(self, state: State, fact: Fact, at: datetime) -> None:
        """Remember the day."""
        del at
        if isinstance(fact, DayBegan):
            state.day = fact.day

    def dump(self, state: State) -> bytes:
        """The day in ISO form, or nothing."""
        return state.day.isoformat().encode() if state.day else b""

    def load(self, shard: int, data: bytes) -> State:
        """The inverse of `dump`."""
        del shard
        return State(date.fromisoformat(data.decode()) if data else None)
