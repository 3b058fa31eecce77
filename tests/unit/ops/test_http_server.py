"""The HTTP server of all services: the head of a request has a bound."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from services.ops import serve


class Transport(asyncio.Transport):
    """A connection that remembers what was sent, and whether it was closed."""

    closed = False

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []

    def write(self, data: bytes) -> None:  # type: ignore[override]
        """Note it."""
        self.sent.append(data)

    def close(self) -> None:
        """Note it."""
        self.closed = True

    def pause_reading(self) -> None:
        """Go on all the same: the test writes what it writes."""

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self.closed


async def nothing(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """An application that does not answer."""
    await asyncio.Event().wait()


@pytest.fixture
async def connection() -> AsyncIterator[tuple[serve._Protocol, Transport]]:
    """A connection that was just made."""
    config = uvicorn.Config(nothing, http=serve._Protocol, lifespan="off", log_config=None)
    config.load()
    protocol, transport = serve._Protocol(config, ServerState(), {}), Transport()
    protocol.connection_made(transport)
    yield protocol, transport
    for task in protocol.tasks:
        task.cancel()


async def test_the_head_and_the_body_of_an_answer_are_sent_in_one_piece() -> None:
    transport = Transport()
    joined = serve._Transport(transport)
    joined.write(b"head, ")
    joined.write(b"body")
    assert transport.sent == []
    await asyncio.sleep(0)
    assert transport.sent == [b"head, body"]


async def test_what_was_written_is_sent_before_the_connection_closes() -> None:
    transport = Transport()
    joined = serve._Transport(transport)
    joined.write(b"the last word")
    joined.close()
    assert transport.sent == [b"the last word"]
    assert transport.closed


async def test_a_long_piece_is_sent_at_once() -> None:
    transport = Transport()
    serve._Transport(transport).write(b"x" * (serve.JOINED_BYTES_MAX + 1))
    assert len(transport.sent) == 1


async def test_a_head_that_does_not_end_ends_the_connection(connection: tuple[serve._Protocol, Transport]) -> None:
    protocol, transport = connection
    protocol.data_received(b"GET / HTTP/1.1\r\nX-Long: ")
    for _ in range(serve.HEAD_BYTES_MAX // 4_096):
        assert not transport.closed
        protocol.data_received(b"x" * 4_096)
    assert transport.closed


async def test_a_body_may_be_longer_than_a_head(connection: tuple[serve._Protocol, Transport]) -> None:
    protocol, transport = connection
    protocol.data_received(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
    for _ in range(2 * serve.HEAD_BYTES_MAX // 4_096):
        protocol.data_received(b"x" * 4_096)
    assert not transport.closed
