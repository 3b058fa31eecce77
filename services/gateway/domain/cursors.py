"""A reader's position in all logs: one number per service and shard, in one opaque token.

Pure. A single number does not suffice: four services write at once, and a fact may arrive after a later one of another
service. A reader that resumes from this token misses nothing and sees nothing twice.
"""

import base64
import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from schemas.logs import CATALOGUE, ServiceName

SERVICES: Final[tuple[ServiceName, ...]] = tuple(CATALOGUE)
_FORMAT: Final = 1
#: service and shard
Part = tuple[str, int]


class NoCursor(ValueError):
    """A token that this service did not issue."""


@dataclass(slots=True)
class Cursor:
    """The last number seen of each service and shard."""

    shards: int
    seqs: dict[Part, int]

    @classmethod
    def start(cls, shards: int) -> "Cursor":
        """Before the first fact of all logs."""
        return cls(shards, dict.fromkeys(parts(shards), 0))

    def copy(self) -> "Cursor":
        """The same place, to be moved apart."""
        return Cursor(self.shards, dict(self.seqs))

    def word(self) -> str:
        """The place as URL-safe text."""
        packed = bytes([_FORMAT]) + b"".join(map(_varint, (self.seqs[part] for part in parts(self.shards))))
        return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()

    @classmethod
    def read(cls, word: str, shards: int) -> "Cursor":
        """The inverse of `word`. Raises `NoCursor`."""
        try:
            packed = base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise NoCursor("not base64") from error
        if packed[:1] != bytes([_FORMAT]):
            raise NoCursor("another format")
        seqs = list(_varints(packed[1:]))
        if len(seqs) != shards * len(SERVICES):
            raise NoCursor("another number of shards")
        return cls(shards, dict(zip(parts(shards), seqs, strict=True)))


def parts(shards: int) -> Iterator[Part]:
    """All services and shards, in the order in which they are packed."""
    return ((service, shard) for service in SERVICES for shard in range(shards))


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _varints(packed: Iterable[int]) -> Iterator[int]:
    value = shift = 0
    for byte in packed:
        value |= (byte & 127) << shift
        shift += 7
        if shift > 63 or value >= 1 << 62:
            raise NoCursor("a number too large")
        if byte < 128:
            yield value
            value = shift = 0
    if shift:
        raise NoCursor("cut off")
