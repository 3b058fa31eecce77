"""Sessions of the console: a cookie that holds the API key sealed, never in clear.

The token is AES-256-GCM over key, role and end, under a key derived from the master key; a stolen cookie ends with its
twelve hours and cannot be turned back into the API key. Must not store anything on the server, so any gateway can open
any session. Sessions live by the machine's clock: turning the programme's clock by a month logs nobody out.
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
    """Somebody who logged in. `form_token` goes into every form and must come back with it."""

    bearer: str
    role: str
    form_token: str

    @property
    def may_act(self) -> bool:
        """Whether the role may ask for changes."""
        return self.role == "operator"


class Sessions:
    """Seals and opens sessions."""

    def __init__(self, key: bytes, clock: Clock) -> None:
        self._box = AESGCM(key)
        self._form_key = blake2b(b"form", key=key, digest_size=32).digest()
        self._clock = clock

    def seal(self, bearer: str, role: str) -> str:
        """The cookie's value for an API key."""
        end = self._clock.now() + timedelta(hours=SESSION_HOURS)
        words = json.dumps({"bearer": bearer, "role": role, "end": end.isoformat()}).encode()
        nonce = ids.chance(_NONCE_BYTES)
        return base64.urlsafe_b64encode(nonce + self._box.encrypt(nonce, words, _PURPOSE)).decode()

    def open(self, token: str | None) -> Session | None:
        """The session in a cookie's value; nothing when it is foreign, broken or over."""
        words = self._unseal(token) if token else None
        if token is None or words is None or datetime.fromisoformat(words["end"]) <= self._clock.now():
            return None
        return Session(words["bearer"], words["role"], self._form_token(token))

    def _unseal(self, token: str) -> dict[str, str] | None:
        try:
            raw = base64.b64decode(token, altchars=b"-_", validate=True)
            opened = json.loads(self._box.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _PURPOSE))
        except (binascii.Error, InvalidTag, ValueError):
            return None
        return {str(key): str(value) for key, value in opened.items()}

    def _form_token(self, token: str) -> str:
        return blake2b(token.encode(), key=self._form_key, digest_size=16).hexdigest()


def same(given: str, expected: str) -> bool:
    """Whether two tokens are equal, in a time that tells nothing."""
    return hmac.compare_digest(given.encode(), expected.encode())
