"""Sessions: a cookie that holds the API key sealed, never in clear.

The token is AES-256-GCM over key, role and expiry, under a key derived from the master key; a stolen cookie is useless
after its twelve hours and cannot be turned back into the API key. Must not store anything on the server, so any process
can open any session. Expiry uses the system clock: advancing the programme's virtual clock logs nobody out.
"""

import base64
import binascii
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.runtime.base import ids
from services.runtime.base.clock import Clock

COOKIE: Final = "sekul_console"
SESSION_HOURS: Final = 12
ROLES: Final = ("operator", "auditor")
_NONCE_BYTES: Final = 12
_PURPOSE: Final = b"sekul console session v1"


@dataclass(frozen=True)
class Session:
    """A login. `form_token` is part of every form and must come back with it."""

    bearer: str
    role: str
    form_token: str

    @property
    def may_act(self) -> bool:
        """Whether the role may request changes."""
        return self.role == "operator"


class Sessions:
    """Seals and opens sessions."""

    def __init__(self, key: bytes, clock: Clock) -> None:
        self._box = AESGCM(key)
        self._form_key = blake2b(b"form", key=key, digest_size=32).digest()
        self._clock = clock

    def seal(self, bearer: str, role: str) -> str:
        """Returns the cookie's value for an API key."""
        expires_at = self._clock.now() + timedelta(hours=SESSION_HOURS)
        content = json.dumps({"bearer": bearer, "role": role, "expires_at": expires_at.isoformat()}).encode()
        nonce = ids.chance(_NONCE_BYTES)
        return base64.urlsafe_b64encode(nonce + self._box.encrypt(nonce, content, _PURPOSE)).decode()

    def open(self, token: str | None) -> Session | None:
        """Returns the session in a cookie's value; None if it is foreign, damaged or expired."""
        content = self._unseal(token) if token else None
        if token is None or content is None or datetime.fromisoformat(content["expires_at"]) <= self._clock.now():
            return None
        return Session(content["bearer"], content["role"], self._form_token(token))

    def _unseal(self, token: str) -> dict[str, str] | None:
        try:
            raw = base64.b64decode(token, altchars=b"-_", validate=True)
            opened = json.loads(self._box.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _PURPOSE))
        except (binascii.Error, InvalidTag, ValueError):
            return None
        return {str(key): str(value) for key, value in opened.items()}

    def _form_token(self, token: str) -> str:
        return blake2b(token.encode(), key=self._form_key, digest_size=16).hexdigest()


def equal(left: str, right: str) -> bool:
    """Whether two tokens are equal, in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())
