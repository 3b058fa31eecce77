"""The client of real Kafka passes the suite of every publisher."""

from collections.abc import AsyncIterator

import pytest

from schemas.logs import GATEWAY
from services.runtime.kafka.client import KafkaClient
from services.settings import Settings
from tests.support.publisher_contract import PublisherContract


class TestKafkaClient(PublisherContract):
    """See the module."""

    @pytest.fixture
    async def publisher(self, settings: Settings) -> AsyncIterator[KafkaClient]:
        client = KafkaClient(settings.kafka, GATEWAY, 2, lambda _message: None)
        await client.start()
        yield client
        await client.stop()
