"""When to try again: the delays that Standard Webhooks recommends, spread so that tries do not come all at once. Pure.

The spread is drawn from the notice and the attempt, not from chance: it scatters notices just as well, and a run can be
repeated to the second.
"""

from datetime import datetime, timedelta
from hashlib import blake2b

_SECOND, _MINUTE, _HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
#: The wait after the first, second, ... failed attempt; after the last one the last wait repeats.
DELAYS = (
    5 * _SECOND,
    5 * _MINUTE,
    30 * _MINUTE,
    2 * _HOUR,
    5 * _HOUR,
    10 * _HOUR,
    14 * _HOUR,
    20 * _HOUR,
    24 * _HOUR,
)
#: The share of a delay by which it may grow.
SPREAD = 0.2
#: The longest wait that a receiver may ask for.
ASKED_LONGEST = 24 * _HOUR


def retry_at(now: datetime, *, attempt: int, seed: str, asked: timedelta | None = None) -> datetime:
    """The instant of the next try after failed attempt number `attempt`.

    What the receiver asked for (`Retry-After`) is a floor, within reason. `seed` names the notice and its target.
    """
    delay = DELAYS[min(attempt, len(DELAYS)) - 1]
    if asked is not None:
        delay = max(delay, min(asked, ASKED_LONGEST))
    draw = int.from_bytes(blake2b(f"{seed}/{attempt}".encode(), digest_size=4).digest(), "big") / 2**32
    return now + delay * (1 + SPREAD * draw)
