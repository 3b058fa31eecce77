"""All secrets that derive from the one master key, each by HKDF-SHA256 (RFC 5869) under a name of its own.

Must not store or print any of them.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def _derive(master: bytes, name: str) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"sekul/" + name.encode()).derive(master)


def _read(encoded: str) -> bytes:
    try:
        master = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise ValueError("SEKUL_MASTER_KEY is not base64; make one with: openssl rand -base64 32") from error
    if len(master) != 32:
        raise ValueError("SEKUL_MASTER_KEY must be 32 bytes in base64; make one with: openssl rand -base64 32")
    return master


@dataclass(frozen=True)
class Keys:
    """Derived keys. `wrapping` wraps each person's key; `wrapping_old` opens what former master keys wrapped."""

    _master: bytes = field(repr=False)
    wrapping: bytes = field(repr=False)
    wrapping_old: tuple[bytes, ...] = field(repr=False)
    #: for keyed hashes by which persons are found; derived from the oldest master key, so that rotation keeps it
    lookup: bytes = field(repr=False)
    #: for hashes of request bodies, which hold personal data
    body: bytes = field(repr=False)
    #: what services show each other on internal routes
    internal: str = field(repr=False)
    #: seals the sessions of pages
    sessions: bytes = field(repr=False)

    @classmethod
    def derive(cls, encoded: str, old: Sequence[str] = ()) -> "Keys":
        """The keys of a master key (32 bytes, base64) and of its predecessors, newest first."""
        master = _read(encoded)
        former = [_read(key) for key in old]
        oldest = former[-1] if former else master
        return cls(
            _master=master,
            wrapping=_derive(master, "wrapping"),
            wrapping_old=tuple(_derive(key, "wrapping") for key in former),
            lookup=_derive(oldest, "lookup"),
            body=_derive(oldest, "body"),
            internal=_derive(master, "internal").hex(),
            sessions=_derive(master, "sessions"),
        )

    def role_password(self, role: str) -> str:
        """The password of a database role."""
        return _derive(self._master, f"role/{role}").hex()
