"""The certificate of an erasure: a document that its recipient can keep, and check against the log.

Pure. Its digest is what `person.erased` carries; the same tombstone always leads to the same document.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from schemas.envelope import instant

STATEMENT = (
    "The key that alone opened this person's data has been destroyed, and the entry by which the NIK was found has been"
    " removed. What is left is the ciphertext with the fingerprint above, which nobody can read any more."
)


@dataclass(frozen=True, slots=True)
class Certificate:
    """That a person's data can no longer be read, since when, and by which fingerprint the remains are known."""

    person: str
    erased_at: datetime
    ciphertext_sha256: str

    @property
    def digest(self) -> str:
        """The hex SHA-256 over the document without its digest, as compact JSON with sorted keys."""
        body = json.dumps(self._body(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return sha256(body.encode()).hexdigest()

    def document(self) -> dict[str, str]:
        """The certificate as JSON values."""
        return self._body() | {"digest": self.digest}

    def _body(self) -> dict[str, str]:
        return {
            "document": "erasure-certificate.v1",
            "person": self.person,
            "erased_at": instant(self.erased_at),
            "ciphertext_sha256": self.ciphertext_sha256,
            "statement": STATEMENT,
        }


def certify(person: str, erased_at: datetime, ciphertext: bytes) -> Certificate:
    """The certificate that belongs to a tombstone."""
    return Certificate(person, erased_at, sha256(ciphertext).hexdigest())
