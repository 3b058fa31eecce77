"""One request on its way through the API, and all that a route may do with it.

A route receives a `Call`: who calls and when, under which trace and Idempotency-Key; it submits commands, asks other
services and reads personal data through it. Promises that a 2xx is durable and names its position, that two requests
with one Idempotency-Key never run at the same time in this process, and that a sight of personal data is on record
before it is seen.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import orjson
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope

from schemas.days import jakarta_day
from schemas.logs import ServiceName
from services.gateway.api.app_state import AppState
from services.gateway.api.problems import refuse
from services.gateway.api.routing import Route
from services.gateway.domain.command import GatewayCommand, IdempotencyKey
from services.gateway.domain.days import CLOCKWORK
from services.gateway.domain.people import ReadPersons
from services.gateway.handlers.idempotency import Reply
from services.runtime.base import ids
from services.runtime.base.errors import Refused
from services.runtime.base.sharding import moved, shard_of
from services.runtime.base.telemetry import traceparent

_C = TypeVar("_C", bound=GatewayCommand)
_TRACE: Final = re.compile(rb"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class BodyTooLarge(Exception):
    """More bytes than a body may have."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"a body here has at most {limit} bytes")


@dataclass(frozen=True, slots=True)
class Done:
    """A command that was accepted: its answer, and where it stands in the log."""

    reply: Reply
    position: str

    def response(self) -> Response:
        """The answer as HTTP shows it."""
        headers = {"Sekul-Position": self.position}
        if self.reply.replayed:
            headers["Idempotency-Replayed"] = "true"
        return json_response(self.reply.body, self.reply.status, headers)


class JsonResponse(Response):
    """A JSON answer; made with fewer steps than Starlette's, since each write makes one."""

    def __init__(self, body: Any, status: int, headers: Mapping[str, str]) -> None:
        self.status_code = status
        self.background = None
        self.body = orjson.dumps(body)
        self.raw_headers = [
            (b"content-length", b"%d" % len(self.body)),
            (b"content-type", b"application/json"),
            *((name.lower().encode(), value.encode()) for name, value in headers.items()),
        ]


def json_response(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return JsonResponse(body, status, headers or {})


class Call:
    """See the module. `at` and `day` are read from the clock once; `headers` are added to whatever is answered."""

    def __init__(self, state: AppState, route: Route, scope: Scope, receive: Receive) -> None:
        self.state = state
        self.route = route
        self.scope = scope
        self.receive = receive
        self.received: dict[bytes, bytes] = dict(reversed(scope["headers"]))
        given = self.received.get(b"traceparent", b"")
        self.trace: str = given.decode() if _TRACE.fullmatch(given) else traceparent()
        self.at = state.context.clock.now()
        self.day = jakarta_day(self.at)
        self.actor = CLOCKWORK
        self.once: IdempotencyKey | None = None
        self.headers: list[tuple[bytes, bytes]] = []
        self._content: bytes | None = None

    @property
    def path(self) -> str:
        """The path, for problems and logs."""
        return str(self.scope["path"])

    @property
    def address(self) -> str:
        """Where the request comes from."""
        client = self.scope.get("client")
        return str(client[0]) if client else "unknown"

    @property
    def body_bytes_max(self) -> int:
        """How large the body may be."""
        http = self.state.context.settings.http
        return http.import_bytes_max if self.route.file else http.body_bytes_max

    async def content(self) -> bytes:
        """The body, read once. Raises `BodyTooLarge` as soon as it has grown past its limit."""
        if self._content is None:
            limit, parts, size, more = self.body_bytes_max, list[bytes](), 0, True
            while more:
                message = await self.receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > limit:
                    raise BodyTooLarge(limit)
                more = message.get("more_body", False)
            self._content = b"".join(parts)
        return self._content

    # -- commands ------------------------------------------------------------------------------------------------

    def command(self, of: type[_C], /, **fields: Any) -> _C:
        """The command of this request; it is done once for its Idempotency-Key."""
        return of(at=self.at, day=self.day, trace=self.trace, actor=self.actor, once=self.once, **fields)

    def step(self, of: type[_C], /, **fields: Any) -> _C:
        """One of several commands of this request, harmless when done twice."""
        return of(at=self.at, day=self.day, trace=self.trace, actor=self.actor, **fields)

    async def perform(self, key: str, command: GatewayCommand) -> Response:
        """Have the command of this request decided on the shard of a city or donor, and answer."""
        with self.one_at_a_time():
            async with self.state.gathering.joined():
                return (await self.submit(self.shard(key), command)).response()

    def new_on_a_shard(self, prefix: str) -> str:
        """A new id for something that may lie on any shard: one of this process, and the same for a group of writes."""
        owned, shards = self.state.context.engine.owned, self.state.context.settings.shards
        identity = ids.new(prefix, self.at)
        return moved(identity, owned[self.state.gathering.number % len(owned)], shards) if owned else identity

    async def submit(self, shard: int, command: GatewayCommand) -> Done:
        """Have a command decided. Raises `Refused`, or `RetryLater` when the shard cannot be written here now."""
        engine = self.state.context.engine
        answer = await engine.processor(shard).submit(command)
        reply: Reply = answer.value
        if reply.replayed and reply.shard is not None:
            # what was done before stands not after the present end of its own shard
            end = engine.progress.head_of("gateway", reply.shard)
            return Done(reply, f"gateway/{reply.shard}/{end}")
        return Done(reply, answer.position)

    def shard(self, key: str) -> int:
        """The shard of a city or a donor."""
        return shard_of(key, self.state.context.settings.shards)

    @contextmanager
    def one_at_a_time(self) -> Iterator[None]:
        """Refuse a second request with the same Idempotency-Key while the first one runs."""
        if self.once is None:
            yield
            return
        key, running = (self.once.key_id, self.once.key), self.state.running
        if key in running:
            raise refuse("idempotency.running", "the first request with this Idempotency-Key still runs")
        running.add(key)
        try:
            yield
        finally:
            running.discard(key)

    # -- questions -----------------------------------------------------------------------------------------------

    async def ask(self, service: ServiceName, path: str, **parameters: str | int | None) -> Any:
        """What another service answers, or the `Refused` that it answers with. Raises `PeerAway`."""
        return await self.state.peers.get(service, path, parameters, self.trace)

    async def persons(
        self, key: str, persons: Sequence[str], fields: tuple[str, ...]
    ) -> Mapping[str, Mapping[str, Any]]:
        """Personal data of people of one shard; the audit is durable before anything is seen."""
        # no sight is a repetition of another, so none has an Idempotency-Key
        await self.submit(self.shard(key), self.step(ReadPersons, persons=persons, fields=fields))
        async with self.state.context.pool.acquire() as connection:
            return await self.state.vault.read(connection, persons)

    async def books(self, path: str, refusal: str = "query.invalid", **parameters: str | int | None) -> Any:
        """What the ledger answers. Raises `Refused` with the code `refusal` when it refuses."""
        answer = await self.ask("ledger", path, **parameters)
        if isinstance(answer, Refused):
            raise refuse(refusal, answer.detail or answer.code)
        return answer
