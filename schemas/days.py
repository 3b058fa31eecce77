"""Days: everywhere in this system a day is a calendar day in Jakarta. Pure: the instant is an argument."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

JAKARTA = ZoneInfo("Asia/Jakarta")
#: what a virtual clock shows on each day
MORNING = time(9, tzinfo=JAKARTA)


def jakarta_day(at: datetime) -> date:
    """The calendar day in Jakarta at an instant."""
    return at.astimezone(JAKARTA).date()
