"""A machine whose clock is wrong goes on publishing: records carry the broker's time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from services.settings import Settings
from tests.integration.runtime.conftest import register, running, until
from tests.support import toys


async def test_a_producer_whose_clock_is_days_ahead_can_publish(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = AIOKafkaProducer.create_batch

    def ahead(self: AIOKafkaProducer) -> Any:
        batch = create(self)
        append, later = batch.append, int((datetime.now(UTC) + timedelta(days=2)).timestamp() * 1000)  # noqa: TID251
        batch.append = lambda **args: append(**args | {"timestamp": later})
        return batch

    monkeypatch.setattr(AIOKafkaProducer, "create_batch", ahead)
    async with running(toys.gateway(), settings) as gateway:
        await register(gateway, range(10))
        await until(lambda: gateway.relay.lag == 0 and gateway.readiness().ready)
