"""Matches as tuples of PostgreSQL's binary COPY format. Pure; every value stands behind its length.

https://www.postgresql.org/docs/current/sql-copy.html (Binary Format)
"""

from dataclasses import dataclass
from functools import lru_cache
from struct import Struct
from typing import Final

#: the order of a row's values
COLUMNS: Final = ("match", "worker", "pledge", "shard", "from_month", "until", "reason", "ended")
_UUID: Final = Struct(">i").pack(16)
_HEAD: Final = Struct(">h").pack(len(COLUMNS)) + _UUID
_NUMBERS: Final = Struct(">ihihih").pack
_LENGTH: Final = Struct(">i").pack
_NULL: Final = _LENGTH(-1)


@dataclass(slots=True)
class MatchRow:
    """A match that is made; ids as their UUIDs' bytes, months as numbers."""

    match: bytes
    worker: bytes
    pledge: bytes
    shard: int
    from_month: int
    until: int
    reason: str
    ended: str | None = None

    def packed(self) -> bytes:
        """The row, its values in the order of `COLUMNS`."""
        return b"".join(
            (
                _HEAD,
                self.match,
                _UUID,
                self.worker,
                _UUID,
                self.pledge,
                _NUMBERS(2, self.shard, 2, self.from_month, 2, self.until),
                _text(self.reason),
                _text(self.ended),
            )
        )


@lru_cache(maxsize=64)
def _text(value: str | None) -> bytes:
    if value is None:
        return _NULL
    encoded = value.encode()
    return _LENGTH(len(encoded)) + encoded
