"""What every way to a topic promises: one suite, for real Kafka and for topics in memory.

A test class inherits `PublisherContract` and provides the fixture `publisher`, for the gateway's empty topic.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

from schemas.facts.gateway import DonorRegistered
from services.runtime.contract import Recorded, Written
from tests.support import events, toys

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)


class Ranged(Protocol):
    """A publisher that also knows how long its partitions are."""

    async def publish(self, shard: int, recorded: Sequence[Written]) -> None:
        """Send events to a partition, in order."""
        ...

    async def tail(self, shard: int) -> list[tuple[int, bytes]]:
        """Numbers and chains of the newest records."""
        ...

    async def ranges(self, shards: Sequence[int]) -> dict[int, tuple[int, int]]:
        """First and end offset of partitions."""
        ...


def log(count: int) -> list[Recorded]:
    """The beginning of a gateway's log."""
    donors = [DonorRegistered(donor=toys.donor(n, AT), donor_kind="person", language="id") for n in range(count)]
    return events.chained("gateway", donors, at=AT)


class PublisherContract:
    """See the module."""

    async def test_an_empty_topic_has_no_tail(self, publisher: Ranged) -> None:
        assert await publisher.tail(0) == []
        assert await publisher.ranges([0, 1]) == {0: (0, 0), 1: (0, 0)}

    async def test_the_tail_names_the_newest_events_in_order(self, publisher: Ranged) -> None:
        facts = log(120)
        await publisher.publish(0, facts)
        assert await publisher.tail(0) == [(one.seq, one.chain) for one in facts[-50:]]
        assert await publisher.ranges([0, 1]) == {0: (0, 120), 1: (0, 0)}

    async def test_what_is_published_again_comes_again(self, publisher: Ranged) -> None:
        facts = log(5)
        await publisher.publish(0, facts)
        await publisher.publish(0, facts[3:])
        assert [seq for seq, _ in await publisher.tail(0)] == [1, 2, 3, 4, 5, 4, 5]
