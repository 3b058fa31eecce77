"""Quiet hours in Jakarta, computed from an instant alone."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.domain.quiet import QuietHours

NIGHT = QuietHours(21, 7)

# instant in UTC, first instant that is not quiet (Jakarta is seven hours ahead)
TABLE = [
    ("2026-12-01T02:00", "2026-12-01T02:00"),  # 09:00: at once
    ("2026-12-01T13:59", "2026-12-01T13:59"),  # 20:59: just in time
    ("2026-12-01T14:00", "2026-12-02T00:00"),  # 21:00: next morning
    ("2026-12-01T16:30", "2026-12-02T00:00"),  # 23:30: next morning
    ("2026-12-01T17:00", "2026-12-02T00:00"),  # midnight: that morning
    ("2026-12-01T23:59", "2026-12-02T00:00"),  # 06:59: in a minute
    ("2026-12-02T00:00", "2026-12-02T00:00"),  # 07:00: at once
    ("2026-12-31T15:00", "2027-01-01T00:00"),  # over the end of the year
]


@pytest.mark.parametrize(("at", "expected"), TABLE)
def test_a_notice_waits_for_the_end_of_the_night(at: str, expected: str) -> None:
    instant = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert NIGHT.end(instant) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_quiet_hours_may_lie_within_a_day() -> None:
    assert QuietHours(12, 13).end(datetime(2026, 12, 1, 5, 30, tzinfo=UTC)) == datetime(2026, 12, 1, 6, tzinfo=UTC)


def test_quiet_hours_may_end_at_midnight() -> None:
    assert QuietHours(22, 0).end(datetime(2026, 12, 1, 16, tzinfo=UTC)) == datetime(2026, 12, 1, 17, tzinfo=UTC)


@pytest.mark.parametrize(("from_hour", "until_hour"), [(21, 24), (-1, 7)])
def test_hours_that_no_day_has_are_refused_at_the_start(from_hour: int, until_hour: int) -> None:
    with pytest.raises(ValueError, match="from 0 to 23"):
        QuietHours(from_hour, until_hour)


def test_equal_hours_mean_none() -> None:
    at = datetime(2026, 12, 1, 20, tzinfo=UTC)
    assert QuietHours(7, 7).end(at) == at


@given(
    st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(0, 23),
    st.integers(0, 23),
)
def test_the_end_is_not_quiet_and_never_a_day_away(at: datetime, from_hour: int, until_hour: int) -> None:
    quiet = QuietHours(from_hour, until_hour)
    end = quiet.end(at)
    assert quiet.end(end) == end
    assert 0 <= (end - at).total_seconds() < 86_400
