"""Writes that take several steps (several shards, or a table of the edge), answered once for an Idempotency-Key.

Each step is harmless when done twice; the answer is kept when all are done. So a request that broke in the middle is
simply sent again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from fastapi import Request
from starlette.responses import Response

from services.gateway.api.app_state import Face, face_of
from services.gateway.api.execute import json, once_at_a_time
from services.gateway.api.problems import Refusal
from services.gateway.domain.command import Once
from services.gateway.handlers import idempotency as memory
from services.gateway.handlers.idempotency import Reply
from services.runtime.base.errors import Refused
from services.runtime.base.postgres import Connection

Steps = Callable[[], Awaitable[Reply]]
#: makes something with a secret, in the transaction that also remembers that it was made
Make = Callable[[Connection], Awaitable[Reply]]


async def compose(request: Request, once: Once | None, at: datetime, steps: Steps) -> Response:
    """Do the steps, unless they were done for this key before."""
    face = face_of(request)
    with once_at_a_time(face, once):
        known = await _known(face, once)
        if known is not None:
            return _answer(known)
        reply = await steps()
        if once is not None:
            async with face.context.pool.acquire() as connection:
                await memory.give(connection, [(once, reply, at)])
        return _answer(reply)


async def aim(face: Face, once: Once | None, at: datetime, what: Any) -> Any:
    """What a request of several steps aims at: what it was the first time that the request came with its key.

    For requests whose words mean something else once the first steps are done. `at` is when the aim is reached.
    """
    if once is None:
        return what
    # a caller's key holds no blank, so this one is nobody's
    first = replace(once, key=f"{once.key} aim")
    known = await _known(face, first)
    if known is not None:
        return known.body
    async with face.context.pool.acquire() as connection:
        await memory.give(connection, [(first, Reply(200, what), at)])
    return what


async def make_secret(request: Request, once: Once | None, at: datetime, make: Make) -> Response:
    """Make something whose secret is shown once: with the same key it is not made, and not shown, again."""
    face = face_of(request)
    with once_at_a_time(face, once):
        await _known(face, once)
        async with face.context.pool.acquire() as connection, connection.transaction():
            reply = await make(connection)
            if once is not None:
                await memory.give(connection, [(once, memory.without_secret(reply), at)])
        return _answer(reply)


async def _known(face: Face, once: Once | None) -> Reply | None:
    if once is None:
        return None
    async with face.context.pool.acquire() as connection:
        known = await memory.recall(connection, once)
    if isinstance(known, Refused):
        raise Refusal(known)
    return known


def _answer(reply: Reply) -> Response:
    return json(reply.body, reply.status, {"Idempotency-Replayed": "true"} if reply.replayed else None)
