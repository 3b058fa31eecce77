"""What a route asks of a request before it begins: who asks, what the body says, what must be seen first.

Promises the order: key, rate, role, then the body. Refusals are raised and become problems in one place.
"""

import hmac
import re
from collections.abc import Callable
from datetime import date, datetime
from hashlib import sha256
from typing import Annotated, Any, Final, TypedDict, TypeVar

from fastapi import Depends, Header, Query, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import ValidationError

from schemas.http.common import Body
from schemas.logs import CATALOGUE
from services.gateway.api.app_state import Face, face_of
from services.gateway.api.problems import refuse
from services.gateway.domain import field_errors
from services.gateway.domain.command import Once
from services.gateway.domain.roles import Actor, Permission
from services.runtime.base.clock import jakarta_day

_B = TypeVar("_B", bound=Body)
BEARER: Final = HTTPBearer(
    auto_error=False, scheme_name="key", description="An API key: `Authorization: Bearer <key>`."
)
_KEY: Final = re.compile(r"[\x21-\x7e]{1,128}")
_JSON: Final = re.compile(r"application/(?:[\w.+-]+\+)?json\s*(?:;\s*charset=\"?utf-8\"?\s*)?", re.IGNORECASE)


async def actor_of(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)]
) -> Actor:
    """Whoever holds the key of a request, with the request counted against its rate."""
    face = face_of(request)
    actor = await face.keyring.find(credentials.credentials) if credentials else None
    if actor is None:
        await face.limiter.fail(request.client.host if request.client else "unknown")
        if credentials is None:
            raise refuse("key.missing", "this needs an API key")
        raise refuse("key.unknown", "this API key is not known, or was revoked")
    request.scope["state"]["headers"] = await face.limiter.spend(actor.key)
    return actor


def allowed(permission: Permission) -> Any:
    """Require a permission; gives the `Actor`."""

    async def check(actor: Annotated[Actor, Depends(actor_of)]) -> Actor:
        if not actor.may(permission):
            raise refuse("role.forbidden", f"a key of role {actor.role} has no permission {permission}")
        return actor

    return Depends(check)


def body_of(model: type[_B], *, optional: bool = False) -> Any:
    """Read the body as strict JSON into a model; `optional` takes no body for an empty one."""

    async def read(request: Request) -> _B:
        content = await request.body()
        if optional and not content:
            return model()
        media = request.headers.get("content-type", "")
        if not _JSON.fullmatch(media):
            raise refuse("body.media_type", "the body must be application/json in UTF-8")
        try:
            return model.model_validate_json(content)
        except ValidationError as error:
            raise _invalid(error) from None

    return Depends(read)


def _invalid(error: ValidationError) -> Exception:
    # neither the input nor pydantic's own words on JSON that quote it: both may be personal data
    errors = error.errors(include_input=False, include_url=False)
    if errors[0]["type"] == "json_invalid":
        where = re.search(r"line \d+ column \d+", errors[0]["msg"])
        return refuse("body.malformed", f"the body is no JSON{' at ' + where[0] if where else ''}")
    found = field_errors.problems(errors)
    return refuse("body.invalid", f"{len(found)} field(s) cannot be taken: see errors", found)


class Asked(TypedDict):
    """What every command is made with."""

    at: datetime
    day: date
    trace: str
    actor: Actor
    once: Once | None


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=130,
        pattern=r"^[!-~]{1,130}$",
        description="Makes the write happen once: the same key and request are answered as the first time, for 24 h.",
    ),
]


async def asked(request: Request, idempotency_key: IdempotencyKey = None) -> Callable[[Actor], Asked]:
    """What a command is made with, once the actor is known."""
    face = face_of(request)
    content = await request.body() if idempotency_key is not None else b""

    def made(actor: Actor) -> Asked:
        now = face.context.clock.now()
        once = None if idempotency_key is None else _once(face, request, actor, idempotency_key, content)
        return Asked(at=now, day=jakarta_day(now), trace=request.scope["state"]["trace"], actor=actor, once=once)

    return made


def _once(face: Face, request: Request, actor: Actor, given: str, content: bytes) -> Once:
    key = given[1:-1] if len(given) > 1 and given[0] == given[-1] == '"' else given
    if not _KEY.fullmatch(key):
        raise refuse("idempotency.key_invalid", "an Idempotency-Key has 1 to 128 visible ASCII characters")
    words = (request.method.encode(), request.url.path.encode(), request.url.query.encode(), content)
    digest = hmac.new(face.context.settings.keys.body, digestmod=sha256)
    for word in words:
        digest.update(len(word).to_bytes(8, "big") + word)
    return Once(actor.key, key, digest.digest())


Asking = Annotated[Callable[[Actor], Asked], Depends(asked)]

SekulAfter = Annotated[
    str | None,
    Header(
        alias="Sekul-After",
        pattern=rf"^({'|'.join(CATALOGUE)})/[0-9]{{1,4}}/[0-9]{{1,15}}$",
        description="A `Sekul-Position`: the answer waits until what was written there is to be seen (at most 5 s).",
    ),
]


async def caught_up(request: Request, sekul_after: SekulAfter = None) -> None:
    """Wait until the matcher and the ledger have worked a write off, and their answers are in the read models."""
    if sekul_after is None:
        return
    face = face_of(request)
    service, shard, seq = sekul_after.split("/")
    if int(shard) >= face.context.settings.shards:
        raise refuse("position.invalid", "there is no such shard")
    progress, timeout = face.context.engine.progress, face.context.settings.http.wait_longest_s
    lane = face.context.engine.lanes.get(int(shard))
    if service == "gateway" and lane is not None and lane.status == "live" and int(seq) > lane.head.seq:
        raise refuse("position.invalid", "nothing has been written there yet")
    if await progress.wait(sekul_after, ("matcher", "ledger"), reader="gateway", timeout=timeout):
        return
    if int(seq) > progress.head_of(service, int(shard)):
        raise refuse("position.invalid", "nothing is known to have been written there")
    raise refuse("read.not_yet", f"not to be seen after {timeout:g} s; the services are behind")


Waits = Depends(caught_up)

Limit = Annotated[int, Query(ge=1, le=1_000, description="How many items at most.")]
After = Annotated[
    str | None, Query(pattern=r"^[!-~]{1,200}$", description="`next` of the page before.", max_length=200)
]
