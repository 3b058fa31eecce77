"""A reader that misses something seeks back, then to the very beginning, then asks the owner; it never skips."""

from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from services.runtime.base.clock import SystemClock
from services.runtime.eventlog.progress import Progress
from services.runtime.eventlog.store import Cursor
from services.runtime.process.gaps import PATIENCE, Gaps

STEP = PATIENCE


class Kafka:
    """Remembers what was asked of it."""

    def __init__(self) -> None:
        self.reread_from: list[int] = []
        self.said: list[dict[str, object]] = []
        self.ended = True

    async def reread(self, _shard: int, _source: str, offset: int) -> None:
        self.reread_from.append(offset)

    async def at_end(self, _shard: int, _source: str) -> bool:
        return self.ended

    async def say(self, _shard: int, said: dict[str, object]) -> None:
        self.said.append(said)


@pytest.fixture
def kafka() -> Kafka:
    return Kafka()


@pytest.fixture
async def progress() -> Progress:
    progress = Progress(SystemClock(), 1)
    progress.hear(orjson.dumps({"is": "progress", "service": "gateway", "shard": 0, "seq": 9, "cursors": {}}))
    return progress


def lane(seq: int, *, offset: int = 40, backlog: int = 0) -> Any:
    cursors = {"gateway": Cursor(seq, b"", offset)}
    return SimpleNamespace(shard=0, cursors=cursors, ahead={}, backlog=backlog)


async def rounds(gaps: Gaps, reader: Any, count: int) -> None:
    for _ in range(count):
        await gaps.look(reader, "gateway")


async def test_who_has_everything_is_left_in_peace(kafka: Kafka, progress: Progress) -> None:
    await rounds(Gaps(kafka, kafka, progress), lane(9), 20)
    assert (kafka.reread_from, kafka.said) == ([], [])


async def test_a_fact_on_its_way_is_waited_for(kafka: Kafka, progress: Progress) -> None:
    await rounds(Gaps(kafka, kafka, progress), lane(8), STEP - 1)
    assert kafka.reread_from == []


async def test_the_first_step_reads_again_from_behind_the_cursor(kafka: Kafka, progress: Progress) -> None:
    await rounds(Gaps(kafka, kafka, progress), lane(8, offset=40), STEP)
    assert kafka.reread_from == [41]


async def test_the_second_step_reads_again_from_the_beginning(kafka: Kafka, progress: Progress) -> None:
    await rounds(Gaps(kafka, kafka, progress), lane(8), 2 * STEP)
    assert kafka.reread_from[1:] == [0]


async def test_the_third_step_asks_the_owner_for_what_is_missing(kafka: Kafka, progress: Progress) -> None:
    await rounds(Gaps(kafka, kafka, progress), lane(8), 3 * STEP)
    assert kafka.said == [{"is": "wish", "service": "gateway", "shard": 0, "from_seq": 9}]


async def test_a_cursor_that_moves_begins_with_the_first_step_again(kafka: Kafka, progress: Progress) -> None:
    gaps = Gaps(kafka, kafka, progress)
    await rounds(gaps, lane(6), 2 * STEP)
    await rounds(gaps, lane(7, offset=50), STEP)
    assert kafka.reread_from[-1] == 51


async def test_what_still_waits_in_memory_is_no_hole(kafka: Kafka, progress: Progress) -> None:
    await rounds(Gaps(kafka, kafka, progress), lane(8, backlog=3), 10 * STEP)
    assert kafka.reread_from == []


async def test_what_kafka_has_not_delivered_yet_is_no_hole(kafka: Kafka, progress: Progress) -> None:
    kafka.ended = False
    await rounds(Gaps(kafka, kafka, progress), lane(8), 10 * STEP)
    assert kafka.reread_from == []


async def test_a_number_beyond_the_owners_log_is_forgotten_in_the_end(kafka: Kafka, progress: Progress) -> None:
    reader = lane(9)
    reader.ahead["gateway"] = 1_000
    await rounds(Gaps(kafka, kafka, progress), reader, 4 * STEP)
    assert reader.ahead == {}
