"""Topics in memory pass the suite of every publisher, and deliver as a subscription to Kafka does."""

from collections.abc import Sequence

import pytest

from schemas.logs import GATEWAY
from services.runtime.kafka.memory import MemoryBroker, MemoryClient, MemorySubscription
from services.runtime.shard.inbox import RawRecord
from tests.support.publisher_contract import PublisherContract, log


class TestMemoryClient(PublisherContract):
    """See the module."""

    @pytest.fixture
    def publisher(self) -> MemoryClient:
        return MemoryClient(MemoryBroker(), GATEWAY)


class Reader:
    """A subscription to the gateway's topic, and the offsets that it has delivered."""

    def __init__(self, broker: MemoryBroker) -> None:
        self.offsets: list[int] = []
        self.subscription = MemorySubscription(broker, [GATEWAY], self._deliver)
        self.subscription.read_from(0, {})

    def _deliver(self, _shard: int, records: Sequence[RawRecord]) -> None:
        self.offsets += [record.offset for record in records]

    def read(self) -> list[int]:
        """Deliver all that can be fetched; returns the offsets."""
        self.offsets.clear()
        while readable := self.subscription.readable():
            self.subscription.poll(*readable[0], limit=3)
        return list(self.offsets)


@pytest.fixture
async def broker() -> MemoryBroker:
    made = MemoryBroker()
    await MemoryClient(made, GATEWAY).publish(0, log(8))
    return made


async def test_a_topic_is_delivered_in_order(broker: MemoryBroker) -> None:
    reader = Reader(broker)
    assert reader.read() == list(range(8))
    assert await reader.subscription.at_end(0, "gateway")


async def test_a_reader_can_go_back(broker: MemoryBroker) -> None:
    reader = Reader(broker)
    reader.read()
    reader.subscription.reread(0, "gateway", 5)
    assert reader.read() == [5, 6, 7]


async def test_a_paused_source_is_not_fetched(broker: MemoryBroker) -> None:
    reader = Reader(broker)
    reader.subscription.pause(0, "gateway")
    assert reader.read() == []
    reader.subscription.resume(0, "gateway")
    assert reader.read() == list(range(8))


async def test_a_lost_record_leaves_a_gap(broker: MemoryBroker) -> None:
    broker.lose("gateway", 0, 4)
    assert Reader(broker).read() == [0, 1, 2, 3, 5, 6, 7]


async def test_after_a_wipe_a_reader_begins_with_the_oldest_record(broker: MemoryBroker) -> None:
    reader = Reader(broker)
    reader.read()
    broker.wipe()
    await MemoryClient(broker, GATEWAY).publish(0, log(2))
    assert reader.read() == [0, 1]
