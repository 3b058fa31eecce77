"""Tokens that let a person opt out with one POST and no login (RFC 8058): written into notices, read at the edge.

Promises that a token names one person, cannot be guessed or changed, and stays good for ever: old mails are read late.
Pure; the key is an argument (`keys.lookup`, which survives rotation). Must not be used for anything that harms when a
link leaks: the holder of a token can stop a person's notices, and nothing else.
"""

import base64
import binascii
import hmac
from hashlib import sha256

#: 128 bits of a MAC are enough where guessing means asking over HTTP.
_MAC_BYTES = 16


def token(key: bytes, person: str) -> str:
    """The token of a person: URL-safe text without padding."""
    return base64.urlsafe_b64encode(_mac(key, person) + person.encode()).rstrip(b"=").decode()


def person_of(key: bytes, text: str) -> str | None:
    """Whose token this is; `None` when it is nobody's."""
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        person = raw[_MAC_BYTES:].decode("ascii")
    except (binascii.Error, UnicodeError):
        return None
    # The whole text is compared, since several texts decode to the same bytes.
    return person if hmac.compare_digest(text, token(key, person)) else None


def _mac(key: bytes, person: str) -> bytes:
    # The name in front keeps these apart from everything else that is hashed under the same key.
    return hmac.new(key, b"unsubscribe/" + person.encode(), sha256).digest()[:_MAC_BYTES]
