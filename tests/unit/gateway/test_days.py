"""Days that have yet to begin."""

from datetime import UTC, date, datetime

from services.gateway.inbound.days import midnight, missing_days

MONDAY = date(2026, 11, 23)


def test_a_shard_on_which_no_day_began_begins_with_today() -> None:
    assert missing_days(None, MONDAY) == [MONDAY]


def test_a_shard_that_slept_catches_up_day_by_day() -> None:
    assert missing_days(date(2026, 11, 20), MONDAY) == [date(2026, 11, 21), date(2026, 11, 22), MONDAY]


def test_no_day_begins_twice_nor_before_its_time() -> None:
    assert missing_days(MONDAY, MONDAY) == []
    assert missing_days(date(2026, 11, 24), MONDAY) == []


def test_a_day_begins_at_midnight_in_jakarta() -> None:
    assert midnight(MONDAY) == datetime(2026, 11, 22, 17, tzinfo=UTC)
