"""The floor of the HTTP figures: what a durable write over HTTP costs at least in Python.

Starlette and uvicorn with httptools and uvloop, the body of a donor validated by pydantic, one COPY per shared commit:
no key, no trace, no seal, no log. `python -m tests.bench.http_floor PORT DATABASE` serves until it is terminated.
"""

import asyncio
import sys

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schemas.http.donors import NewDonor
from services.runtime.base import ids
from services.runtime.base.clock import SystemClock
from services.runtime.base.postgres import Connection, connect

TABLE = "create table if not exists http_floor (id text primary key, body bytea not null)"

Row = tuple[str, bytes]


class SharedCommit:
    """Collects rows while one COPY runs; the next COPY takes all of them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: list[tuple[Row, asyncio.Future[None]]] = []
        self._arrived = asyncio.Event()

    def add(self, row: Row) -> "asyncio.Future[None]":
        """A future that ends when the row is durable."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((row, future))
        self._arrived.set()
        return future

    async def run(self) -> None:
        """Commit, for ever."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            taken, self._waiting = self._waiting, []
            await self._connection.copy_records_to_table("http_floor", records=[row for row, _ in taken])
            for _, future in taken:
                future.set_result(None)


async def serve(port: int, url: str) -> None:
    """Serve one route."""
    connection, clock = await connect(url), SystemClock()
    await connection.execute(TABLE)
    commits = SharedCommit(connection)
    loop = asyncio.create_task(commits.run())

    async def post(request: Request) -> Response:
        content = await request.body()
        NewDonor.model_validate_json(content)
        identity = ids.new("don", clock.now())
        await commits.add((identity, content))
        return Response(b'{"id":"%s"}' % identity.encode(), 201, media_type="application/json")

    app = Starlette(routes=[Route("/v1/donors", post, methods=["POST"])])
    config = uvicorn.Config(app, port=port, http="httptools", loop="uvloop", access_log=False, log_level="warning")
    await uvicorn.Server(config).serve()
    loop.cancel()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), sys.argv[2]))
