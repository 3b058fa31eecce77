"""An input is to blame only when it fails alone again and again: servers that die have many words for it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from schemas.facts.common import DeadLetterRecorded
from schemas.logs import MATCHER
from services.runtime.base.postgres import Connection
from services.runtime.base.settings import Settings
from services.runtime.contract import Received
from services.runtime.shard.recovery import TRIES
from tests.integration.runtime.conftest import AT, answered, donors, logged, register, running
from tests.support import toys


class Moody(toys.Nothing):
    """Fails so often when it meets one stream alone, with an error that nobody knows."""

    def __init__(self, stream: str, times: int) -> None:
        self.stream = stream
        self.times = times

    async def receive(self, tx: Connection, received: Sequence[Received]) -> None:
        """Fail, or keep nothing."""
        if self.stream not in {one.stream for one in received} or not self.times:
            return
        self.times -= len(received) == 1
        raise LookupError("nobody knows this error")


@pytest.mark.parametrize(("times", "dead"), [(TRIES - 1, []), (TRIES, ["apply.failed"])])
async def test_an_input_becomes_a_dead_letter_when_it_fails_three_times_alone(
    settings: Settings, times: int, dead: list[str]
) -> None:
    service = replace(toys.matcher(), projector=Moody(toys.donor(3, AT), times))
    async with running(toys.gateway(), settings) as gateway, running(service, settings):
        assert await answered(gateway, await register(gateway, range(8)))
    facts = [one.fact for one in await logged(settings, MATCHER)]
    assert [fact.code for fact in facts if isinstance(fact, DeadLetterRecorded)] == dead
    assert len(facts) == len(donors(range(8)))
