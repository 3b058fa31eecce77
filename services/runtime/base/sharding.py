"""Which shard a key lives on. The answer must never change for a given number of shards: it is in every log."""

from zlib import crc32

from services.runtime.base import ids


def shard_of(key: str, shards: int) -> int:
    """The shard (0..shards-1) of a key."""
    return crc32(key.encode()) % shards


def moved(identity: str, shard: int, shards: int) -> str:
    """The new id, with other last digits so that it lies on a shard. With very many shards it may stay where it was."""
    stem = identity[:-2]
    before = crc32(stem.encode())
    for end in ids.pairs(identity[-2:]):
        if crc32(end.encode(), before) % shards == shard:
            return stem + end
    return identity
