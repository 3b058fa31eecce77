"""A notice's id: a UUIDv7 made of the instant and the place of its request, so that neither is stored besides it. Pure.

The bits that RFC 9562 leaves to the application are the shard, the number of the fact and the line: the id of a notice
leads back to its words in the log.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final
from uuid import UUID

from services.runtime.base import ids

_LINE_BITS: Final = 10
_SEQ_BITS: Final = 52
_SHARD_BITS: Final = 12
#: the most lines that one fact may have
LINES_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a notice was requested: a line, from 0, of fact `seq` of a shard of the notifier's log."""

    shard: int
    seq: int
    line: int


def id_at(place: Place, at: datetime) -> UUID:
    """The id of the notice that a fact recorded `at` requests in a place."""
    chance = place.shard << 62 | place.seq << _LINE_BITS | place.line
    return UUID(int=ids.uuid7(at, chance.to_bytes(10, "big")))


def place_of(notice: UUID) -> Place:
    """The place where a notice was requested; the inverse of `id_at`."""
    value = notice.int
    shard = value >> 64 & (1 << _SHARD_BITS) - 1
    seq = value >> _LINE_BITS & (1 << _SEQ_BITS) - 1
    return Place(shard, seq, value & (1 << _LINE_BITS) - 1)


def text_of(notice: UUID) -> str:
    """An id as the outside knows it: `ntc_...`."""
    return f"ntc_{ids.encode(notice.int)}"


def uuid_of(identity: str) -> UUID:
    """The UUID in any id that the outside knows."""
    (value,) = ids.decode([identity])
    return UUID(bytes=value)


def key_number(template: str, subject: str) -> int:
    """A key without its recipient as 64 bits with a sign: no person gets so many notices that two would collide."""
    return int.from_bytes(blake2b(f"{template}/{subject}".encode(), digest_size=8).digest(), "big", signed=True)
