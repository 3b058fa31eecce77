"""The internal routes of the matcher: previews, explanations and certificates, for services with the internal key."""

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from services.matcher.app import asgi
from services.matcher.domain.state import State
from services.runtime.base.errors import RetryLater
from services.runtime.base.sharding import shard_of
from tests.simulation.matcher.world import CITY, World, name
from tests.support import toys
from tests.support.postgres import KEYS

SHARDS = 4
ELSEWHERE = [f"11.0{number}" for number in range(1, 10)]


class OneShard:
    """An engine that owns the shard of Cilegon alone."""

    def __init__(self, world: World, shards: int) -> None:
        self.owned = [shard_of(CITY, shards)]

        async def whole_state() -> State:
            return world.state

        self._processor: Any = SimpleNamespace(whole_state=whole_state, status="live", shard=self.owned[0])

    def processor(self, shard: int) -> Any:
        """The one shard processor."""
        if shard not in self.owned:
            raise RetryLater("shard.elsewhere", "not here")
        return self._processor


@pytest.fixture
def world() -> World:
    """One slot, taken by the first of two workers."""
    world = World()
    world.worker(1, "36.72.06.1004")
    world.worker(2, "36.72.06.1004")
    world.pledge(1, 1, areas=["36.72.06"])
    return world


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """Another service, which shows the internal key."""
    settings = toys.settings("", "postgresql://nowhere/sekul", Path()).model_copy(update={"shards": SHARDS})
    context: Any = SimpleNamespace(settings=settings, engine=OneShard(world, settings.shards))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(asgi(context)),
        base_url="http://matcher",
        headers={"Authorization": f"Bearer {KEYS.internal}"},
    ) as one:
        yield one


def pledge(**more: Any) -> dict[str, Any]:
    """A pledge as the gateway would send it."""
    terms = {
        "kind": "pledge.registered",
        "pledge": name("plg", 2),
        "donor": name("don", 2),
        "donor_kind": "company",
        "language": "en",
        "city": CITY,
        "slots": 5,
        "until": "2027-10",
        "starts": "2026-11",
        "scope": {"areas": [CITY], "occupations": [], "workers": [], "near": None},
        "payment": "direct",
        "programmes": ["jkk", "jkm"],
        "keep": False,
    }
    return terms | more


async def test_a_request_without_the_key_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/internal/certificate/{CITY}", headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 401


async def test_a_preview_has_fills_and_coverage_and_stores_nothing(client: httpx.AsyncClient, world: World) -> None:
    before = world.decider.dump(world.state)
    answer = await client.post("/internal/preview", json=pledge())
    assert answer.json() == {
        "fills": 1,
        "coverage": [{"area": "36.72.06", "workers": 2, "before": 1, "after": 2, "name": "Gerogol"}],
    }
    assert world.decider.dump(world.state) == before


async def test_a_preview_that_is_no_pledge_is_refused_with_a_reason(client: httpx.AsyncClient) -> None:
    answer = await client.post("/internal/preview", json=pledge(slots="many"))
    assert (answer.status_code, answer.json()["code"]) == (422, "body.invalid")


async def test_a_request_for_a_city_of_another_process_is_to_be_retried(client: httpx.AsyncClient) -> None:
    elsewhere = next(city for city in ELSEWHERE if shard_of(city, SHARDS) != shard_of(CITY, SHARDS))
    for answer in (
        await client.post("/internal/preview", json=pledge(city=elsewhere)),
        await client.get(f"/internal/certificate/{elsewhere}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (503, "shard.elsewhere")


async def test_workers_and_pledges_are_explained(client: httpx.AsyncClient) -> None:
    matched = (await client.get(f"/internal/explain/worker/{name('wrk', 1)}")).json()
    waiting = (await client.get(f"/internal/explain/worker/{name('wrk', 2)}")).json()
    full = (await client.get(f"/internal/explain/pledge/{name('plg', 1)}")).json()
    assert (matched["status"], matched["why"][0]["code"], matched["change"]) == ("matched", "match.new", None)
    assert (waiting["status"], waiting["why"][0]["code"]) == ("waiting", "slots.full")
    assert waiting["change"]["code"] == "slots.more"
    assert (full["status"], full["why"][0]["code"]) == ("open", "slots.filled")


@pytest.mark.parametrize("path", [f"worker/{name('wrk', 9)}", f"pledge/{name('plg', 9)}"])
async def test_an_unknown_id_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"/internal/explain/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "id.unknown")


async def test_a_certificate_names_the_full_pledges_that_border_the_waiting(client: httpx.AsyncClient) -> None:
    certificate = (await client.get(f"/internal/certificate/{CITY}")).json()
    assert certificate["pledges"] == [name("plg", 1)]
    assert certificate["cells"] == [{"area": "36.72.06.1004", "occupation": "ojek", "band": 2}]
    assert (certificate["seated"], certificate["waiting"], certificate["horizon"]) == (1, 1, "2026-12")
