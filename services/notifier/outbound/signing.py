"""Signatures of Standard Webhooks 1.0.0, so that a receiver knows who called: `v1`, HMAC-SHA256 with a shared secret.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
Our own lines, since the library signs wrongly for times that are not UTC. Pure; the time is an argument.
"""

import base64
import binascii
import hmac
from datetime import datetime
from hashlib import sha256

_PREFIX = "whsec_"


class BadSecret(ValueError):
    """A secret that is not `whsec_` and base64; its text is not repeated here."""


def headers(secret: str, *, message: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers that sign `body`; `message` is the same for each attempt, `at` is the time of this one."""
    seconds = str(int(at.timestamp()))
    signed = b".".join((message.encode(), seconds.encode(), body))
    signature = base64.b64encode(hmac.new(_key(secret), signed, sha256).digest()).decode()
    return {"webhook-id": message, "webhook-timestamp": seconds, "webhook-signature": f"v1,{signature}"}


def _key(secret: str) -> bytes:
    try:
        # Padding is added because some tools leave it out; the decoder skips what is too much.
        key = base64.b64decode(secret.removeprefix(_PREFIX) + "==")
    except binascii.Error as error:
        raise BadSecret("the secret is not base64") from error
    if not key:
        raise BadSecret("the secret is empty")
    return key
