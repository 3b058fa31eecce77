"""Quiet hours: no notice goes to a person at night. Pure; hours are those of Jakarta, the instant is an argument."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from schemas.days import JAKARTA

HOURS: Final = 24


@dataclass(frozen=True)
class QuietHours:
    """From one full hour (included) to another (excluded), over midnight if need be; equal hours mean none."""

    from_hour: int = 21
    until_hour: int = 7

    def __post_init__(self) -> None:
        """Refuse hours that no day has, before the first notice needs them."""
        if not (0 <= self.from_hour < HOURS and 0 <= self.until_hour < HOURS):
            raise ValueError("quiet hours go from 0 to 23")

    def holds(self, hour: int) -> bool:
        """Whether an hour of the day lies in them."""
        if self.from_hour <= self.until_hour:
            return self.from_hour <= hour < self.until_hour
        return hour >= self.from_hour or hour < self.until_hour

    def end(self, at: datetime) -> datetime:
        """The first instant from `at` on that is not quiet, in UTC."""
        local = at.astimezone(JAKARTA)
        if not self.holds(local.hour):
            return at.astimezone(UTC)
        day = local.date() + timedelta(days=1 if local.hour >= self.until_hour else 0)
        return datetime.combine(day, time(self.until_hour), JAKARTA).astimezone(UTC)
