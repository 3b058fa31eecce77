"""A long answer: decided in portions, with turns for the event loop between them."""

import asyncio
from datetime import UTC, datetime

import pytest

from schemas.facts.gateway import DonorRegistered
from services.runtime.contract import Portions, Received
from services.runtime.eventlog.store import Head
from services.runtime.shard import batch as batches
from services.runtime.shard.batch import Batch
from services.runtime.shard.inbox import SortedRecords
from services.runtime.shard.state import ShardState
from tests.support import events, toys

AT = datetime(2026, 11, 24, tzinfo=UTC)


class InPortions(toys.Echo):
    """Answers as its base does, one fact a portion and an empty one before it."""

    def decide(self, state: toys.Tally, received: Received) -> Portions:  # type: ignore[override]
        """See `Decider`."""
        answer = super().decide(state, received)
        return Portions(portion for fact in answer for portion in ((), (fact,)))


def batch(decider: toys.Echo) -> Batch:
    """A batch of three inputs at the beginning of a log."""
    own = ShardState(state=decider.initial(0), head=Head(1, 0, bytes(32)), tip=Head(1, 0, bytes(32)))
    donors = [DonorRegistered(donor=toys.donor(number, AT), donor_kind="person", language="id") for number in (1, 2, 3)]
    inputs = [
        events.received(donor, by="matcher", source="gateway", seq=seq, at=AT) for seq, donor in enumerate(donors, 1)
    ]
    return Batch(0, toys.matcher(decider), own, SortedRecords(received=inputs))


async def test_an_answer_in_portions_is_recorded_like_any_other() -> None:
    at_once, in_portions = batch(toys.Echo()), batch(InPortions())
    await at_once.decide()
    await in_portions.decide()
    assert in_portions.recorded == at_once.recorded
    assert in_portions.head == at_once.head


async def test_the_event_loop_gets_turns_amid_a_long_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "TURN_S", -1)
    one = batch(InPortions())
    deciding = asyncio.create_task(one.decide())
    turns = 0
    while not deciding.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 6


async def test_a_state_is_whole_only_between_inputs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "TURN_S", -1)
    own = (one := batch(InPortions()))._own
    deciding = asyncio.create_task(one.decide())
    seen = []
    while not deciding.done():
        await asyncio.sleep(0)
        seen.append(own.whole.is_set())
    assert (seen[0], seen[-1]) == (False, True)
