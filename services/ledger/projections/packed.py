"""Rows of one worker each, as tuples of PostgreSQL's binary COPY format: all lines of a fact share all but the worker.

Pure. The order of each function's fields is that of the columns in `COLUMNS`; every value stands behind its length.
https://www.postgresql.org/docs/current/sql-copy.html (Binary Format)
"""

from collections.abc import Sequence
from struct import Struct
from typing import Final

from services.runtime.base import ids

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "holds": ("worker", "seq", "shard"),
    "iuran": ("worker", "bill", "idr", "month", "shard"),
    "outcomes": ("worker", "seq", "month", "shard", "reason"),
}
_HEADS: Final = {table: Struct(">hi").pack(len(columns), 16) for table, columns in COLUMNS.items()}
_HOLD: Final = Struct(">iqih").pack
_IURAN: Final = Struct(">iqiiihih").pack
_OUTCOME: Final = Struct(">iqihih").pack
_LENGTH: Final = Struct(">i").pack
_NULL: Final = _LENGTH(-1)


def holds(workers: Sequence[str], *, seq: int, shard: int) -> list[bytes]:
    """The rows of the workers whose months an entry holds or frees."""
    head, tail = _HEADS["holds"], _HOLD(8, seq, 2, shard)
    return [head + worker + tail for worker in ids.decode(workers)]


def iuran(workers: Sequence[str], *, bill: int, idr: int, month: int, shard: int) -> list[bytes]:
    """The worker-months of a bill's line."""
    head, tail = _HEADS["iuran"], _IURAN(8, bill, 4, idr, 2, month, 2, shard)
    return [head + worker + tail for worker in ids.decode(workers)]


def outcomes(workers: Sequence[str], *, seq: int, month: int, shard: int, reason: str | None = None) -> list[bytes]:
    """What a receipt says of worker-months: confirmed, or rejected for a reason."""
    text = None if reason is None else reason.encode()
    head, tail = _HEADS["outcomes"], _OUTCOME(8, seq, 2, month, 2, shard)
    tail += _NULL if text is None else _LENGTH(len(text)) + text
    return [head + worker + tail for worker in ids.decode(workers)]
