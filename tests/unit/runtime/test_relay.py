"""The relay publishes every fact, in order, through any failure of Kafka; twice at most costs nothing."""

import asyncio
import random  # noqa: TID251 -- seeded
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.logs import GATEWAY
from services.runtime.base.settings import Loop
from services.runtime.contract import Written
from services.runtime.eventlog.relay import Relay

AT = datetime(2026, 11, 24, tzinfo=UTC)


def fact(seq: int) -> Written:
    body, chain = str(seq).encode(), seq.to_bytes(32, "big")
    return Written(0, seq, "s", "k", 1, body, AT, "command", "", chain)


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
    """A partition that fails when it is told to."""

    def __init__(self, fails: Callable[[], bool] = lambda: False) -> None:
        self.records: list[tuple[int, bytes]] = []
        self.said: list[int] = []
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
        self.said.append(seq)


@pytest.fixture
async def make() -> AsyncIterator[Callable[[Memory, Topic], Relay]]:
    relays: list[Relay] = []

    def relay(memory: Memory, topic: Topic) -> Relay:
        log: Any = memory
        relays.append(Relay(log, topic, Loop(retry_first_ms=1, retry_longest_ms=2), lambda *_: None))
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


async def test_a_reader_gets_again_what_it_asks_for(make: Callable[[Memory, Topic], Relay]) -> None:
    memory, topic = Memory(), Topic()
    memory.facts = [fact(n) for n in range(1, 11)]
    relay = make(memory, topic)
    relay.resume(0, 10, {})
    await drained(relay)
    topic.records.clear()
    relay.publish_again(0, 4)
    await drained(relay)
    assert [seq for seq, _ in topic.records] == list(range(4, 11))


async def test_progress_is_announced_only_after_the_facts(make: Callable[[Memory, Topic], Relay]) -> None:
    memory, topic = Memory(), Topic()
    relay = make(memory, topic)
    relay.resume(0, 0, {})
    memory.facts = [fact(1)]
    relay.offer(0, memory.facts, 1, {})
    await drained(relay)
    async with asyncio.timeout(5):
        while topic.said[-1:] != [1]:
            await asyncio.sleep(0.001)
    assert topic.records[-1][0] == 1
