"""What other services may ask the matcher, as JSON over HTTP, guarded by `runtime.process.internal_auth`.

Promises reads only: a preview plays on a copy, in a thread, beside the shard processor. Must not decide anything.
"""

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import orjson
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schemas.facts.gateway import PledgeRegistered
from schemas.reference import regions
from services.context import Context
from services.matcher.domain.certificate import certify
from services.matcher.domain.explain import Explanation, explain_pledge, explain_worker
from services.matcher.domain.preview import PledgeRehearsal
from services.matcher.domain.state import State
from services.runtime.base.errors import RetryLater
from services.runtime.base.sharding import shard_of
from services.runtime.shard.processor import ShardProcessor


def routes(context: Context) -> list[Route]:
    """The internal routes of the matcher."""
    asked = Questions(context)
    return [
        Route("/internal/preview", asked.preview, methods=["POST"]),
        Route("/internal/explain/worker/{name}", asked.worker),
        Route("/internal/explain/pledge/{name}", asked.pledge),
        Route("/internal/certificate/{city}", asked.certificate),
    ]


class Questions:
    """One method per route."""

    def __init__(self, context: Context) -> None:
        self._engine = context.engine
        self._shards = context.settings.shards

    async def preview(self, request: Request) -> Response:
        """What a pledge would change."""
        try:
            fact = PledgeRegistered.model_validate_json(await request.body())
            processor = self._processor(fact.city)
        except ValidationError as error:
            return _refusal(422, "body.invalid", str(error.errors(include_url=False, include_input=False)))
        except RetryLater as error:
            return _refusal(503, error.code, error.detail)
        preview = await asyncio.to_thread(PledgeRehearsal(await processor.whole_state(), fact).run)
        coverage = [asdict(row) | _named(row.area) for row in preview.coverage]
        return _json({"fills": preview.fills, "coverage": coverage})

    async def worker(self, request: Request) -> Response:
        """Why a worker is matched or waits."""
        return await self._explained(explain_worker, request.path_params["name"])

    async def pledge(self, request: Request) -> Response:
        """Why slots of a pledge are idle."""
        return await self._explained(explain_pledge, request.path_params["name"])

    async def certificate(self, request: Request) -> Response:
        """The certificate of a city's matching."""
        code = request.path_params["city"]
        try:
            processor = self._processor(code)
        except RetryLater as error:
            return _refusal(503, error.code, error.detail)
        city = (await processor.whole_state()).cities.get(code)
        if city is None:
            return _refusal(404, "city.unknown", f"no worker or pledge of {code} is known")
        return _json(certify(city))

    async def _explained(self, explain: Callable[[State, str], Explanation | None], name: str) -> Response:
        for shard in self._engine.owned:
            state: State = await self._engine.processor(shard).whole_state()
            found = explain(state, name)
            if found is not None:
                return _json(asdict(found))
        return _refusal(404, "id.unknown", f"{name} is not known here")

    def _processor(self, city: str) -> ShardProcessor:
        processor = self._engine.processor(shard_of(city, self._shards))
        if processor.status != "live":
            raise RetryLater(
                "shard.unavailable", f"shard {processor.shard} is {processor.status} here; try again in a moment"
            )
        return processor


def _named(area: str) -> dict[str, str]:
    return {"name": regions.name(area)} if regions.exists(area) else {}


def _json(content: Any) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")


def _refusal(status: int, code: str, detail: str) -> Response:
    return Response(orjson.dumps({"code": code, "detail": detail}), status, media_type="application/json")
