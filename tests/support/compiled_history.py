"""Plays a random history through the matcher, and what it leads to through the ledger, in a process of its own.

Prints how many modules are compiled, each fact of both logs with the hash of its log, and both states.
"""

import sys

from schemas import COMPILED
from schemas.base import Fact
from schemas.logs import ServiceName
from services.ledger.domain.decider import Ledger
from services.runtime.contract import Decider, State
from tests.simulation.matcher.test_seeds import Fate
from tests.simulation.matcher.world import EPOCH
from tests.support import events

STEPS = 600


def main(seed: int) -> None:
    """Decide, fold, encode, chain, parse, dump."""
    fate = Fate(seed)
    for _ in range(STEPS):
        fate.next()
    world, ledger = fate.world, Ledger()
    matched, booked = [fact for fact, _ in world.log], list[Fact]()
    books = ledger.initial(0)
    for seq, (fact, at) in enumerate(world.log, start=1):
        booked += ledger.decide(books, events.received(fact, by="ledger", source="matcher", seq=seq, at=at))
    sys.stdout.write(f"{COMPILED}\n")
    _show("matcher", matched, world.decider, world.state)
    _show("ledger", booked, ledger, books)


def _show(service: ServiceName, facts: list[Fact], decider: Decider[State], state: State) -> None:
    for one in events.chained(service, facts, at=EPOCH):
        sys.stdout.write(f"{one.chain.hex()} {one.body.decode()}\n")
    sys.stdout.write(f"{decider.dump(state).hex()}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
