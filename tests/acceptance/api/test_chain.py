"""One pledge through the whole system, by HTTP alone: from the promise to the notice of a covered month."""

import asyncio
from typing import Any

import httpx

from tests.support.gateway_words import donor_body, good, pledge_body, refused, worker_body


async def until(api: httpx.AsyncClient, path: str, **wanted: Any) -> dict[str, Any]:
    """Ask until an answer has these members."""
    async with asyncio.timeout(30):
        while True:
            found = good(await api.get(path))
            if all(found.get(name) == value for name, value in wanted.items()):
                return found
            await asyncio.sleep(0.1)


async def test_a_pledge_becomes_a_covered_month_and_everybody_is_notified(api: httpx.AsyncClient) -> None:
    donor = good(await api.post("/v1/donors", json=donor_body()), 201)["id"]
    answers = [await api.post("/v1/workers", json=worker_body()) for _ in range(3)]
    workers = [good(answer, 201)["id"] for answer in answers]
    pledge = await promised(api, donor, answers[-1].headers["sekul-position"])
    good(await api.post("/v1/clock/advance", json={"days": 7}))
    rows = await paid_and_confirmed(api)
    assert {worker for worker, _, _ in rows} == set(workers[:2])
    assert good(await api.post("/v1/cycles/2026-12/close"))["state"] == "closed"

    covered = await until(api, f"/v1/workers/{rows[0][0]}?personal=false", covered_until="2026-12")
    assert (covered["status"], covered["spell_months"], covered["pledge"]) == ("covered", 1, pledge)
    assert good(await api.get(f"/v1/workers/{workers[2]}?personal=false"))["status"] == "waiting"
    board = {one["area"]: one for one in good(await api.get("/v1/coverage?month=2026-12"))["areas"]}
    assert (board["36.72.01"]["workers"], board["36.72.01"]["covered"]) == (3, 2)
    assert good(await api.get("/v1/ledger/trial-balance"))["sum_idr"] == 0

    kinds = [one["type"].split(".", 1)[1] for one in good(await api.get(f"/v1/pledges/{pledge}/timeline"))["items"]]
    chain = ["pledge.registered.v1", "matches.made.v1", "bill.issued.v1", "remittance.paid.v1", "iuran.confirmed.v1"]
    assert [kinds.index(kind) for kind in chain] == sorted(kinds.index(kind) for kind in chain)
    notices = good(await api.get(f"/v1/notices?recipient={rows[0][0]}"))["items"]
    assert {one["template"] for one in notices} >= {"covered"}
    health = good(await api.get("/v1/health"))
    assert all(one["live"] and one["ready"] for one in health["services"])
    assert good(await api.get("/v1/deadletters"))["items"] == []


async def promised(api: httpx.AsyncClient, donor: str, position: str) -> str:
    """A pledge whose preview came true."""
    body, after = pledge_body(donor), {"Sekul-After": position}
    preview = good(await api.post("/v1/pledges/preview", json=body, headers=after))
    assert (preview["slots"], preview["fills"]) == (2, 2)
    made = await api.post("/v1/pledges", json=body)
    pledge = str(good(made, 201)["id"])
    seen = good(await api.get(f"/v1/pledges/{pledge}", headers={"Sekul-After": made.headers["sekul-position"]}))
    assert (seen["status"], seen["filled"], seen["months"][0]["state"]) == ("open", 2, "held")
    assert seen["balances"]["held"] == seen["quote"]["total_idr"]
    return pledge


async def paid_and_confirmed(api: httpx.AsyncClient) -> list[list[str]]:
    """Bill December, fail to close it, pay and confirm it. Returns worker, NIK and iuran of each line of the file."""
    cycle = good(await api.post("/v1/cycles/2026-12/bill"))
    assert (cycle["state"], cycle["worker_months"]["billed"], cycle["idr"]["billed"]) == ("billed", 2, 16_800)
    [remittance] = good(await api.get("/v1/remittances?month=2026-12"))["items"]
    table = (await api.get(f"/v1/remittances/{remittance['id']}/file?columns=worker,nik,idr")).text
    rows = [line.split(",") for line in table.lstrip("\ufeff").splitlines()[1:]]

    open_still = refused(await api.post("/v1/cycles/2026-12/close"), 409, "cycle.open_exceptions")
    assert [one["code"] for one in open_still["exceptions"]] == ["not_paid"]
    payment = {"paid_on": "2026-12-01", "amount_idr": remittance["total_idr"], "channel": "va"}
    path, once = f"/v1/remittances/{remittance['id']}/payments", {"Idempotency-Key": "pay"}
    answers = [good(await api.post(path, json=payment, headers=once), 202) for _ in range(2)]
    assert answers[0] == answers[1]
    assert (answers[0]["amount_idr"], answers[0]["fits"]) == (16_800, True)

    receipt = "nik,month,amount_idr,outcome,pay_code\n" + "".join(
        f"{nik},2026-12,{idr},confirmed,{remittance['pay_code']}\n" for _, nik, idr in rows
    )
    media = {"Content-Type": "text/csv"}
    taken = good(await api.post("/v1/imports/receipts", content=receipt.encode(), headers=media), 202)["id"]
    await until(api, f"/v1/imports/{taken}", status="done", accepted=2)
    await until(api, "/v1/cycles/2026-12", state="confirmed")
    return rows


async def test_a_worker_who_dies_is_replaced_and_the_explanation_has_the_reason(api: httpx.AsyncClient) -> None:
    donor = good(await api.post("/v1/donors", json=donor_body()), 201)["id"]
    scope = {"areas": ["36.72.02"]}
    first = good(await api.post("/v1/workers", json=worker_body(area="36.72.02.1001")), 201)["id"]
    body = pledge_body(donor, slots=1, scope=scope, starts="2027-01")
    pledge = good(await api.post("/v1/pledges", json=body), 201)["id"]
    await until(api, f"/v1/pledges/{pledge}", filled=1)
    second = good(await api.post("/v1/workers", json=worker_body(area="36.72.02.1001")), 201)["id"]
    why = good(await api.get(f"/v1/workers/{second}/explain"))
    assert why["why"]
    today = good(await api.get("/v1/clock"))["day"]
    ended = await api.post(f"/v1/workers/{first}/end", json={"reason": "died", "on": today})
    good(ended)
    after = {"Sekul-After": ended.headers["sekul-position"]}
    [match] = good(await api.get(f"/v1/matches?worker={second}", headers=after))["items"]
    assert (match["pledge"], match["reason"]) == (pledge, "substitution")
