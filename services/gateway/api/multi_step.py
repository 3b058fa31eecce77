"""Writes that take several steps (several shards, or a table of the edge), answered once for an Idempotency-Key.

Each step is harmless when done twice; the answer is stored when all are done. So a request that broke in the middle is
simply sent again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from starlette.responses import Response

from services.gateway.api.call import Call, json_response
from services.gateway.domain.command import IdempotencyKey
from services.gateway.handlers import idempotency
from services.gateway.handlers.idempotency import Reply
from services.runtime.base.postgres import Connection

Steps = Callable[[], Awaitable[Reply]]
#: makes something with a secret, in the transaction that also remembers that it was made
Make = Callable[[Connection], Awaitable[Reply]]


async def compose(call: Call, steps: Steps, *, at: datetime | None = None) -> Response:
    """Do the steps, unless they were done for this key before. `at` is when they are done, if not now."""
    with call.one_at_a_time():
        known = await _known(call, call.once)
        if known is None:
            known = await steps()
            if call.once is not None:
                async with call.state.context.pool.acquire() as connection:
                    await idempotency.store(connection, [(call.once, known, at or call.at)])
        return answer(known)


async def aim(call: Call, at: datetime, target: Any) -> Any:
    """What a request of several steps aims at: what it was the first time that the request came with its key.

    For requests that mean something else once the first steps are done. `at` is when the aim is reached.
    """
    if call.once is None:
        return target
    # a caller's key holds no blank, so this one is nobody's
    first = replace(call.once, key=f"{call.once.key} aim")
    known = await _known(call, first)
    if known is not None:
        return known.body
    async with call.state.context.pool.acquire() as connection:
        await idempotency.store(connection, [(first, Reply(200, target), at)])
    return target


async def make_secret(call: Call, make: Make) -> Response:
    """Make something whose secret is shown once: with the same key it is not made, and not shown, again."""
    with call.one_at_a_time():
        await _known(call, call.once)
        async with call.state.context.pool.acquire() as connection, connection.transaction():
            reply = await make(connection)
            if call.once is not None:
                await idempotency.store(connection, [(call.once, idempotency.without_secret(reply), call.at)])
        return answer(reply)


def answer(reply: Reply) -> Response:
    """A reply as HTTP shows it, without a position: it stands in no single log."""
    return json_response(reply.body, reply.status, {"Idempotency-Replayed": "true"} if reply.replayed else None)


async def _known(call: Call, once: IdempotencyKey | None) -> Reply | None:
    """The stored reply. Raises `Refused` when the key belongs to another request."""
    async with call.state.context.pool.acquire() as connection:
        return await idempotency.recall(connection, once)
