"""Months: billed and closed by the ledger's word; coverage, matches, remittances and days."""

import asyncio
import csv
import io
from collections.abc import Awaitable
from datetime import date
from typing import Any

import httpx
import pytest

from schemas.base import Fact
from schemas.facts.common import DayBegan, DeadLetterRecorded, DeadLetterRedriven
from schemas.facts.gateway import PersonRead
from services.gateway.inbound.days import begin
from tests.support.gateway import DAY, SHARDS, Twin, twin
from tests.support.gateway_words import (
    billed,
    closed,
    confirmed,
    donor,
    good,
    key,
    matched,
    new,
    not_closed,
    opened,
    places,
    pledge,
    prepared,
    refused,
    unmatched,
    worker,
    worker_body,
)

CYCLE = {
    "month": "2026-12",
    "state": "billed",
    "worker_months": {"billed": 2},
    "idr": {"billed": 16_800},
    "exceptions": [],
}


async def answered(gw: Twin, request: Awaitable[httpx.Response], kind: str, *facts: Fact) -> httpx.Response:
    """Make a request that waits for the ledger, and let the ledger record facts once it is called."""
    before = len(await gw.facts(kind))
    task = asyncio.ensure_future(request)
    async with asyncio.timeout(30):
        while len(await gw.facts(kind)) == before and not task.done():
            await asyncio.sleep(0.01)
    await gw.tell("ledger", gw.shard("36.72"), *facts)
    return await task


async def test_a_month_is_billed_closed_with_exceptions_refused_and_closed_at_last(gw: Twin) -> None:
    refused(await gw.client.post("/v1/cycles/2026-12/bill"), 409, "cycle.nothing_to_bill")
    await pledge(gw, await donor(gw))
    gw.answers["/internal/cycles/2026-12"] = CYCLE
    refused(await gw.client.post("/v1/cycles/2027-02/bill"), 409, "cycle.too_early")
    refused(await gw.client.post("/v1/cycles/2026-12/close"), 409, "cycle.not_billed")
    refused(await gw.client.post("/v1/cycles/2026-12/bill", json={"city": "36.71"}), 404, "city.unknown")
    first = await answered(gw, gw.client.post("/v1/cycles/2026-12/bill"), "cycle.billing_requested", billed())
    assert good(first) == CYCLE
    good(await gw.client.post("/v1/cycles/2026-12/bill", json={"city": "36.72"}))
    assert len(await gw.facts("cycle.billing_requested")) == 1
    refused(await gw.client.post("/v1/cycles/2026-11/bill"), 409, "cycle.passed")

    exceptions = [{"code": "not_answered", "blocks": True}, {"code": "overdue", "blocks": False}]
    gw.answers["/internal/cycles/2026-12"] = CYCLE | {"exceptions": exceptions}
    close = gw.client.post("/v1/cycles/2026-12/close")
    problem = refused(await answered(gw, close, "cycle.closing_requested", not_closed()), 409, "cycle.open_exceptions")
    assert problem["exceptions"] == exceptions[:1]

    gw.answers["/internal/cycles/2026-12"] = CYCLE | {"state": "closed"}
    done = await answered(gw, gw.client.post("/v1/cycles/2026-12/close"), "cycle.closing_requested", closed())
    assert good(done)["state"] == "closed"
    good(await gw.client.post("/v1/cycles/2026-12/close"))
    assert len(await gw.facts("cycle.closing_requested")) == 2


async def test_a_ledger_that_takes_long_is_not_waited_for_for_ever(gw: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.gateway.api.routes.cycles._ANSWER_S", 0.05)
    await pledge(gw, await donor(gw), scope={"areas": ["36.71"]}, starts="2027-01")
    gw.answers["/internal/cycles/2026-12"] = CYCLE | {"state": "open"}
    assert good(await gw.client.post("/v1/cycles/2026-12/bill", json={"city": "36.71"}), 202)["state"] == "open"


async def test_without_the_ledger_an_answer_names_the_ledger_as_away(gw: Twin) -> None:
    for path in ("/v1/cycles/2026-12", "/v1/remittances", "/v1/ledger/trial-balance", "/v1/ledger/accounts"):
        problem = refused(await gw.client.get(path), 503, "peer.away")
        assert "ledger" in problem["detail"]
    gw.answers["/internal/trial-balance"] = httpx.Response(500, json={})
    refused(await gw.client.get("/v1/ledger/trial-balance"), 503, "peer.away")


async def test_questions_to_the_ledger_carry_its_key_and_the_trace(gw: Twin) -> None:
    gw.answers["/internal/trial-balance"] = {"accounts": [], "sum_idr": 0}
    answer = await gw.client.get("/v1/ledger/trial-balance?as_of=2026-11-30")
    assert good(answer) == {"accounts": [], "sum_idr": 0}
    [request] = gw.asked
    assert request.url.params["as_of"] == "2026-11-30"
    assert request.headers["authorization"] == f"Bearer {gw.settings.keys.internal}"
    assert request.headers["traceparent"] == answer.headers["traceparent"]


async def test_coverage_counts_listed_matched_and_covered_workers_of_a_month(gw: Twin) -> None:
    of, shard = await donor(gw), gw.shard("36.72")
    name = await pledge(gw, of)
    area = "36.72.07.1001"
    waiting, is_matched, covered, gone = [await worker(gw, area=area) for _ in range(4)]
    void = matched(name, waiting)
    made = [matched(name, is_matched), matched(name, covered), void, unmatched(void, "2026-11", "swapped")]
    await gw.tell("matcher", shard, opened(name, of), *made)
    await gw.tell("ledger", shard, confirmed(new("rem"), of, name, covered))
    good(await gw.client.post(f"/v1/workers/{gone}/end", json={"reason": "moved", "on": "2026-11-24"}))

    async def board(level: str, month: str) -> dict[str, Any]:
        found = good(await gw.client.get(f"/v1/coverage?level={level}&month={month}&city=36.72"))["areas"]
        return {one["area"]: one for one in found}

    of_month = (await board("kelurahan", "2026-12"))[area]
    assert (of_month["workers"], of_month["matched"], of_month["covered"]) == (3, 2, 1)
    assert (of_month["share"], of_month["target"]) == (0.3333, 0.8)
    before = (await board("kecamatan", "2026-11"))["36.72.07"]
    assert (before["workers"], before["matched"], before["covered"], before["name"]) == (4, 0, 0, "Purwakarta")
    whole = await board("kelurahan", "2026-12")
    assert len(whole) == 43
    assert len(await board("kecamatan", "2026-12")) == 8


async def test_matches_are_found_by_pledge_worker_and_month(gw: Twin) -> None:
    of, who, shard = await donor(gw), await worker(gw), gw.shard("36.72")
    name = await pledge(gw, of)
    made = matched(name, who)
    await gw.tell("matcher", shard, opened(name, of), made)
    expected = {
        "match": made.lines[0].matches[0], "worker": who, "pledge": name,
        "from": "2026-12", "until": "2027-11", "reason": "new",
        "ended_reason": None,
    }  # fmt: skip
    for query in (f"pledge={name}", f"worker={who}", f"worker={who}&month=2027-11"):
        assert good(await gw.client.get(f"/v1/matches?{query}"))["items"] == [expected]
    assert good(await gw.client.get(f"/v1/matches?worker={who}&month=2026-11"))["items"] == []
    async with await key(gw, "donor", donor=await donor(gw)) as other:
        assert good(await other.get(f"/v1/matches?pledge={name}"))["items"] == []
    await gw.tell("matcher", shard, unmatched(made, "2027-01"))
    [ended] = good(await gw.client.get(f"/v1/matches?worker={who}"))["items"]
    assert (ended["until"], ended["ended_reason"]) == ("2027-01", "moved")


async def test_a_payment_is_put_on_record_on_the_shard_of_its_city(gw: Twin) -> None:
    of, remittance = await donor(gw), new("rem")
    await gw.tell("ledger", gw.shard("36.72"), prepared(remittance, of, ()))
    path = f"/v1/remittances/{remittance}/payments"
    body = {"paid_on": "2026-11-24", "amount_idr": 16_800, "channel": "va"}
    assert good(await gw.client.post(path, json=body), 202)["fits"]
    assert not good(await gw.client.post(path, json=body | {"amount_idr": 1}), 202)["fits"]
    facts = [one for one in await gw.facts("payment.reported") if one.stream == remittance]
    assert [one.shard for one in facts] == [gw.shard("36.72")] * 2
    problem = refused(await gw.client.post(path, json=body | {"paid_on": "2026-11-25"}), 422, "body.invalid")
    assert places(problem) == [("/paid_on", "date.future")]
    refused(await gw.client.post(f"/v1/remittances/{new('rem')}/payments", json=body), 404, "remittance.unknown")
    async with await key(gw, "donor", donor=await donor(gw)) as other:
        refused(await other.post(path, json=body), 404, "remittance.unknown")


async def test_the_file_of_a_remittance_names_the_workers_and_each_is_on_record_as_seen(gw: Twin) -> None:
    of, name, remittance = await donor(gw), new("plg"), new("rem")
    bodies = [worker_body() for _ in range(3)]
    workers = [good(await gw.client.post("/v1/workers", json=body), 201)["id"] for body in bodies]
    good(await gw.client.request("DELETE", f"/v1/workers/{workers[2]}/personal-data"))
    lines = [{"worker": who, "month": "2026-12", "idr": 8_400, "pledge": name, "state": "due"} for who in workers]
    found = {"id": remittance, "payer": of, "city": "36.72", "month": "2026-12", "pay_code": "123456789012"}
    gw.answers[f"/internal/remittances/{remittance}"] = found
    pages = {"": {"items": lines[:2], "next": "1/x"}, "1/x": {"items": lines[2:], "next": None}}
    gw.answers[f"/internal/remittances/{remittance}/lines"] = lambda request: pages[request.url.params.get("after", "")]
    path = f"/v1/remittances/{remittance}/file"

    answer = await gw.client.get(f"{path}?columns=nik:NIK,name,idr:Iuran,pay_code,worker")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="2026-12_123456789012.csv"'
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows == [
        ["NIK", "name", "Iuran", "pay_code", "worker"],
        [bodies[0]["nik"], bodies[0]["name"], "8400", "123456789012", workers[0]],
        [bodies[1]["nik"], bodies[1]["name"], "8400", "123456789012", workers[1]],
        ["", "", "8400", "123456789012", workers[2]],
    ]
    seen = [one.fact for one in await gw.facts("person.read") if one.stream in workers]
    assert {fact.fields for fact in seen if isinstance(fact, PersonRead)} == {("nik", "name")}
    assert len(seen) == 3
    book = await gw.client.get(f"{path}?format=xlsx")
    assert book.content.startswith(b"PK")
    refused(await gw.client.get(f"{path}?columns=mother"), 422, "query.invalid")
    refused(await gw.client.get(f"/v1/remittances/{new('rem')}/file"), 503, "peer.away")


async def test_the_virtual_clock_is_turned_day_by_day_on_every_shard(fresh_url: str) -> None:
    async with twin(fresh_url) as gw:
        seen: list[date] = []

        async def wait(*_: Any, **__: Any) -> bool:
            seen.append(gw.clock.day)
            return True

        gw.engine.progress.wait = wait  # type: ignore[method-assign]
        gw.engine.progress.settled = wait  # type: ignore[method-assign]
        good(await gw.client.post("/v1/clock/advance", json={"days": 2}))
        days = [(one.shard, one.fact.day, one.at) for one in await gw.facts("day.began")]  # type: ignore[attr-defined]
        assert {(shard, day) for shard, day, _ in days} == {
            (shard, day) for shard in range(SHARDS) for day in (date(2026, 11, 25), date(2026, 11, 26))
        }
        assert {at.isoformat() for _, day, at in days if day == date(2026, 11, 25)} == {"2026-11-24T17:00:00+00:00"}
        assert len(days) == 2 * SHARDS
        assert len(seen) == 2 * (SHARDS + 1)


async def test_a_worker_who_turns_65_leaves_the_list_after_the_last_eligible_quarter(fresh_url: str) -> None:
    async with twin(fresh_url) as gw:
        body = worker_body(born="1961-12-10", nik="3672015012610001")
        who = good(await gw.client.post("/v1/workers", json=body), 201)["id"]
        shard = gw.engine.processor(gw.shard("36.72"))
        await begin([shard], date(2026, 12, 31), "")
        assert (await gw.facts("worker.ended")) == []
        await begin([shard], date(2027, 1, 1), "")
        [fact] = await gw.facts("worker.ended")
        assert (fact.stream, fact.fact.reason) == (who, "age")  # type: ignore[attr-defined]


async def test_a_system_clock_cannot_be_turned(gw: Twin) -> None:
    settings = gw.settings.model_copy(update={"clock": "system"})
    object.__setattr__(gw.state.context, "settings", settings)
    try:
        refused(await gw.client.post("/v1/clock/advance"), 404, "clock.not_virtual")
    finally:
        object.__setattr__(gw.state.context, "settings", gw.settings)


async def test_dead_letters_are_listed_and_redriven_on_their_shards(gw: Twin) -> None:
    about = new("plg")
    died = DeadLetterRecorded(about=about, source="gateway", source_seq=7, code="decide.failed", detail="no")
    await gw.tell("matcher", 1, died)
    [dead_letter] = good(await gw.client.get("/v1/deadletters?service=matcher"))["items"]
    assert dead_letter | {"about": about, "shard": 1, "source_seq": 7, "state": "dead"} == dead_letter
    body = {"service": "matcher", "about": about}
    assert good(await gw.client.post("/v1/deadletters/redrive", json=body), 202)["shards"] == [1]
    [fact] = await gw.facts("redrive.requested")
    assert fact.shard == 1
    other = body | {"service": "ledger"}
    refused(await gw.client.post("/v1/deadletters/redrive", json=other), 404, "dead_letter.unknown")
    await gw.tell("matcher", 1, DeadLetterRedriven(about=about, source="gateway", source_seq=7))
    assert good(await gw.client.get("/v1/deadletters"))["items"] == []
    [redriven] = good(await gw.client.get("/v1/deadletters?redriven=true"))["items"]
    assert redriven["state"] == "redriven"


async def test_a_request_for_a_shard_of_another_process_is_to_be_retried(gw: Twin) -> None:
    gw.engine.elsewhere.add(gw.shard("36.72"))
    try:
        answer = await gw.client.post("/v1/workers", json=worker_body())
        refused(answer, 503, "shard.elsewhere")
        assert answer.headers["retry-after"] == "1"
    finally:
        gw.engine.elsewhere.clear()


async def test_a_read_waits_for_what_was_written_before_and_says_so_when_it_waits_in_vain(fresh_url: str) -> None:
    async with twin(fresh_url, wait_longest_s=0.2) as gw:
        of = await donor(gw)
        made = await gw.client.post("/v1/donors", json={"kind": "person", "name": "S", "language": "id"})
        position = made.headers["sekul-position"]
        refused(await gw.client.get("/v1/pledges", headers={"Sekul-After": position}), 503, "read.not_yet")
        shard, seq = map(int, position.split("/")[1:])
        for nowhere in (f"gateway/{shard}/{seq + 1}", "ledger/0/99"):
            refused(await gw.client.get("/v1/pledges", headers={"Sekul-After": nowhere}), 400, "position.invalid")
        progress = gw.engine.progress
        progress.note("matcher", shard, 1, {"gateway": seq})
        progress.note("ledger", shard, 1, {"gateway": seq, "matcher": 1})
        await gw.tell("matcher", shard, DayBegan(day=DAY))
        await gw.tell("ledger", shard, DayBegan(day=DAY))
        good(await gw.client.get(f"/v1/pledges?donor={of}", headers={"Sekul-After": position}))


async def test_health_has_the_state_of_each_service(gw: Twin) -> None:
    gw.answers["/readyz"] = {"ready": True, "why": "", "shards": [0, 1], "lag": {"gateway": 3}, "relay_lag": 0}
    services = {one["service"]: one for one in good(await gw.client.get("/v1/health"))["services"]}
    assert services["gateway"]["owned"] == SHARDS
    assert (services["ledger"]["ready"], services["ledger"]["owned"], services["ledger"]["lag"]) == (
        True, 2, {"gateway": 3},
    )  # fmt: skip
    gw.answers.clear()
    services = {one["service"]: one for one in good(await gw.client.get("/v1/health"))["services"]}
    assert (services["ledger"]["live"], services["gateway"]["live"]) == (False, True)
