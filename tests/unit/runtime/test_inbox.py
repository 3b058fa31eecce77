"""The inbox applies the next number and nothing else, whatever Kafka delivers."""

from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from schemas.envelope import GENESIS, Envelope, chain_hash
from schemas.facts.gateway import DonorRegistered
from schemas.logs import GATEWAY
from services.runtime.base import ids
from services.runtime.base.clock import SystemClock
from services.runtime.base.settings import Loop
from services.runtime.eventlog.store import Cursor
from services.runtime.shard.inbox import Inbox, RawRecord, SortedRecords
from tests.support import toys
from tests.support.events import chained, raw

AT = datetime(2026, 11, 24, tzinfo=UTC)


def log(length: int) -> list[RawRecord]:
    """A gateway's log as records, chained."""
    donors = [
        DonorRegistered(donor=toys.donor(seq, AT), donor_kind="person", language="id") for seq in range(1, length + 1)
    ]
    return list(map(raw, chained("gateway", donors, at=AT)))


def unreadable(body: bytes, stream: str) -> RawRecord:
    """The first record of a gateway's log, with a body that no reader knows."""
    envelope = Envelope("gateway", 0, 1, stream, "donor.registered", 1, AT, "operator/key", "command", "")
    envelope.chain = chain_hash(GENESIS, envelope, body)
    return RawRecord("gateway", 0, b"", body, tuple(envelope.headers()))


LOG = log(30)


def sort(raws: Sequence[RawRecord], cursors: dict[str, Cursor] | None = None, *, shard: int = 0) -> SortedRecords:
    """All records, taken in one batch."""
    inbox = Inbox(toys.matcher(), shard, [GATEWAY], SystemClock(), Loop())
    inbox.offer(raws)
    return inbox.take(cursors or {})


def numbers(raws: Sequence[RawRecord], cursors: dict[str, Cursor] | None = None) -> list[int]:
    """The numbers that are applied of some records."""
    return [received.seq for received in sort(raws, cursors).received]


def test_a_log_is_applied_in_full() -> None:
    assert numbers(LOG) == list(range(1, 31))


def test_a_record_seen_before_is_skipped() -> None:
    assert numbers([*LOG[:5], *LOG[2:8]]) == list(range(1, 9))


def test_what_lies_beyond_a_hole_is_not_applied() -> None:
    assert numbers([*LOG[:3], *LOG[5:]]) == [1, 2, 3]


def test_the_highest_number_beyond_a_hole_is_remembered() -> None:
    assert sort([*LOG[:3], *LOG[5:9]]).ahead == {"gateway": 9}


@given(st.lists(st.integers(0, 29), max_size=120))
def test_whatever_the_order_what_is_applied_is_an_unbroken_beginning(order: list[int]) -> None:
    applied = numbers([LOG[index] for index in order])
    assert applied == list(range(1, len(applied) + 1))


@given(st.lists(st.integers(0, 29), max_size=60), st.data())
def test_cutting_deliveries_into_batches_changes_nothing(order: list[int], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(order)))
    first = sort([LOG[index] for index in order[:cut]])
    second = sort([LOG[index] for index in order[cut:]], first.cursors)
    whole = sort([LOG[index] for index in order])
    assert [*first.received, *second.received] == whole.received


def test_a_changed_byte_makes_a_record_foreign() -> None:
    forged = RawRecord("gateway", 3, LOG[3].key, LOG[3].value.replace(b'"id"', b'"en"'), LOG[3].headers)
    result = sort([*LOG[:3], forged, *LOG[3:]])
    assert [dead.code for dead in result.dead] == ["chain.broken"]
    assert [received.seq for received in result.received] == list(range(1, 31))


def test_a_fact_of_another_shard_is_foreign() -> None:
    result = sort(LOG[:1], shard=1)
    assert [dead.code for dead in result.dead] == ["envelope.misplaced"]


def test_a_fact_of_the_log_that_cannot_be_read_is_a_dead_letter_and_the_log_goes_on() -> None:
    body, stream = b'{"kind":"donor.registered","surprise":1}', ids.derived("don", AT, "x")
    result = sort([unreadable(body, stream)])
    assert [(dead.code, dead.state) for dead in result.dead] == [("fact.unreadable", "dead")]
    assert result.cursors["gateway"].seq == 1


def test_the_detail_of_a_dead_letter_does_not_quote_its_content() -> None:
    body = b'{"kind":"donor.registered","donor":"3672010101900001","donor_kind":"person","language":"id"}'
    result = sort([unreadable(body, "x")])
    assert "3672010101900001" not in result.dead[0].detail
