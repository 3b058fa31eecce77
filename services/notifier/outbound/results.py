"""The results of one attempt to reach a recipient.

Channels return results; they raise nothing for errors of the other side.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Sent:
    """The other side accepted it."""


@dataclass(frozen=True, slots=True)
class Later:
    """Not now; try again, not before the time that the other side asked for (if it did)."""

    code: str
    asked: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Never:
    """A failure that a retry would repeat."""

    code: str


Result = Sent | Later | Never
