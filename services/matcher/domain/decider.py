"""The matcher as a decider: the value that the runtime runs, and the simulation too."""

from collections.abc import Sequence
from datetime import datetime

from schemas.base import Fact
from schemas.reference.distances import distance_m
from services.matcher.domain import dump
from services.matcher.domain.board import Distance
from services.matcher.domain.decide import decide
from services.matcher.domain.evolve import evolve
from services.matcher.domain.state import State
from services.runtime.contract import Received, fold_each


class MatcherDecider:
    """Assigns sponsors to workers; see `decide` and `evolve`."""

    snapshot_format = dump.FORMAT

    def __init__(self, distance: Distance = distance_m) -> None:
        self._distance = distance

    def initial(self, shard: int) -> State:
        """A shard without cities."""
        return State(self._distance)

    def decide(self, state: State, received: Received) -> Sequence[Fact]:
        """The facts that answer an input."""
        return fold_each(self, state, decide(state, received), received.at)

    def evolve(self, state: State, fact: Fact, at: datetime) -> None:
        """Fold one fact."""
        evolve(state, fact, at)

    def dump(self, state: State) -> bytes:
        """A state as bytes."""
        return dump.dump(state)

    def load(self, shard: int, data: bytes) -> State:
        """The inverse of `dump`."""
        return dump.load(data, self._distance)
