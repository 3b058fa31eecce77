"""The routes that every process has: alive, ready, metrics. They tell the truth, and nothing personal.

live  = the event loop turns (a stuck one cannot answer in time)
ready = the process owns shards, all of them are live, and it is not stuck behind what it knows to exist
"""

from datetime import datetime, timedelta

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.runtime.base.clock import SystemClock
from services.runtime.base.telemetry import exposition
from services.runtime.process.app import Context

STUCK_AFTER = timedelta(seconds=30)


class Readiness:
    """Remembers when there was progress last, to tell a busy process from a stuck one."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._clock = SystemClock()
        self._seen: tuple[int, int] = (0, 0)
        self._since: datetime = self._clock.now()

    def look(self) -> tuple[bool, str]:
        """Ready or not, and why not."""
        engine = self._context.engine
        ready, why = engine.ready()
        if not ready:
            return ready, why
        lag = sum(engine.lag().values())
        now, applied = self._clock.now(), sum(c.seq for x in engine.lanes.values() for c in x.cursors.values())
        if lag == 0 or applied != self._seen[1]:
            self._seen, self._since = (lag, applied), now
        if now - self._since > STUCK_AFTER:
            return False, f"no progress for {int((now - self._since).total_seconds())} s with {lag} facts to apply"
        return True, ""


def routes(context: Context) -> list[Route]:
    """`/healthz`, `/readyz`, `/metrics`."""
    readiness = Readiness(context)

    async def live(_request: Request) -> Response:
        return _json({"live": True, "service": context.engine.service.name})

    async def ready(_request: Request) -> Response:
        is_ready, why = readiness.look()
        engine = context.engine
        body = {
            "ready": is_ready,
            "why": why,
            "shards": engine.owned,
            "lag": engine.lag(),
            "relay_lag": engine.relay.lag,
        }
        return _json(body, 200 if is_ready else 503)

    async def metrics(_request: Request) -> Response:
        return Response(exposition(), media_type="text/plain; version=0.0.4")

    return [Route("/healthz", live), Route("/readyz", ready), Route("/metrics", metrics)]


def _json(body: object, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
