"""The relay publishes every fact, in order, through any failure of Kafka; twice at most costs nothing."""

import asyncio
import random  # noqa: TID251 -- seeded
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime

import pytest

from schemas.envelope import Envelope
from schemas.logs import GATEWAY
from services.runtime.base.settings import Loop
from services.runtime.contract import Written
from services.runtime.eventlog import relay as module
from services.runtime.eventlog.relay import REPUBLISH_FACTS_PER_S, REPUBLISH_PAUSE_S, Relay, RepublishBudget

AT = datetime(2026, 11, 24, tzinfo=UTC)


def fact(seq: int) -> Written:
    body, chain = str(seq).encode(), seq.to_bytes(32, "big")
    return Written(Envelope("gateway", 0, seq, "s", "k", 1, AT, "service/gateway", "command", "", chain), body)


class Memory:
    """A log in memory, as far as the relay reads it."""

    log = GATEWAY

    def __init__(self) -> None:
        self.facts: list[Written] = []

    async def read(self, _shard: int, *, after: int, limit: int) -> list[Written]:
        return self.facts[after : after + limit]

    async def chains(self, _shard: int, seqs: Sequence[int]) -> dict[int, bytes]:
        return {seq: self.facts[seq - 1].chain for seq in seqs if 0 < seq <= len(self.facts)}


class Topic:
    """A partition that fails when it has to."""

    def __init__(self, fails: Callable[[], bool] = lambda: False) -> None:
        self.records: list[tuple[int, bytes]] = []
        self.announced: list[int] = []
        self._fails = fails

    async def publish(self, _shard: int, recorded: Sequence[Written]) -> None:
        for one in recorded:
            if self._fails():
                raise OSError("the broker is away")
            self.records.append((one.seq, one.chain))
        if self._fails():
            raise OSError("written, but the answer was lost")

    async def tail(self, _shard: int) -> list[tuple[int, bytes]]:
        if self._fails():
            raise OSError("the broker is away")
        return self.records[-50:]

    async def announce(self, _shard: int, seq: int, _cursors: Mapping[str, int]) -> None:
        self.announced.append(seq)


@pytest.fixture
async def make() -> AsyncIterator[Callable[[Memory, Topic], Relay]]:
    relays: list[Relay] = []

    def relay(memory: Memory, topic: Topic) -> Relay:
        relays.append(Relay(memory, topic, Loop(retry_first_ms=1, retry_longest_ms=2), lambda *_: None))
        return relays[-1]

    yield relay
    for one in relays:
        await one.drop(0)


async def drained(relay: Relay) -> None:
    async with asyncio.timeout(10):
        while relay.lag:
            await asyncio.sleep(0.001)


def in_order(records: Sequence[tuple[int, bytes]]) -> list[int]:
    """What a reader applies of a topic: cursor + 1, nothing else."""
    cursor = 0
    for seq, _ in records:
        cursor += seq == cursor + 1
    return list(range(1, cursor + 1))


@pytest.mark.parametrize("seed", range(20))
async def test_every_fact_arrives_in_order_through_random_failures(
    make: Callable[[Memory, Topic], Relay], seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 -- failures, not secrets
    memory, topic = Memory(), Topic(lambda: chance.random() < 0.05)
    relay = make(memory, topic)
    relay.resume(0, 0, {})
    for _ in range(30):
        new = [fact(len(memory.facts) + n) for n in range(1, chance.randint(2, 12))]
        memory.facts.extend(new)
        relay.offer(0, new, len(memory.facts), {})
        await asyncio.sleep(0)
    await drained(relay)
    assert in_order(topic.records) == [one.seq for one in memory.facts]


async def test_under_load_facts_wait_for_one_another_and_share_publications(
    make: Callable[[Memory, Topic], Relay],
) -> None:
    memory, topic = Memory(), Topic()
    relay = make(memory, topic)
    relay.resume(0, 0, {})
    for _ in range(100):
        new = [fact(len(memory.facts) + n) for n in range(1, 21)]
        memory.facts.extend(new)
        relay.offer(0, new, len(memory.facts), {})
        await asyncio.sleep(0)
    await drained(relay)
    assert in_order(topic.records) == [one.seq for one in memory.facts]
    assert len(topic.announced) <= 10


async def test_a_restart_publishes_only_what_the_topic_lacks(make: Callable[[Memory, Topic], Relay]) -> None:
    memory, topic = Memory(), Topic()
    memory.facts = [fact(n) for n in range(1, 101)]
    topic.records = [(one.seq, one.chain) for one in memory.facts[:60]]
    relay = make(memory, topic)
    relay.resume(0, 100, {})
    await drained(relay)
    assert [seq for seq, _ in topic.records] == list(range(1, 101))


async def test_foreign_records_at_the_end_of_a_topic_do_not_fool_a_restart(
    make: Callable[[Memory, Topic], Relay],
) -> None:
    memory, topic = Memory(), Topic()
    memory.facts = [fact(n) for n in range(1, 11)]
    topic.records = [(1, memory.facts[0].chain), (10, b"forged")]
    relay = make(memory, topic)
    relay.resume(0, 10, {})
    await drained(relay)
    assert in_order([r for r in topic.records if r[1] != b"forged"]) == list(range(1, 11))


async def test_a_republish_request_is_served_from_its_number_on(make: Callable[[Memory, Topic], Relay]) -> None:
    memory, topic = Memory(), Topic()
    memory.facts = [fact(n) for n in range(1, 11)]
    relay = make(memory, topic)
    relay.resume(0, 10, {})
    await drained(relay)
    topic.records.clear()
    relay.republish(0, 4)
    await drained(relay)
    assert [seq for seq, _ in topic.records] == list(range(4, 11))


async def test_a_topic_that_lost_its_first_records_but_not_its_last_gets_all_again(
    make: Callable[[Memory, Topic], Relay],
) -> None:
    memory, topic = Memory(), Topic()
    memory.facts = [fact(n) for n in range(1, 11)]
    relay = make(memory, topic)
    relay.resume(0, 10, {})
    await drained(relay)
    del topic.records[:7]
    relay.republish_all(0)
    await settled(relay, topic)
    assert [seq for seq, _ in topic.records] == [8, 9, 10, *range(1, 11)]


async def test_progress_is_announced_only_after_the_facts(make: Callable[[Memory, Topic], Relay]) -> None:
    memory, topic = Memory(), Topic()
    relay = make(memory, topic)
    relay.resume(0, 0, {})
    memory.facts = [fact(1)]
    relay.offer(0, memory.facts, 1, {})
    await drained(relay)
    async with asyncio.timeout(5):
        while topic.announced[-1:] != [1]:
            await asyncio.sleep(0.001)
    assert topic.records[-1][0] == 1


async def settled(relay: Relay, topic: Topic) -> None:
    """Wait until nothing is lagging and a moment has passed in which more could have been published."""
    await drained(relay)
    before = -1
    async with asyncio.timeout(10):
        while before != len(topic.records):
            before = len(topic.records)
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("from_seq", [-5, 0, 1])
async def test_a_request_from_before_the_first_event_publishes_the_log_once(
    make: Callable[[Memory, Topic], Relay], from_seq: int
) -> None:
    memory, topic = Memory(), Topic()
    memory.facts = [fact(n) for n in range(1, 11)]
    relay = make(memory, topic)
    relay.resume(0, 10, {})
    await drained(relay)
    relay.republish(0, from_seq)
    await settled(relay, topic)
    assert [seq for seq, _ in topic.records] == [*range(1, 11), *range(1, 11)]


async def test_a_flood_of_requests_costs_no_more_than_one(make: Callable[[Memory, Topic], Relay]) -> None:
    memory, topic = Memory(), Topic()
    memory.facts = [fact(n) for n in range(1, 101)]
    relay = make(memory, topic)
    relay.resume(0, 100, {})
    await drained(relay)
    for _ in range(50):
        relay.republish(0, 1)
        await drained(relay)
    assert len(topic.records) == 200


async def test_a_request_for_numbers_beyond_the_log_changes_nothing(make: Callable[[Memory, Topic], Relay]) -> None:
    memory, topic = Memory(), Topic()
    memory.facts = [fact(1)]
    relay = make(memory, topic)
    relay.resume(0, 1, {})
    await drained(relay)
    relay.republish(0, 2**62)
    await settled(relay, topic)
    assert len(topic.records) == 1


def test_a_large_republication_is_followed_by_a_long_pause() -> None:
    budget = RepublishBudget()
    assert budget.take(1_000_000, now=100)
    assert not budget.take(1, now=100 + 1_000_000 / REPUBLISH_FACTS_PER_S - 1)
    assert budget.take(1, now=100 + 1_000_000 / REPUBLISH_FACTS_PER_S)
    assert not budget.take(1, now=100 + 1_000_000 / REPUBLISH_FACTS_PER_S + REPUBLISH_PAUSE_S - 1)


async def test_a_shard_that_cannot_be_published_has_an_obstacle_until_it_can(
    make: Callable[[Memory, Topic], Relay],
) -> None:
    broken = [True]
    memory, topic = Memory(), Topic(lambda: broken[0])
    relay = make(memory, topic)
    memory.facts = [fact(1)]
    relay.resume(0, 1, {})
    async with asyncio.timeout(5):
        while not relay.obstacle(0):
            await asyncio.sleep(0.001)
        assert relay.obstacle(0) == "OSError: the broker is away"
        broken[0] = False
        while relay.obstacle(0):
            await asyncio.sleep(0.001)
    assert relay.lag == 0


async def test_a_shard_whose_records_are_not_acknowledged_in_time_has_an_obstacle(
    make: Callable[[Memory, Topic], Relay], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STALLED_AFTER_S", 0.02)
    hanging = asyncio.Event()

    class Stalled(Topic):
        async def publish(self, _shard: int, recorded: Sequence[Written]) -> None:
            await hanging.wait()

    memory = Memory()
    relay = make(memory, Stalled())
    relay.resume(0, 0, {})
    await asyncio.sleep(0.05)
    assert relay.obstacle(0) == "", "nothing to publish"
    memory.facts = [fact(1)]
    relay.offer(0, memory.facts, 1, {})
    async with asyncio.timeout(5):
        while not relay.obstacle(0):
            await asyncio.sleep(0.001)
    assert relay.obstacle(0) == "nothing acknowledged for 0 s"
    hanging.set()
    async with asyncio.timeout(5):
        while relay.obstacle(0):
            await asyncio.sleep(0.001)


async def test_a_topic_that_is_ahead_of_a_former_owner_keeps_its_relay_idle(
    make: Callable[[Memory, Topic], Relay],
) -> None:
    memory, topic = Memory(), Topic()
    memory.facts = [fact(n) for n in range(1, 11)]
    topic.records = [(one.seq, one.chain) for one in memory.facts]
    relay = make(memory, topic)
    relay.resume(0, 8, {})
    async with asyncio.timeout(5):
        while not topic.announced:
            await asyncio.sleep(0.001)
    await asyncio.sleep(0.05)
    assert (topic.announced, len(topic.records)) == ([8], 10)
