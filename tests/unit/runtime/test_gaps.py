"""A reader that misses something seeks back, then to the very beginning, then asks the owner; it never skips."""

from types import SimpleNamespace
from typing import Any

import pytest

from services.runtime.base.clock import SystemClock
from services.runtime.eventlog.control import ControlMessage, RepublishRequest
from services.runtime.eventlog.progress import Progress
from services.runtime.eventlog.store import Cursor
from services.runtime.process.gaps import PATIENCE, Gaps

STEP = PATIENCE


class Kafka:
    """Remembers what was asked of it."""

    def __init__(self) -> None:
        self.reread_from: list[int] = []
        self.sent: list[ControlMessage] = []
        self.ended = True

    def reread(self, _shard: int, _source: str, offset: int) -> None:
        self.reread_from.append(offset)

    async def at_end(self, _shard: int, _source: str) -> bool:
        return self.ended

    async def send(self, _shard: int, message: ControlMessage) -> None:
        self.sent.append(message)


@pytest.fixture
def kafka() -> Kafka:
    return Kafka()


@pytest.fixture
async def progress() -> Progress:
    progress = Progress(SystemClock(), 1)
    progress.note("gateway", 0, 9, {})
    return progress


def processor(seq: int, *, offset: int = 40, backlog: int = 0) -> Any:
    cursors = {"gateway": Cursor(seq, b"", offset)}
    return SimpleNamespace(shard=0, cursors=cursors, ahead={}, backlog=lambda _source: backlog)


async def rounds(gaps: Gaps, reader: Any, count: int) -> None:
    for _ in range(count):
        await gaps.look(reader, "gateway")


async def test_a_reader_that_has_everything_rereads_nothing(kafka: Kafka, progress: Progress) -> None:
    await rounds(Gaps(kafka, kafka, progress), processor(9), 20)
    assert (kafka.reread_from, kafka.sent) == ([], [])


async def test_an_event_on_its_way_is_waited_for(kafka: Kafka, progress: Progress) -> None:
    await rounds(Gaps(kafka, kafka, progress), processor(8), STEP - 1)
    assert kafka.reread_from == []


async def test_the_first_step_reads_again_from_behind_the_cursor(kafka: Kafka, progress: Progress) -> None:
    await rounds(Gaps(kafka, kafka, progress), processor(8, offset=40), STEP)
    assert kafka.reread_from == [41]


async def test_the_second_step_reads_again_from_the_beginning(kafka: Kafka, progress: Progress) -> None:
    await rounds(Gaps(kafka, kafka, progress), processor(8), 2 * STEP)
    assert kafka.reread_from[1:] == [0]


async def test_the_third_step_asks_the_owner_for_what_is_missing(kafka: Kafka, progress: Progress) -> None:
    await rounds(Gaps(kafka, kafka, progress), processor(8), 3 * STEP)
    assert kafka.sent == [RepublishRequest(service="gateway", shard=0, from_seq=9)]


async def test_a_cursor_that_moves_begins_with_the_first_step_again(kafka: Kafka, progress: Progress) -> None:
    gaps = Gaps(kafka, kafka, progress)
    await rounds(gaps, processor(6), 2 * STEP)
    await rounds(gaps, processor(7, offset=50), STEP)
    assert kafka.reread_from[-1] == 51


async def test_a_backlog_in_memory_is_no_gap(kafka: Kafka, progress: Progress) -> None:
    await rounds(Gaps(kafka, kafka, progress), processor(8, backlog=3), 10 * STEP)
    assert kafka.reread_from == []


async def test_records_that_kafka_has_not_delivered_yet_are_no_gap(kafka: Kafka, progress: Progress) -> None:
    kafka.ended = False
    await rounds(Gaps(kafka, kafka, progress), processor(8), 10 * STEP)
    assert kafka.reread_from == []


async def test_a_number_beyond_the_owners_log_is_dropped_in_the_end(kafka: Kafka, progress: Progress) -> None:
    reader = processor(9)
    reader.ahead["gateway"] = 1_000
    await rounds(Gaps(kafka, kafka, progress), reader, 4 * STEP)
    assert reader.ahead == {}
