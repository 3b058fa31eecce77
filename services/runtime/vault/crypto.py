"""Pure cryptography of the vault: AES-256-GCM twice, once over the data and once over its key.

Each person's data is sealed under a fresh 256-bit key, and that key under the wrapping key. Both seals are bound to
their owner's id, so nothing can be moved from one row to another unnoticed. Random 96-bit nonces stand before the
ciphertext. Must not do any I/O, and must not put plain text into an exception.
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.runtime.base.errors import Defect
from services.runtime.base.ids import chance
from services.runtime.base.keys import Keys

_KEY = 32
_NONCE = 12
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

#: What the vault knows of a person: JSON values only.
Record = Mapping[str, Any]


class Wrapped(NamedTuple):
    """A key sealed under the wrapping key whose fingerprint is `version`."""

    version: str
    key: bytes


class Sealed(NamedTuple):
    """A person's record as it is stored; a tuple, since many of them travel between processes and into tables."""

    person: str
    wrapped: Wrapped
    data: bytes


def fingerprint(wrapping: bytes) -> str:
    """The name of a wrapping key, which reveals nothing about it."""
    return sha256(b"sekul/wrapping/" + wrapping).hexdigest()[:16]


class Crypto:
    """All that the vault does with keys. Opens what former wrapping keys sealed, seals under the present one."""

    def __init__(self, keys: Keys) -> None:
        self.version = fingerprint(keys.wrapping)
        self._wrapping = {fingerprint(key): AESGCM(key) for key in (*keys.wrapping_old, keys.wrapping)}
        self._present = self._wrapping[self.version]
        self._lookup = hmac.new(keys.lookup, digestmod="sha256")

    @property
    def has_former_keys(self) -> bool:
        """Whether there are keys of the past that may have to be replaced."""
        return len(self._wrapping) > 1

    def lookup(self, identifier: str) -> bytes:
        """The keyed hash under which an identifier is found; without the key, trying all of them reveals nothing."""
        digest = self._lookup.copy()
        digest.update(identifier.encode())
        return digest.digest()

    def seal(self, records: Sequence[tuple[str, Record]]) -> list[Sealed]:
        """Seal records, each under a fresh key."""
        step = _KEY + 2 * _NONCE
        drawn = chance(step * len(records))
        sealed = []
        for at, (person, record) in zip(range(0, len(drawn), step), records, strict=True):
            key = drawn[at : at + _KEY]
            first = drawn[at + _KEY : at + _KEY + _NONCE]
            second = drawn[at + _KEY + _NONCE : at + step]
            data = first + AESGCM(key).encrypt(first, _ENCODE(record).encode(), _about("record", person))
            sealed.append(Sealed(person, self._wrap(key, second, person), data))
        return sealed

    def reseal(self, person: str, wrapped: Wrapped, record: Record) -> bytes:
        """Another record under the person's key."""
        nonce = chance(_NONCE)
        key = AESGCM(self._unwrap(wrapped, person))
        return nonce + key.encrypt(nonce, _ENCODE(record).encode(), _about("record", person))

    def open(self, sealed: Sealed) -> dict[str, Any]:
        """The record. Raises `Defect` when it was changed, or moved from another person's row."""
        plain = _open(AESGCM(self._unwrap(sealed.wrapped, sealed.person)), sealed.data, _about("record", sealed.person))
        record: dict[str, Any] = json.loads(plain)
        return record

    def new_key(self, owner: str) -> Wrapped:
        """A fresh key, wrapped, for something else that belongs to `owner`, such as an uploaded file."""
        return self._wrap(chance(_KEY), chance(_NONCE), owner)

    def rewrap(self, owner: str, wrapped: Wrapped) -> Wrapped:
        """The same key under the present wrapping key."""
        return self._wrap(self._unwrap(wrapped, owner), chance(_NONCE), owner)

    def seal_blob(self, owner: str, wrapped: Wrapped, number: int, data: bytes) -> bytes:
        """Seal piece `number` of something that belongs to `owner`."""
        nonce = chance(_NONCE)
        return nonce + AESGCM(self._unwrap(wrapped, owner)).encrypt(nonce, data, _about("blob", owner, number))

    def open_blob(self, owner: str, wrapped: Wrapped, number: int, sealed: bytes) -> bytes:
        """Open piece `number`. Raises `Defect` when it was changed, moved or renumbered."""
        return _open(AESGCM(self._unwrap(wrapped, owner)), sealed, _about("blob", owner, number))

    def _wrap(self, key: bytes, nonce: bytes, owner: str) -> Wrapped:
        about = _about("key", owner, self.version)
        return Wrapped(self.version, nonce + self._present.encrypt(nonce, key, about))

    def _unwrap(self, wrapped: Wrapped, owner: str) -> bytes:
        wrapping = self._wrapping.get(wrapped.version)
        if wrapping is None:
            raise Defect(
                "vault.key_unknown",
                f"a key is wrapped by {wrapped.version}: neither SEKUL_MASTER_KEY nor one of SEKUL_MASTER_KEYS_OLD",
            )
        return _open(wrapping, wrapped.key, _about("key", owner, wrapped.version))


def _about(what: str, owner: str, part: str | int = "") -> bytes:
    return f"sekul/vault/{what}/{owner}/{part}".encode()


def _open(key: AESGCM, sealed: bytes, about: bytes) -> bytes:
    try:
        return key.decrypt(sealed[:_NONCE], sealed[_NONCE:], about)
    except (InvalidTag, ValueError) as error:
        raise Defect("vault.tampered", f"what is stored as {about.decode()} is not what was sealed") from error
