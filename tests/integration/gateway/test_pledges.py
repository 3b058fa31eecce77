"""Pledges over HTTP: made, rehearsed, shown with what the others know, changed."""

import httpx

from schemas.facts.matcher import PledgeEnded, PledgeRefused, PledgeReshaped, PledgeResumed, PledgeSuspended
from tests.support.gateway import Twin
from tests.support.gateway_words import (
    donor,
    good,
    matched,
    new,
    opened,
    places,
    pledge,
    pledge_body,
    refused,
    unmatched,
    worker,
)

BOOKS = {
    "months": [{"month": "2026-12", "state": "due", "idr": 16_800, "workers": 2}],
    "balances": {"promised": 0, "held": 0, "due": 16_800, "remitted": 0, "confirmed": 0, "released": 0},
}


async def test_a_pledge_is_answered_with_its_quote_and_lies_on_the_shard_of_its_city(gw: Twin) -> None:
    of = await donor(gw)
    answer = await gw.client.post("/v1/pledges", json=pledge_body(of, months=6))
    made = good(answer, 201)
    assert (made["status"], made["slots"], made["filled"]) == ("registered", 2, 0)
    assert made["quote"]["total_idr"] == 2 * (8_400 + 5 * 16_800)
    assert answer.headers["sekul-position"].startswith(f"gateway/{gw.shard('36.72')}/")


async def test_an_amount_becomes_slots(gw: Twin) -> None:
    body = pledge_body(await donor(gw), months=6, amount_idr=300_000)
    del body["slots"]
    made = good(await gw.client.post("/v1/pledges", json=body), 201)
    assert made["slots"] == 3


async def test_a_pledge_shows_what_matcher_and_ledger_say_of_it(gw: Twin) -> None:
    of, shard = await donor(gw), gw.shard("36.72")
    name = await pledge(gw, of, reference="CSR 2026")
    gw.answers[f"/internal/pledges/{name}"] = BOOKS

    async def shown() -> tuple[str, int, int, str]:
        found = good(await gw.client.get(f"/v1/pledges/{name}"))
        return found["status"], found["slots"], found["filled"], found["until"]

    assert await shown() == ("registered", 2, 0, "2027-11")
    first, second = matched(name, await worker(gw)), matched(name, await worker(gw))
    await gw.tell("matcher", shard, opened(name, of), first)
    await gw.tell("matcher", shard, second, unmatched(first, "2027-01"))
    assert await shown() == ("open", 2, 1, "2027-11")
    await gw.tell("matcher", shard, PledgeSuspended(pledge=name))
    assert (await shown())[0] == "suspended"
    refusal = PledgeRefused(pledge=name, donor=of, code="pledge.unknown", detail="a change that came too late")
    await gw.tell(
        "matcher", shard, PledgeResumed(pledge=name), PledgeReshaped(pledge=name, slots=3, until="2027-12"), refusal
    )
    assert (await shown())[0] == "open"
    await gw.tell("matcher", shard, PledgeEnded(pledge=name, reason="term_over", last_month="2027-12"))
    found = good(await gw.client.get(f"/v1/pledges/{name}"))
    assert (found["status"], found["until"], found["refusal"]["code"]) == ("ended", "2027-12", "pledge.unknown")
    assert (found["months"], found["balances"], found["incomplete"]) == (BOOKS["months"], BOOKS["balances"], [])


async def test_a_pledge_that_was_never_opened_is_refused(gw: Twin) -> None:
    of = await donor(gw)
    name = await pledge(gw, of)
    refusal = PledgeRefused(pledge=name, donor=of, code="pledge.conflict", detail="no")
    await gw.tell("matcher", gw.shard("36.72"), refusal)
    found = good(await gw.client.get(f"/v1/pledges/{name}"))
    assert (found["status"], found["refusal"]) == ("refused", {"code": "pledge.conflict", "detail": "no"})


async def test_a_pledge_is_shown_without_its_books_while_the_ledger_is_away(gw: Twin) -> None:
    found = good(await gw.client.get(f"/v1/pledges/{await pledge(gw, await donor(gw))}"))
    assert (found["months"], found["balances"], found["incomplete"]) == ([], None, ["ledger"])


async def test_a_preview_asks_the_matcher_and_stores_nothing(gw: Twin) -> None:
    of, before = await donor(gw), len(await gw.facts())
    coverage = [{"area": "36.72.01", "name": "Cibeber", "workers": 10, "before": 1, "after": 3}]
    gw.answers["/internal/preview"] = {"fills": 2, "coverage": coverage}
    preview = good(await gw.client.post("/v1/pledges/preview", json=pledge_body(of)))
    assert (preview["slots"], preview["fills"], preview["coverage"]) == (2, 2, coverage)
    assert preview["quote"]["total_idr"] > 0
    [asked] = gw.asked
    assert b'"kind":"pledge.registered"' in asked.content
    assert len(await gw.facts()) == before
    gw.answers.clear()
    refused(await gw.client.post("/v1/pledges/preview", json=pledge_body(of)), 503, "peer.away")
    problem = refused(await gw.client.post("/v1/pledges/preview", json=pledge_body(new("don"))), 422, "body.invalid")
    assert places(problem) == [("/donor", "donor.unknown")]


async def test_named_workers_are_looked_up(gw: Twin) -> None:
    of, near, far = await donor(gw), await worker(gw), await worker(gw, area="36.71.01.1001")
    scope = {"areas": ["36.72"], "workers": [near, far, new("wrk")]}
    problem = refused(await gw.client.post("/v1/pledges", json=pledge_body(of, scope=scope)), 422, "body.invalid")
    assert places(problem) == [("/scope/workers/1", "worker.other_city"), ("/scope/workers/2", "worker.unknown")]
    scope["workers"] = [near]
    good(await gw.client.post("/v1/pledges", json=pledge_body(of, slots=1, scope=scope, keep=True)), 201)


async def test_a_pledge_is_amended_and_cancelled(gw: Twin) -> None:
    name = await pledge(gw, await donor(gw))
    path = f"/v1/pledges/{name}"
    assert good(await gw.client.post(f"{path}/amend", json={"months": 18})) == {
        "id": name, "slots": 2, "months": 18, "until": "2028-05",
    }  # fmt: skip
    refused(await gw.client.post(f"{path}/amend", json={}), 422, "body.invalid")
    assert good(await gw.client.post(f"{path}/cancel", json={"from": "2027-03"}))["cancelled_from"] == "2027-03"
    good(await gw.client.post(f"{path}/cancel", json={"from": "2027-03"}))
    found = good(await gw.client.get(path))
    assert (found["cancelled_from"], found["term_months"]) == ("2027-03", 18)
    kinds = [one.kind for one in await gw.facts() if one.stream == name]
    assert kinds == ["pledge.registered", "pledge.amended", "pledge.cancelled"]
    refused(await gw.client.post(f"{path}/amend", json={"slots": 1}), 409, "pledge.ended")


async def test_pledges_are_listed_by_donor_city_and_reference_page_by_page(gw: Twin) -> None:
    of = await donor(gw)
    made = [await pledge(gw, of, reference="Dua kota") for _ in range(3)]
    made.append(await pledge(gw, of, scope={"areas": ["36.71"]}, reference="Dua kota"))
    first = good(await gw.client.get(f"/v1/pledges?donor={of}&limit=3"))
    rest = good(await gw.client.get(f"/v1/pledges?donor={of}&limit=3&after={first['next']}"))
    assert sorted(one["id"] for one in first["items"] + rest["items"]) == sorted(made)
    assert rest["next"] is None
    found = good(await gw.client.get("/v1/pledges?reference=Dua%20kota&city=36.71"))
    assert [one["id"] for one in found["items"]] == [made[3]]


async def test_the_workers_of_a_pledge_are_shown_without_their_names(gw: Twin) -> None:
    of, who, shard = await donor(gw), await worker(gw), gw.shard("36.72")
    name = await pledge(gw, of)
    made = matched(name, who)
    await gw.tell("matcher", shard, opened(name, of), made)
    [shown] = good(await gw.client.get(f"/v1/pledges/{name}/workers"))["items"]
    assert shown == {
        "match": made.lines[0].matches[0], "worker": who,
        "area": "36.72.01.1001", "occupation": "pedagang", "from": "2026-12",
        "until": "2027-11", "reason": "new", "ended_reason": None, "status": "matched", "covered_until": None,
    }  # fmt: skip


async def test_an_explanation_is_the_matchers(gw: Twin) -> None:
    of, who = await donor(gw), await worker(gw)
    name = await pledge(gw, of)
    explanation = {"status": "idle", "why": [{"code": "scope.empty", "detail": "nobody"}], "change": None}
    gw.answers[f"/internal/explain/pledge/{name}"] = explanation
    assert good(await gw.client.get(f"/v1/pledges/{name}/explain")) == explanation
    gw.answers[f"/internal/explain/worker/{who}"] = httpx.Response(404, json={"code": "id.unknown", "detail": ""})
    refused(await gw.client.get(f"/v1/workers/{who}/explain"), 409, "explain.not_yet")
    good(await gw.client.post(f"/v1/workers/{who}/end", json={"reason": "died", "on": "2026-11-24"}))
    assert good(await gw.client.get(f"/v1/workers/{who}/explain"))["why"][0]["code"] == "worker.left"
