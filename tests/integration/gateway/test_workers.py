"""Workers and their data: registered once, seen on record, ended, erased."""

import asyncio
import re

from schemas import unsubscribe
from schemas.facts.gateway import PersonRead
from tests.support.gateway import DAY, Twin
from tests.support.gateway_words import (
    confirmed,
    donor,
    good,
    key,
    lapsed,
    matched,
    new,
    opened,
    pledge,
    refused,
    unmatched,
    worker,
    worker_body,
)


async def test_the_same_nik_is_the_same_person(gw: Twin) -> None:
    body = worker_body()
    first = good(await gw.client.post("/v1/workers", json=body), 201)
    again = good(await gw.client.post("/v1/workers", json=body | {"name": "Siti Aminah", "area": "36.72.05.1001"}), 200)
    assert again == {"id": first["id"], "status": "waiting"}


async def test_the_same_nik_at_the_same_moment_from_two_cities_is_one_person(gw: Twin) -> None:
    assert gw.shard("36.72") != gw.shard("36.71")
    body = worker_body()
    answers = await asyncio.gather(
        gw.client.post("/v1/workers", json=body),
        gw.client.post("/v1/workers", json=body | {"area": "36.71.01.1001"}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_many_at_once_share_commits_and_each_gets_an_answer(gw: Twin) -> None:
    async def post() -> str:
        return str(good(await gw.client.post("/v1/workers", json=worker_body()), 201)["id"])

    made = await asyncio.gather(*(post() for _ in range(60)))
    assert len(set(made)) == 60
    facts = [one for one in await gw.facts("worker.registered") if one.stream in set(made)]
    transactions = await gw.pool.fetchval(
        "SELECT count(DISTINCT xmin::text) FROM facts WHERE kind = 'worker.registered' AND stream = ANY($1)", made
    )
    assert len(facts) == 60
    assert transactions < 30


async def test_a_worker_is_shown_with_the_person_and_the_sight_is_on_record(gw: Twin) -> None:
    body = worker_body(phone="0812-3456-7890")
    who = good(await gw.client.post("/v1/workers", json=body), 201)["id"]
    shown = good(await gw.client.get(f"/v1/workers/{who}"))
    assert (shown["name"], shown["nik"], shown["born"], shown["sex"], shown["phone"]) == (
        body["name"], body["nik"], "1990-01-01", "f", "+6281234567890",
    )  # fmt: skip
    seen = [one.fact for one in await gw.facts("person.read") if one.stream == who]
    assert [fact.role for fact in seen if isinstance(fact, PersonRead)] == ["operator"]


async def test_an_auditor_sees_the_worker_without_the_person(gw: Twin) -> None:
    who = await worker(gw)
    async with await key(gw, "auditor") as client:
        shown = good(await client.get(f"/v1/workers/{who}"))
    assert "name" not in shown
    assert "nik" not in shown
    assert [one for one in await gw.facts("person.read") if one.stream == who] == []


async def test_a_worker_can_be_read_without_personal_data(gw: Twin) -> None:
    who = await worker(gw)
    assert "name" not in good(await gw.client.get(f"/v1/workers/{who}?personal=false"))
    assert [one for one in await gw.facts("person.read") if one.stream == who] == []


async def test_a_worker_goes_from_waiting_to_matched_to_covered_to_lapsed_to_ended(gw: Twin) -> None:
    of, who, shard = await donor(gw), await worker(gw), gw.shard("36.72")
    name = await pledge(gw, of)

    async def status() -> tuple[str, str | None, str | None, int]:
        shown = good(await gw.client.get(f"/v1/workers/{who}?personal=false"))
        return shown["status"], shown["pledge"], shown["covered_until"], shown["spell_months"]

    assert await status() == ("waiting", None, None, 0)
    made = matched(name, who)
    await gw.tell("matcher", shard, opened(name, of), made)
    assert await status() == ("matched", name, None, 0)
    await gw.tell("ledger", shard, confirmed(new("rem"), of, name, who))
    assert await status() == ("covered", name, "2026-12", 1)
    gw.clock.day = DAY.replace(year=2027, month=1, day=2)
    assert await status() == ("matched", name, "2026-12", 1)
    await gw.tell("matcher", shard, unmatched(made, "2026-12"))
    await gw.tell("ledger", shard, lapsed(who, "2027-01", "2026-12"))
    assert await status() == ("lapsed", None, "2026-12", 0)
    good(await gw.client.post(f"/v1/workers/{who}/end", json={"reason": "moved", "on": "2027-01-02"}))
    assert (await status())[0] == "ended"
    gw.clock.day = DAY


async def test_a_worker_ends_once(gw: Twin) -> None:
    who, end = await worker(gw), {"reason": "died", "on": "2026-11-20"}
    good(await gw.client.post(f"/v1/workers/{who}/end", json=end))
    good(await gw.client.post(f"/v1/workers/{who}/end", json=end))
    assert len([one for one in await gw.facts("worker.ended") if one.stream == who]) == 1
    again = good(await gw.client.post(f"/v1/workers/{who}/end", json=end | {"on": "2026-11-21"}))
    assert again["on"] == end["on"]
    other = end | {"reason": "moved"}
    refused(await gw.client.post(f"/v1/workers/{who}/end", json=other), 409, "worker.already_ended")
    late = end | {"on": "2026-11-25"}
    refused(await gw.client.post(f"/v1/workers/{who}/end", json=late), 422, "body.invalid")


async def test_erasing_destroys_the_data_certifies_it_and_frees_the_nik(gw: Twin) -> None:
    body = worker_body()
    who = good(await gw.client.post("/v1/workers", json=body), 201)["id"]
    certificate = good(await gw.client.request("DELETE", f"/v1/workers/{who}/personal-data"))
    again = good(await gw.client.request("DELETE", f"/v1/workers/{who}/personal-data"))
    assert certificate == again
    [fact] = [one.fact for one in await gw.facts("person.erased") if one.stream == who]
    assert fact.certificate == certificate["digest"]  # type: ignore[attr-defined]
    shown = good(await gw.client.get(f"/v1/workers/{who}"))
    assert (shown["status"], shown["ended_reason"], "name" in shown) == ("ended", "erased", False)
    second = good(await gw.client.post("/v1/workers", json=body), 201)
    assert second["id"] != who


async def test_a_donor_can_be_erased_too(gw: Twin) -> None:
    of = await donor(gw)
    assert good(await gw.client.get(f"/v1/donors/{of}"))["name"] == "PT Baja"
    good(await gw.client.request("DELETE", f"/v1/donors/{of}/personal-data"))
    shown = good(await gw.client.get(f"/v1/donors/{of}"))
    assert (shown["status"], "name" in shown) == ("erased", False)
    refused(await gw.client.request("DELETE", f"/v1/donors/{new('don')}/personal-data"), 404, "donor.unknown")


async def test_preferences_go_into_the_log_and_a_donors_language_into_its_pledges(gw: Twin) -> None:
    of, who = await donor(gw), await worker(gw)
    body = {"language": "en", "opted_out": False, "channels": ["email", "mailbox"]}
    assert good(await gw.client.put(f"/v1/donors/{of}/preferences", json=body)) == {"id": of, **body}
    assert good(await gw.client.put(f"/v1/workers/{who}/preferences", json={"opted_out": True}))["opted_out"]
    name = await pledge(gw, of)
    [fact] = [one.fact for one in await gw.facts("pledge.registered") if one.stream == name]
    assert fact.language == "en"  # type: ignore[attr-defined]


async def test_a_link_in_a_notice_opts_out_without_a_key(gw: Twin) -> None:
    who = await worker(gw)
    token = unsubscribe.token(gw.settings.keys.lookup, who)
    async with gw.caller(None) as nobody:
        good(await nobody.post(f"/v1/unsubscribe/{token}", content=b"List-Unsubscribe=One-Click"))
        refused(await nobody.post(f"/v1/unsubscribe/{token[:-1]}x"), 404, "resource.unknown")
    [fact] = [one.fact for one in await gw.facts("preferences.set") if one.stream == who]
    assert fact.opted_out  # type: ignore[attr-defined]


async def test_no_plain_byte_of_a_person_is_in_any_table(gw: Twin) -> None:
    body = worker_body(name="Nyi Endang Kusumaningrat", phone="0813-9876-5432")
    who = good(await gw.client.post("/v1/workers", json=body, headers={"Idempotency-Key": "person"}), 201)["id"]
    good(await gw.client.get(f"/v1/workers/{who}"))
    tables = await gw.pool.fetch("SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('gateway', 'vault')")
    for schema, table in tables:
        rows = await gw.pool.fetch(f"SELECT t::text FROM {schema}.{table} t")
        words = "\n".join(row[0] for row in rows)
        seen = words + "".join(bytes.fromhex(part[:2000]).decode("latin-1") for part in _hex(words))
        assert [secret for secret in ("Kusumaningrat", body["nik"], "98765432") if secret in seen] == [], table


def _hex(text: str) -> list[str]:
    return [found[: len(found) // 2 * 2] for found in re.findall(r"\\x([0-9a-f]{2,})", text)]


async def test_workers_of_an_area_are_listed_page_by_page(gw: Twin) -> None:
    made = {await worker(gw, area="36.72.08.1001") for _ in range(5)}
    seen: list[str] = []
    after = ""
    while True:
        page = good(await gw.client.get(f"/v1/workers?area=36.72.08&limit=2{after}"))
        seen += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert (set(seen), len(seen)) == (made, 5)
