"""What can come of one attempt to reach somebody.

Channels return results; they raise nothing for what happens outside.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Sent:
    """The other side took it."""


@dataclass(frozen=True, slots=True)
class Later:
    """Not now; try again, not before the time that the other side asked for (if it did)."""

    code: str
    asked: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Never:
    """It will not work by trying again."""

    code: str


Result = Sent | Later | Never
