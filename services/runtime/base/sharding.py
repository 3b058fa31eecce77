"""Which shard a key lives on. The answer must never change for a given number of shards: it is in every log."""

from zlib import crc32


def shard_of(key: str, shards: int) -> int:
    """The shard (0..shards-1) of a city code or a donor id."""
    return crc32(key.encode()) % shards
