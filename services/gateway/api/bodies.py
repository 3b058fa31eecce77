"""The body of a request: strict JSON read into a model, and the Idempotency-Key that belongs to it.

Must not quote what was sent: it may be personal data.
"""

import hmac
import json
import re
from hashlib import sha256
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from schemas.http.common import Body
from services.gateway.api.call import Call
from services.gateway.api.problems import refuse
from services.gateway.domain import field_errors
from services.gateway.domain.command import IdempotencyKey
from services.runtime.base.errors import Refused

_B = TypeVar("_B", bound=Body)
_KEY: Final = re.compile(r"[\x21-\x7e]{1,128}")
_JSON: Final = re.compile(rb"application/(?:[\w.+-]+\+)?json\s*(?:;\s*charset=\"?utf-8\"?\s*)?", re.IGNORECASE)


async def read(call: Call, model: type[_B], *, optional: bool) -> _B:
    """The body as a model; `optional` takes no body for an empty one. Raises `Refused`."""
    content = await call.content()
    if optional and not content:
        return model()
    if not _JSON.fullmatch(call.received.get(b"content-type", b"")):
        raise refuse("body.media_type", "the body must be application/json in UTF-8")
    try:
        body = model.model_validate_json(content)
    except ValidationError as error:
        raise _invalid(error) from None
    try:
        _DECODER.decode(content.decode())
    except _TwiceError as error:
        raise refuse("body.malformed", f"the field {error} stands twice in one object") from None
    return body


class _TwiceError(Exception):
    """A field that stands twice in an object; its name is one of the model, since unknown fields are refused."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(next(name for name in names if names.count(name) > 1))
    return found


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique)


def _invalid(error: ValidationError) -> Refused:
    # neither the input nor pydantic's own words on JSON that quote it: both may be personal data
    errors = error.errors(include_input=False, include_url=False)
    if errors[0]["type"] == "json_invalid":
        where = re.search(r"line \d+ column \d+", errors[0]["msg"])
        return refuse("body.malformed", f"the body is no JSON{' at ' + where[0] if where else ''}")
    found = field_errors.problems(errors)
    return refuse("body.invalid", f"{len(found)} field(s) are refused: see errors", found)


async def idempotency_key(call: Call) -> IdempotencyKey | None:
    """The Idempotency-Key with the keyed hash of the request. Raises `Refused` when it cannot be one."""
    given = call.received.get(b"idempotency-key")
    if given is None:
        return None
    text = given.decode("latin-1")
    key = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
    if not _KEY.fullmatch(key):
        raise refuse("idempotency.key_invalid", "an Idempotency-Key has 1 to 128 visible ASCII characters")
    scope, digest = call.scope, hmac.new(call.state.context.settings.keys.body, digestmod=sha256)
    for word in (call.route.method.encode(), call.path.encode(), scope["query_string"], await call.content()):
        digest.update(len(word).to_bytes(8, "big") + word)
    return IdempotencyKey(call.actor.key, key, digest.digest())
