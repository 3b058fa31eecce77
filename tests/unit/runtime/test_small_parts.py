"""Ids, shards, clocks, back-off: small parts that everything rests on."""

import re
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from schemas.base import BASE32
from schemas.days import MORNING, jakarta_day
from services.runtime.base import ids
from services.runtime.base.backoff import Backoff
from services.runtime.base.clock import VirtualClock
from services.runtime.base.sharding import moved, shard_of

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)


@given(st.text(max_size=40))
def test_an_id_is_a_prefix_and_a_uuid_in_base32(seed: str) -> None:
    assert re.fullmatch(f"plg_{BASE32}", ids.derived("plg", AT, seed))


def test_ids_of_later_instants_sort_behind_earlier_ones() -> None:
    assert ids.new("plg", AT) < ids.new("plg", AT + timedelta(milliseconds=1))


def test_the_same_seed_makes_the_same_id() -> None:
    assert ids.derived("plg", AT, "x") == ids.derived("plg", AT, "x")


def test_an_id_is_a_version_7_uuid() -> None:
    value = ids.uuid7(AT, bytes(range(10)))
    assert (value >> 76 & 0xF, value >> 62 & 0b11) == (7, 2)


@given(st.lists(st.integers(0, 2**128 - 1)))
def test_decoding_returns_the_uuids_of_ids_in_their_order(values: list[int]) -> None:
    decoded = ids.decode([f"wrk_{ids.encode(value)}" for value in values])
    assert decoded == [value.to_bytes(16, "big") for value in values]


def test_two_secrets_differ() -> None:
    assert ids.secret("sk") != ids.secret("sk")


@given(st.text(max_size=40), st.integers(0, 15))
def test_a_new_id_can_be_moved_to_any_shard(seed: str, shard: int) -> None:
    identity = moved(ids.derived("don", AT, seed), shard, 16)
    assert shard_of(identity, 16) == shard
    assert re.fullmatch(f"don_{BASE32}", identity)


def test_cilegon_keeps_its_shard_for_ever() -> None:
    assert shard_of("36.72", 16) == 8


def test_a_day_begins_in_jakarta_seven_hours_before_it_begins_in_utc() -> None:
    assert jakarta_day(datetime(2026, 11, 23, 17, tzinfo=UTC)) == date(2026, 11, 24)


def test_a_virtual_clock_shows_nine_in_the_morning() -> None:
    clock = VirtualClock(date(2026, 11, 24), MORNING)
    clock.turn(2)
    assert clock.now() == datetime(2026, 11, 26, 2, tzinfo=UTC)


def test_back_off_grows_to_its_limit_and_starts_over_after_success() -> None:
    backoff = Backoff(0.1, 1.0)
    waits = [backoff.next_s() for _ in range(8)]
    assert all(0.05 <= wait <= 1.0 for wait in waits)
    assert waits[-1] >= 0.5
    backoff.reset()
    assert backoff.next_s() <= 0.1
