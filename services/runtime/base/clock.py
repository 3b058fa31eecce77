"""Clocks: the only place that asks what time it is. Decisions never do; they take the time of their input."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol


class Clock(Protocol):
    """What time it is, in UTC."""

    def now(self) -> datetime:
        """The present instant, with time zone UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, with time zone UTC."""
        return datetime.now(UTC)


@dataclass
class VirtualClock:
    """A clock that moves only when it is turned; each day shows one time, which has a time zone."""

    day: date
    shows: time

    def now(self) -> datetime:
        """The one time of the day to which the clock was turned."""
        return datetime.combine(self.day, self.shows).astimezone(UTC)

    def turn(self, days: int = 1) -> date:
        """Turn the clock by whole days. Returns the day that it shows now."""
        self.day += timedelta(days=days)
        return self.day
