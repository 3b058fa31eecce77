"""The routes that every process has: alive, ready, metrics. They say what is so, and nothing personal.

live  = the event loop turns (a stuck one cannot answer in time)
ready = every shard that the process owns can be read, written and published now
"""

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.runtime.base.telemetry import exposition
from services.runtime.process.engine import Engine


def routes(engine: Engine) -> list[Route]:
    """`/healthz`, `/readyz`, `/metrics`."""

    async def live(_request: Request) -> Response:
        return _json({"live": True, "service": engine.service.name})

    async def ready(_request: Request) -> Response:
        now = engine.readiness()
        body = {
            "ready": now.ready,
            "why": now.why,
            "waiting": {str(shard): {"code": o.code, "detail": o.detail} for shard, o in now.shards.items()},
            "shards": engine.owned,
            "lag": engine.lag(),
            "relay_lag": engine.relay.lag,
        }
        return _json(body, 200 if now.ready else 503)

    async def metrics(_request: Request) -> Response:
        return Response(exposition(), media_type="text/plain; version=0.0.4")

    return [Route("/healthz", live), Route("/readyz", ready), Route("/metrics", metrics)]


def _json(body: object, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
