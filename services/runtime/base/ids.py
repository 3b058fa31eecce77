"""Ids: a prefix, an underscore and a UUIDv7 in 26 characters of Crockford's base32 (the TypeID form).

The only place that draws chance. Where a decision needs an id, it takes one derived from its input instead, so that
the same log leads to the same ids again.
"""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from itertools import chain, islice

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [a + b for a in _ALPHABET for b in _ALPHABET]
_PREFIX, _LENGTH = 4, 30
#: of the ten bits in each of the last eight pairs
_SHIFTS = tuple(range(70, -1, -10))
#: to the digits that `int` reads in base 32
_DIGITS = bytes.maketrans(_ALPHABET.encode(), b"0123456789abcdefghijklmnopqrstuv")


def encode(value: int) -> str:
    """128 bits as 26 characters."""
    pairs = _PAIRS
    return "".join([pairs[value >> shift & 1023] for shift in range(120, -1, -10)])


def decode(identities: Sequence[str]) -> list[bytes]:
    """Returns the 16 bytes of the UUID in each id. Must be well-formed, with prefixes of three characters."""
    text = "".join(identities).encode().translate(_DIGITS).decode()
    return [
        int(text[place : place + _LENGTH - _PREFIX], 32).to_bytes(16, "big")
        for place in range(_PREFIX, len(text), _LENGTH)
    ]


def uuid7(at: datetime, chance: bytes) -> int:
    """A UUIDv7 (RFC 9562, 5.7) for an instant, with its 74 free bits taken from ten bytes of `chance`."""
    millis = int(at.timestamp() * 1000) & (1 << 48) - 1
    return millis << 80 | _unordered(chance)


def _unordered(chance: bytes) -> int:
    """The 80 bits of a UUIDv7 that do not depend on the instant."""
    bits = int.from_bytes(chance[:10], "big")
    return 7 << 76 | (bits >> 62 & 0xFFF) << 64 | 2 << 62 | bits & (1 << 62) - 1


@lru_cache(maxsize=1024)
def _beginning(prefix: str, at: datetime) -> str:
    """The part of an id that depends on the instant alone: ten of the 26 characters."""
    return f"{prefix}_{encode(uuid7(at, bytes(10)))[:10]}"


def new(prefix: str, at: datetime) -> str:
    """A fresh random id."""
    return f"{prefix}_{encode(uuid7(at, os.urandom(10)))}"


def derived(prefix: str, at: datetime, seed: str) -> str:
    """The id that belongs to `seed`: the same seed makes the same id."""
    value, pairs = _unordered(blake2b(seed.encode(), digest_size=10).digest()), _PAIRS
    return _beginning(prefix, at) + "".join([pairs[value >> shift & 1023] for shift in _SHIFTS])


def pairs(first: str) -> Iterator[str]:
    """All two last digits that an id may have, from some on."""
    start = _ALPHABET.index(first[0]) << 5 | _ALPHABET.index(first[1])
    return chain(islice(_PAIRS, start, None), islice(_PAIRS, start))


def secret(prefix: str) -> str:
    """A secret of 256 random bits, for API keys."""
    return f"{prefix}_{encode(int.from_bytes(os.urandom(16), 'big'))}{encode(int.from_bytes(os.urandom(16), 'big'))}"


def chance(count: int) -> bytes:
    """Random bytes fit for keys and nonces."""
    return os.urandom(count)


def fraction() -> float:
    """A random number from 0 to 1 (not included), for jitter."""
    return int.from_bytes(os.urandom(7), "big") / 2**56


def hexadecimal(size: int) -> str:
    """Random bytes as hexadecimal text, for trace contexts."""
    return os.urandom(size).hex()
