"""Waiting for positions and for all services to be level."""

import asyncio

import pytest

from services.runtime.base.clock import SystemClock
from services.runtime.base.errors import RetryLater
from services.runtime.eventlog.progress import Progress


@pytest.fixture
def progress() -> Progress:
    return Progress(SystemClock(), 1)


def report(progress: Progress, service: str, seq: int, **cursors: int) -> None:
    progress.note(service, 0, seq, cursors)


async def reached(progress: Progress, position: str, timeout: float = 0.01) -> bool:
    return await progress.wait(position, ["matcher", "ledger"], reader="gateway", timeout=timeout)


async def test_a_position_is_reached_when_the_reader_has_applied_all_answers(progress: Progress) -> None:
    report(progress, "gateway", 5, matcher=0, ledger=0)
    report(progress, "matcher", 7, gateway=5, ledger=0)
    report(progress, "ledger", 3, gateway=5, matcher=7)
    assert not await reached(progress, "gateway/0/5")
    report(progress, "gateway", 5, matcher=7, ledger=3)
    assert await reached(progress, "gateway/0/5")


@pytest.mark.parametrize("source", ["gateway", "matcher", "ledger", "notifier"])
async def test_a_position_beyond_the_known_end_of_any_log_is_waited_for(progress: Progress, source: str) -> None:
    report(progress, "gateway", 5, matcher=7, ledger=3, notifier=2)
    report(progress, "matcher", 7, gateway=5, ledger=3)
    report(progress, "ledger", 3, gateway=5, matcher=7)
    report(progress, "notifier", 2, gateway=5, matcher=7, ledger=3)
    assert not await reached(progress, f"{source}/0/999999")


async def test_a_wait_ends_as_soon_as_the_last_report_arrives(progress: Progress) -> None:
    report(progress, "matcher", 7, gateway=5)
    report(progress, "ledger", 3, gateway=5, matcher=7)
    waiting = asyncio.create_task(reached(progress, "gateway/0/5", timeout=30))
    await asyncio.sleep(0)
    report(progress, "gateway", 5, matcher=7, ledger=3)
    assert await waiting


async def test_all_is_settled_when_no_reader_is_behind_any_source(progress: Progress) -> None:
    report(progress, "gateway", 3, matcher=1, ledger=1, notifier=1)
    report(progress, "matcher", 1, gateway=3, ledger=1)
    report(progress, "ledger", 1, gateway=3, matcher=1)
    report(progress, "notifier", 1, gateway=3, matcher=1, ledger=0)
    assert progress.unsettled() == ["notifier<ledger/0: 0/1"]
    report(progress, "notifier", 1, gateway=3, matcher=1, ledger=1)
    assert await progress.settled(timeout=1)


async def test_a_process_that_stops_ends_all_waits_with_retry_later(progress: Progress) -> None:
    waiting = asyncio.create_task(reached(progress, "gateway/0/5", timeout=30))
    await asyncio.sleep(0)
    progress.close()
    with pytest.raises(RetryLater):
        await waiting
    with pytest.raises(RetryLater):
        await progress.settled(timeout=30)
