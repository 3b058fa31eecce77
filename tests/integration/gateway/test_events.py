"""Facts of all services: page by page, live, and as the history of one pledge."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest
import uvicorn

from schemas.facts.notifier import NoticeLine, NoticeLines, NoticesRequested, NoticesSent
from services.gateway.api.routes import events as routes
from tests.support.gateway import OPERATOR, SHARDS, Twin
from tests.support.gateway_words import (
    confirmed,
    donor,
    good,
    matched,
    new,
    opened,
    pledge,
    prepared,
    refused,
    worker,
)
from tests.support.stack import becomes_true


async def walk(gw: Twin, query: str = "", limit: int = 7) -> list[dict[str, Any]]:
    """All facts that a query finds, page by page."""
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        page = good(await gw.client.get(f"/v1/events?limit={limit}{query}{after}"))
        assert len(page["items"]) <= limit
        found += page["items"]
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"


async def story(gw: Twin) -> tuple[str, str, str]:
    """A donor, a pledge and a worker, with other services' facts about them."""
    of, who, shard = await donor(gw), await worker(gw), gw.shard("36.72")
    name, remittance = await pledge(gw, of), new("rem")
    await gw.tell("matcher", shard, opened(name, of), matched(name, who))
    await gw.tell("ledger", shard, prepared(remittance, of, (name,)), confirmed(remittance, of, name, who))
    return of, name, who


async def test_each_fact_is_found_once_for_any_page_size(gw: Twin) -> None:
    await story(gw)
    own = [f"gateway/{one.shard}/{one.seq}" for one in await gw.facts()]
    inbox = await gw.pool.fetch("SELECT source || '/' || shard || '/' || seq AS position FROM inbox")
    everything = sorted(own + [row["position"] for row in inbox])
    for limit in (1, 7, 1000):
        for order in ("asc", "desc"):
            found = [one["id"] for one in await walk(gw, f"&order={order}", limit)]
            assert sorted(found) == everything, (limit, order)


async def test_a_page_is_in_the_order_of_time_and_of_each_log(gw: Twin) -> None:
    found = await walk(gw)
    for shard in range(SHARDS):
        seqs = [int(one["sequence"]) for one in found if one["source"] == f"/sekul/gateway/{shard}"]
        assert seqs == sorted(seqs)
    backwards = await walk(gw, "&order=desc")
    for shard in range(SHARDS):
        seqs = [int(one["sequence"]) for one in backwards if one["source"] == f"/sekul/gateway/{shard}"]
        assert seqs == sorted(seqs, reverse=True)


async def test_a_reader_that_returns_sees_only_new_facts(gw: Twin) -> None:
    cursor = good(await gw.client.get("/v1/events?limit=1000"))["cursor"]
    assert good(await gw.client.get(f"/v1/events?after={cursor}"))["items"] == []
    of = await donor(gw)
    [new_one] = good(await gw.client.get(f"/v1/events?after={cursor}"))["items"]
    assert new_one["subject"] == of


async def test_facts_are_found_by_type_subject_and_area(gw: Twin) -> None:
    of, name, who = await story(gw)
    far = await worker(gw, area="36.72.02.1001")
    kinds = {one["type"] for one in await walk(gw, "&types=matches.made,sekul.donor.registered.v1")}
    assert kinds == {"sekul.matches.made.v1", "sekul.donor.registered.v1"}
    assert {one["type"] for one in await walk(gw, "&types=pledge.*")} == {
        "sekul.pledge.registered.v1",
        "sekul.pledge.opened.v1",
    }
    of_worker = [one["type"].split(".", 1)[1] for one in await walk(gw, f"&subject={who}")]
    assert sorted(of_worker) == ["iuran.confirmed.v1", "matches.made.v1", "worker.registered.v1"]
    of_both = {one["subject"] for one in await walk(gw, f"&subject={name},{far}")}
    assert {name, far} <= of_both
    assert {one["subject"] for one in await walk(gw, "&area=36.72.02&types=worker.*,matches.*")} == {far}
    assert who in {one["subject"] for one in await walk(gw, "&area=36.72.01.1001&types=worker.*")}
    assert [one["type"] for one in await walk(gw, f"&subject={of}&types=donor.*")] == ["sekul.donor.registered.v1"]
    assert await walk(gw, f"&subject={new('plg')}") == []


async def test_a_pledges_timeline_has_causes_before_effects_over_all_services(gw: Twin) -> None:
    of, who, shard = await donor(gw), await worker(gw), gw.shard("36.72")
    name, remittance = await pledge(gw, of), new("rem")
    await gw.tell("ledger", shard, prepared(remittance, of, (name,)), at=gw.clock.now())
    await gw.tell("matcher", shard, opened(name, of), matched(name, who), at=gw.clock.now())
    later = gw.clock.now() + timedelta(days=1)
    cause = await gw.tell("ledger", shard, confirmed(remittance, of, name, who), at=later)
    notices = NoticesRequested(
        about=remittance, template="covered", language="id", params={"pledge": name}, not_before=later,
        lines=(NoticeLine(recipient=who, subject="2026-12", params={}),),
    )  # fmt: skip
    requested = await gw.tell("notifier", shard, notices, at=later, cause=cause)
    sent = [
        NoticesSent(notices=(NoticeLines(of=of, lines=(0,)),), channel="mailbox", attempt=1)
        for of in (int(requested.rpartition("/")[2]) + 1, int(requested.rpartition("/")[2]))
    ]
    await gw.tell("notifier", shard, *sent, at=later)
    pages = [good(await gw.client.get(f"/v1/pledges/{name}/timeline?limit=3"))]
    while pages[-1]["next"]:
        pages.append(good(await gw.client.get(f"/v1/pledges/{name}/timeline?limit=3&after={pages[-1]['next']}")))
    kinds = [one["type"].split(".", 1)[1] for page in pages for one in page["items"]]
    assert kinds == [
        "pledge.registered.v1",
        "pledge.opened.v1",
        "matches.made.v1",
        "remittance.prepared.v1",
        "iuran.confirmed.v1",
        "notices.requested.v1",
        "notices.sent.v1",
    ]
    refused(await gw.client.get(f"/v1/pledges/{new('plg')}/timeline"), 404, "pledge.unknown")
    strange = await gw.client.get(f"/v1/pledges/{name}/timeline?after=gateway/0/999999")
    refused(strange, 400, "cursor.invalid")


@asynccontextmanager
async def served(gw: Twin) -> AsyncIterator[httpx.AsyncClient]:
    """The gateway on a port: a stream without end needs a connection that can be cut."""
    config = uvicorn.Config(gw.app, port=0, log_level="error", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve())
    await becomes_true(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    headers = {"Authorization": f"Bearer {OPERATOR}"}
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=10) as client:
            yield client
    finally:
        server.should_exit = True
        await task


async def read(response: httpx.Response, count: int) -> list[dict[str, Any]]:
    """The next events of a stream, each with its id and name."""
    found: list[dict[str, Any]] = []
    event: dict[str, Any] = {}
    async for line in response.aiter_lines():
        field, _, value = line.partition(": ")
        if field in {"id", "event"}:
            event[field] = value
        elif field == "data":
            event["data"] = orjson.loads(value)
        elif not line and "data" in event:
            found.append(event)
            event = {}
            if len(found) == count:
                return found
    return found


async def test_facts_are_streamed_live_and_a_broken_stream_resumes_where_it_broke_off(gw: Twin) -> None:
    async with served(gw) as client, asyncio.timeout(30):
        async with client.stream("GET", "/v1/events/stream?types=donor.registered") as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            first, second = await donor(gw), await donor(gw)
            await worker(gw)
            events = await read(response, 2)
            assert sorted(event["data"]["subject"] for event in events) == sorted([first, second])
            assert {event["event"] for event in events} == {"fact"}
        third = await donor(gw)
        last = {"Last-Event-ID": events[0]["id"]}
        async with client.stream("GET", "/v1/events/stream?types=donor.registered", headers=last) as response:
            rest = await read(response, 2)
            subjects = {event["data"]["subject"] for event in rest}
            assert subjects == {events[1]["data"]["subject"], third}


async def test_a_reader_far_behind_learns_how_many_facts_were_skipped(
    gw: Twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "BEHIND_MAX", 5)
    monkeypatch.setattr(routes, "_SHOWN_AFTER_SKIP", 1)
    for _ in range(10):
        await donor(gw)
    total = len(await walk(gw, limit=1000))
    start = good(await gw.client.get("/v1/events?limit=1"))["cursor"]
    path = f"/v1/events/stream?after={start}"
    async with served(gw) as client, asyncio.timeout(30), client.stream("GET", path) as response:
        [skip, *_] = await read(response, 2)
    assert skip["event"] == "skipped"
    assert 0 < skip["data"]["skipped"] < total


async def test_only_so_many_streams_are_open_at_once(gw: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "STREAMS_MAX", 0)
    refused(await gw.client.get("/v1/events/stream"), 503, "stream.full")


async def test_a_stream_that_is_left_is_closed(gw: Twin) -> None:
    async with served(gw) as client, asyncio.timeout(30):
        async with client.stream("GET", "/v1/events/stream") as response:
            await donor(gw)
            await read(response, 1)
            assert gw.state.commits.streams == 1
        while gw.state.commits.streams:
            await asyncio.sleep(0.02)
