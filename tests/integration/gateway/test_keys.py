"""Authentication, what each role may see and do, and rate limits."""

from typing import Any

import pytest

from services.gateway.api import api_keys as keyring
from tests.support.gateway import Twin, twin
from tests.support.gateway_words import donor, good, key, new, places, pledge, pledge_body, refused, worker, worker_body


async def test_without_a_key_every_route_is_refused(gw: Twin) -> None:
    async with gw.caller(None) as nobody:
        answer = await nobody.get("/v1/pledges")
        refused(answer, 401, "key.missing")
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("wrong", ["x", "sekul_" + "0" * 52, "operator-key-of-test", "\u00e9"])
async def test_an_unknown_key_is_refused(gw: Twin, wrong: str) -> None:
    async with gw.caller(None) as nobody:
        header = [(b"Authorization", f"Bearer {wrong}".encode("latin-1"))]
        refused(await nobody.get("/v1/pledges", headers=header), 401, "key.unknown")


async def test_a_key_is_stored_as_its_hash_alone(gw: Twin) -> None:
    made = good(await gw.client.post("/v1/keys", json={"role": "auditor"}), 201)
    rows = await gw.pool.fetch("SELECT * FROM api_keys WHERE id = $1", made["id"])
    assert made["key"] not in str([dict(row) for row in rows])
    assert len(made["key"]) >= len("sekul_") + 256 // 5


async def test_a_key_says_what_it_may_do(gw: Twin) -> None:
    of = await donor(gw)
    async with await key(gw, "donor", donor=of) as client:
        me = good(await client.get("/v1/keys/me"))
    assert (me["role"], me["donor"], me["areas"]) == ("donor", of, [])


async def test_a_revoked_key_opens_nothing(gw: Twin) -> None:
    made = good(await gw.client.post("/v1/keys", json={"role": "auditor"}), 201)
    async with gw.caller(made["key"]) as client:
        good(await client.get("/v1/keys/me"))
        good(await gw.client.request("DELETE", f"/v1/keys/{made['id']}"))
        refused(await client.get("/v1/keys/me"), 401, "key.unknown")
    refused(await gw.client.request("DELETE", f"/v1/keys/{new('key')}"), 404, "apikey.unknown")


async def test_keys_are_listed_without_their_secrets(gw: Twin) -> None:
    made = good(await gw.client.post("/v1/keys", json={"role": "auditor"}), 201)
    listed = await gw.client.get("/v1/keys?limit=1000")
    assert made["id"] in [one["id"] for one in good(listed)["items"]]
    assert made["key"] not in listed.text


@pytest.mark.parametrize(
    ("body", "place", "code"),
    [
        ({"role": "donor"}, "/donor", "key.donor_missing"),
        ({"role": "auditor", "donor": "don_01m85mg280f58bwqstenh5dw9z"}, "/donor", "key.donor_missing"),
        ({"role": "donor", "donor": "don_01m85mg280f58bwqstenh5dw9z"}, "/donor", "donor.unknown"),
        ({"role": "field"}, "/areas", "key.areas_missing"),
        ({"role": "field", "areas": ["36.72", "99"]}, "/areas/1", "area.unknown"),
    ],
)
async def test_a_key_without_a_valid_holder_is_not_made(gw: Twin, body: dict[str, Any], place: str, code: str) -> None:
    problem = refused(await gw.client.post("/v1/keys", json=body), 422, "body.invalid")
    assert places(problem) == [(place, code)]


async def test_a_donor_sees_and_changes_its_own_pledges_alone(gw: Twin) -> None:
    mine, yours = await donor(gw), await donor(gw)
    own, foreign = await pledge(gw, mine), await pledge(gw, yours)
    async with await key(gw, "donor", donor=mine) as client:
        listed = good(await client.get("/v1/pledges"))
        assert [one["id"] for one in listed["items"]] == [own]
        assert good(await client.get(f"/v1/pledges?donor={yours}"))["items"] == []
        good(await client.get(f"/v1/pledges/{own}"))
        for path in ("", "/timeline", "/workers", "/explain"):
            refused(await client.get(f"/v1/pledges/{foreign}{path}"), 404, "pledge.unknown")
        refused(await client.post(f"/v1/pledges/{foreign}/cancel", json={"from": "2027-01"}), 404, "pledge.unknown")
        refused(await client.post(f"/v1/pledges/{foreign}/amend", json={"slots": 1}), 404, "pledge.unknown")
        good(await client.post("/v1/pledges", json=pledge_body(mine)), 201)
        problem = refused(await client.post("/v1/pledges", json=pledge_body(yours)), 422, "body.invalid")
        assert places(problem) == [("/donor", "donor.unknown")]
        refused(await client.get(f"/v1/donors/{yours}"), 404, "donor.unknown")
        assert [one["id"] for one in good(await client.get("/v1/donors"))["items"]] == [mine]


async def test_a_field_worker_sees_and_registers_workers_of_its_areas_alone(gw: Twin) -> None:
    near, far = await worker(gw), await worker(gw, area="36.72.02.1001")
    async with await key(gw, "field", areas=["36.72.01"]) as client:
        good(await client.get(f"/v1/workers/{near}"))
        refused(await client.get(f"/v1/workers/{far}"), 404, "worker.unknown")
        end = {"reason": "moved", "on": "2026-11-24"}
        refused(await client.post(f"/v1/workers/{far}/end", json=end), 404, "worker.unknown")
        good(await client.post("/v1/workers", json=worker_body()), 201)
        outside = worker_body(area="36.72.02.1001")
        refused(await client.post("/v1/workers", json=outside), 403, "area.forbidden")
        listed = good(await client.get("/v1/workers?limit=1000"))["items"]
        assert {one["area"] for one in listed} == {"36.72.01.1001"}
        assert good(await client.get("/v1/workers?area=36.72.02"))["items"] == []


async def test_roles_are_kept_apart(gw: Twin) -> None:
    of, who = await donor(gw), await worker(gw)
    async with await key(gw, "donor", donor=of) as client:
        refused(await client.get(f"/v1/workers/{who}"), 403, "role.forbidden")
        refused(await client.get("/v1/events"), 403, "role.forbidden")
        refused(await client.post("/v1/keys", json={"role": "operator"}), 403, "role.forbidden")
    async with await key(gw, "auditor") as client:
        refused(await client.post("/v1/donors", json={}), 403, "role.forbidden")
        refused(await client.request("DELETE", f"/v1/workers/{who}/personal-data"), 403, "role.forbidden")


async def test_the_role_is_checked_before_the_body_is_read(gw: Twin) -> None:
    async with await key(gw, "auditor") as client:
        refused(await client.post("/v1/donors", content=b"{"), 403, "role.forbidden")


async def test_each_key_has_its_own_rate_and_the_answer_has_what_is_left(fresh_url: str) -> None:
    async with twin(fresh_url, requests_per_minute=3) as gw:
        answers = [await gw.client.get("/v1/clock") for _ in range(5)]
        assert [answer.status_code for answer in answers][:3] == [200, 200, 200]
        late = answers[-1]
        refused(late, 429, "rate.exceeded")
        assert int(late.headers["retry-after"]) >= 1
        assert late.headers["ratelimit-policy"] == '"requests";q=3;w=60'
        assert late.headers["ratelimit"].startswith('"requests";r=0;t=')
        assert answers[0].headers["ratelimit"].startswith('"requests";r=2;t=')
        headers: list[tuple[bytes, bytes]] = []
        gw.state.limiter.spend("another key", headers)
        assert dict(headers)[b"ratelimit"].startswith(b'"requests";r=2;t=')


async def test_guessing_keys_is_slow(fresh_url: str) -> None:
    async with twin(fresh_url, requests_per_minute=20) as fresh, fresh.caller("wrong") as guesser:
        statuses = [(await guesser.get("/v1/clock")).status_code for _ in range(25)]
        assert statuses[:20] == [401] * 20
        assert statuses[-1] == 429
        good(await fresh.client.get("/v1/clock"))


async def test_a_key_is_remembered_for_a_moment_only(gw: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    made = good(await gw.client.post("/v1/keys", json={"role": "auditor"}), 201)
    async with gw.caller(made["key"]) as client:
        good(await client.get("/v1/keys/me"))
        await gw.pool.execute("UPDATE api_keys SET revoked_at = now() WHERE id = $1", made["id"])
        monkeypatch.setattr(keyring, "REMEMBERED_S", 0.0)
        refused(await client.get("/v1/keys/me"), 401, "key.unknown")
