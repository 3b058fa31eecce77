"""Hands a command to its shard and turns what comes of it into an answer.

Promises that a 2xx is durable, that it names its position, and that two requests with one Idempotency-Key never run at
the same time in this process.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import Request
from starlette.responses import Response

from services.gateway.api.app_state import Face, face_of
from services.gateway.api.problems import Refusal, refuse
from services.gateway.domain.command import GatewayCommand, Once
from services.gateway.handlers.idempotency import Reply
from services.runtime.base.errors import Refused
from services.runtime.base.sharding import shard_of


@dataclass(frozen=True, slots=True)
class Done:
    """A command that was taken: its answer, and where it stands in the log."""

    reply: Reply
    position: str

    def response(self) -> Response:
        """The answer as HTTP gives it."""
        headers = {"Sekul-Position": self.position}
        if self.reply.replayed:
            headers["Idempotency-Replayed"] = "true"
        return json(self.reply.body, self.reply.status, headers)


def json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(body), status, headers, "application/json")


def shard_for(face: Face, key: str) -> int:
    """The shard of a city or a donor."""
    return shard_of(key, face.context.settings.shards)


async def perform(request: Request, key: str, command: GatewayCommand) -> Response:
    """Have a command decided on the shard of a city or donor, and answer."""
    face = face_of(request)
    with once_at_a_time(face, command.once):
        return (await submit(face, shard_for(face, key), command)).response()


async def submit(face: Face, shard: int, command: GatewayCommand) -> Done:
    """Have a command decided; raises `Refusal` for a refusal, `RetryLater` when the shard cannot be written here."""
    answer = await face.context.engine.lane(shard).submit(command)
    if isinstance(answer.value, Refused):
        raise Refusal(answer.value)
    return Done(answer.value, _position(face, answer.value, answer.position))


def _position(face: Face, reply: Reply, position: str) -> str:
    """Where a command stands; one that was done before stands not after the present end of its own shard."""
    if not reply.replayed or reply.shard is None:
        return position
    return f"gateway/{reply.shard}/{face.context.engine.progress.head_of('gateway', reply.shard)}"


@contextmanager
def once_at_a_time(face: Face, once: Once | None) -> Iterator[None]:
    """Refuse a second request with an Idempotency-Key while the first one runs."""
    key = (once.key_id, once.key) if once else None
    if key is None:
        yield
        return
    if key in face.running:
        raise refuse("idempotency.running", "the first request with this Idempotency-Key still runs")
    face.running.add(key)
    try:
        yield
    finally:
        face.running.discard(key)
