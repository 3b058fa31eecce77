"""An event is applied only once its cause is, however the topics that carry them are interleaved."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.base import Fact
from schemas.envelope import COMMAND, GENESIS, chain_hash
from schemas.facts.common import DayBegan
from schemas.facts.ledger import PledgeOverdue
from schemas.logs import GATEWAY, LEDGER, MATCHER, NOTIFIER, Log, ServiceName
from services.runtime.base.clock import SystemClock
from services.runtime.base.settings import Loop
from services.runtime.contract import Recorded
from services.runtime.eventlog.store import Cursor
from services.runtime.shard.inbox import Inbox, RawRecord
from tests.support import events, toys
from tests.support.written import name

AT = datetime(2026, 12, 22, tzinfo=UTC)
DAY = date(2026, 12, 22)
SOURCES: tuple[Log, ...] = (GATEWAY, MATCHER, LEDGER)


class Logs:
    """The logs of one shard, as their owners write them."""

    def __init__(self) -> None:
        self.of: dict[ServiceName, list[Recorded]] = {log.owner: [] for log in SOURCES}

    def add(self, service: ServiceName, fact: Fact, cause: str = COMMAND) -> str:
        """Append a fact; returns its position."""
        log = self.of[service]
        previous = log[-1].chain if log else GENESIS
        one = events.recorded(fact, service=service, seq=len(log) + 1, at=AT, cause=cause, previous=previous)
        log.append(one)
        return one.position

    def records(self, service: ServiceName) -> list[RawRecord]:
        """The topic of a service."""
        return list(map(events.raw, self.of[service]))


def inbox(loop: Loop | None = None) -> Inbox:
    return Inbox(replace(toys.matcher(), log=NOTIFIER), 0, SOURCES, SystemClock(), loop or Loop())


def drained(box: Inbox, cursors: dict[str, Cursor], limit: int | None = None) -> list[str]:
    """The positions that are applied, batch by batch, until nothing more can be taken."""
    applied: list[str] = []
    while (taken := box.take(cursors, limit)).records:
        applied += [one.position for one in taken.received]
        cursors.update(taken.cursors)
    return applied


def day(number: int) -> DayBegan:
    return DayBegan(day=DAY + timedelta(days=number))


def overdue() -> PledgeOverdue:
    return PledgeOverdue(
        pledge=name("plg", 1),
        donor=name("don", 1),
        language="id",
        remittance=name("rem", 1),
        month="2026-12",
        idr=16_800,
        due_on=DAY,
    )


@pytest.fixture
def logs() -> Logs:
    made = Logs()
    made.add("ledger", overdue(), made.add("gateway", day(1)))
    return made


def test_an_effect_that_arrives_first_is_applied_after_its_cause(logs: Logs) -> None:
    box = inbox()
    box.offer([*logs.records("ledger"), *logs.records("gateway")])
    assert drained(box, {}) == ["gateway/0/1", "ledger/0/1"]


def test_an_effect_waits_until_its_cause_arrives(logs: Logs) -> None:
    box, cursors = inbox(), dict[str, Cursor]()
    box.offer(logs.records("ledger"))
    assert drained(box, cursors) == []
    box.offer(logs.records("gateway"))
    assert drained(box, cursors) == ["gateway/0/1", "ledger/0/1"]


def test_what_follows_an_effect_in_its_own_source_waits_with_it(logs: Logs) -> None:
    logs.add("ledger", day(1), "command")
    box = inbox()
    box.offer(logs.records("ledger"))
    assert drained(box, {}) == []


def test_an_effect_holds_up_no_other_source(logs: Logs) -> None:
    logs.add("matcher", day(1))
    box = inbox()
    box.offer([*logs.records("ledger"), *logs.records("matcher")])
    assert drained(box, {}) == ["matcher/0/1"]


def test_an_effect_that_waits_is_evidence_of_its_cause(logs: Logs) -> None:
    box = inbox()
    box.offer(logs.records("ledger"))
    assert box.take({}).ahead == {"gateway": 1}


def test_after_a_restart_a_cause_that_was_applied_before_counts(logs: Logs) -> None:
    box = inbox()
    box.offer(logs.records("ledger"))
    assert drained(box, {"gateway": Cursor(1, bytes(32), 0)}) == ["ledger/0/1"]


@pytest.mark.parametrize(
    "cause", ["command", "notifier/0/7", "gateway/1/7", "elsewhere/0/7", "gateway/0", "gateway/0/x"]
)
def test_a_cause_that_is_not_read_is_not_awaited(cause: str) -> None:
    logs = Logs()
    logs.add("ledger", day(1), cause)
    box = inbox()
    box.offer(logs.records("ledger"))
    assert drained(box, {}) == ["ledger/0/1"]


def test_a_cause_that_cannot_be_read_lets_its_effects_go_on() -> None:
    made = Logs()
    cause = made.add("gateway", day(1))
    made.add("ledger", overdue(), cause)
    made.of["gateway"][0].envelope.version = 99
    made.of["gateway"] = [rechained(made.of["gateway"][0])]
    box = inbox()
    box.offer([*made.records("ledger"), *made.records("gateway")])
    assert drained(box, {}) == ["ledger/0/1"]


def rechained(one: Recorded) -> Recorded:
    """A fact whose envelope was changed, as its owner would have chained it."""
    one.envelope.chain = chain_hash(GENESIS, one.envelope, one.body)
    return one


def test_a_full_source_leaves_room_for_the_one_that_it_waits_for(logs: Logs) -> None:
    loop = Loop(queue_facts_max=6, batch_facts_max=2)
    for number in range(50):
        logs.add("ledger", day(number), "command")
    box = inbox(loop)
    box.offer(logs.records("ledger"))
    assert box.is_full("ledger")
    assert not box.is_full("gateway")
    box.offer(logs.records("gateway"))
    assert len(drained(box, {})) == 52


@st.composite
def histories(draw: Any) -> tuple[Logs, list[ServiceName]]:
    """Logs whose events have causes anywhere before them, and an order in which a reader meets their records."""
    logs, written = Logs(), list[str]()
    services = [log.owner for log in SOURCES]
    for number in range(draw(st.integers(1, 25))):
        cause = draw(st.sampled_from([COMMAND, *written]))
        written.append(logs.add(draw(st.sampled_from(services)), day(number), cause))
    order = [service for service in services for _ in logs.of[service]]
    return logs, draw(st.permutations(order))


@given(histories(), st.integers(1, 5), st.integers(1, 7))
def test_any_interleaving_applies_every_event_once_in_its_order_and_after_its_cause(
    history: tuple[Logs, Sequence[ServiceName]], limit: int, portion: int
) -> None:
    logs, order = history
    queues = {service: iter(logs.records(service)) for service in logs.of}
    arriving = [next(queues[service]) for service in order]
    box, cursors, applied = inbox(), dict[str, Cursor](), list[str]()
    for first in range(0, len(arriving), portion):
        box.offer(arriving[first : first + portion])
        applied += drained(box, cursors, limit)
    everything = {one.position: one.cause for log in logs.of.values() for one in log}
    assert sorted(applied) == sorted(everything)
    for service, log in logs.of.items():
        assert [p for p in applied if p.startswith(f"{service}/")] == [one.position for one in log]
    when = {position: number for number, position in enumerate(applied)}
    assert all(when[cause] < when[effect] for effect, cause in everything.items() if cause != COMMAND)
