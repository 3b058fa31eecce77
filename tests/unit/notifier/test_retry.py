"""When to try again: the recommended delays, spread, and never sooner than the receiver asked."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.notifier.domain.retry import DELAYS, retry_at

NOW = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)


def test_the_delays_are_those_of_standard_webhooks() -> None:
    hours = [delay.total_seconds() / 3600 for delay in DELAYS]
    assert [round(hour * 3600) for hour in hours[:3]] == [5, 300, 1800]
    assert hours[3:] == [2, 5, 10, 14, 20, 24]


@given(st.integers(1, 20), st.text(max_size=20))
def test_a_delay_grows_by_a_fifth_at_most(attempt: int, seed: str) -> None:
    delay = DELAYS[min(attempt, len(DELAYS)) - 1]
    waited = retry_at(NOW, attempt=attempt, seed=seed) - NOW
    assert delay <= waited <= delay * 1.2


def test_different_notices_come_back_at_different_moments() -> None:
    moments = {retry_at(NOW, attempt=2, seed=f"ntc_{n}") for n in range(100)}
    assert len(moments) == 100


def test_the_same_attempt_has_the_same_moment_in_every_run() -> None:
    assert retry_at(NOW, attempt=2, seed="ntc_1") == retry_at(NOW, attempt=2, seed="ntc_1")


def test_what_the_receiver_asks_for_is_obeyed() -> None:
    assert retry_at(NOW, attempt=1, seed="n", asked=timedelta(hours=3)) >= NOW + timedelta(hours=3)


def test_a_receiver_that_asks_for_less_does_not_get_called_sooner() -> None:
    assert retry_at(NOW, attempt=3, seed="n", asked=timedelta(seconds=1)) >= NOW + DELAYS[2]


def test_nobody_can_put_us_off_for_longer_than_a_day() -> None:
    assert retry_at(NOW, attempt=1, seed="n", asked=timedelta(days=900)) <= NOW + timedelta(hours=24) * 1.2
