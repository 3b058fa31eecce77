"""A request with an Idempotency-Key happens once."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.gateway.domain.command import Decided
from services.gateway.domain.command_context import CommandContext
from services.gateway.domain.donors import RegisterDonor
from services.gateway.handlers import idempotency as memory
from services.runtime.base.errors import RetryLater
from services.runtime.shard.commands import Answer
from tests.support.gateway import Twin
from tests.support.gateway_words import donor, good, pledge_body, refused, worker_body

DONOR = {"kind": "person", "name": "Siti", "language": "id"}


async def test_the_same_request_is_answered_as_the_first_time(gw: Twin) -> None:
    first = await gw.client.post("/v1/donors", json=DONOR, headers={"Idempotency-Key": "a"})
    before = len(await gw.facts())
    again = await gw.client.post("/v1/donors", json=DONOR, headers={"Idempotency-Key": "a"})
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert again.headers["sekul-position"].split("/")[1] == first.headers["sekul-position"].split("/")[1]
    assert len(await gw.facts()) == before


async def test_a_key_in_quotes_is_the_key(gw: Twin) -> None:
    first = good(await gw.client.post("/v1/donors", json=DONOR, headers={"Idempotency-Key": "b"}), 201)
    assert good(await gw.client.post("/v1/donors", json=DONOR, headers={"Idempotency-Key": '"b"'}), 201) == first


async def test_another_request_with_the_same_key_is_refused(gw: Twin) -> None:
    await gw.client.post("/v1/donors", json=DONOR, headers={"Idempotency-Key": "c"})
    other = await gw.client.post("/v1/donors", json=DONOR | {"name": "Budi"}, headers={"Idempotency-Key": "c"})
    refused(other, 422, "idempotency.body_differs")
    elsewhere = await gw.client.post("/v1/workers", json=worker_body(), headers={"Idempotency-Key": "c"})
    refused(elsewhere, 422, "idempotency.body_differs")


async def test_keys_of_different_callers_do_not_meet(gw: Twin) -> None:
    other = good(await gw.client.post("/v1/keys", json={"role": "operator"}), 201)["key"]
    first = good(await gw.client.post("/v1/donors", json=DONOR, headers={"Idempotency-Key": "d"}), 201)
    async with gw.caller(other) as client:
        assert good(await client.post("/v1/donors", json=DONOR, headers={"Idempotency-Key": "d"}), 201) != first


async def test_while_the_first_request_runs_the_second_is_refused(gw: Twin) -> None:
    async def post() -> Any:
        return await gw.client.post("/v1/donors", json=DONOR, headers={"Idempotency-Key": "e"})

    answers = await asyncio.gather(*(post() for _ in range(5)))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[0] == 201
    assert set(statuses) <= {201, 409}
    ids = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert len(ids) == 1
    for answer in answers:
        if answer.status_code == 409:
            refused(answer, 409, "idempotency.running")


async def test_two_processes_with_one_key_make_one_donor(gw: Twin) -> None:
    """The guard in memory does not see the other process; the table does, though the donors lie on two shards."""
    made: list[RegisterDonor] = []

    def note(self: RegisterDonor, context: CommandContext) -> Decided:
        made.append(self)
        return decide(self, context)  # type: ignore[return-value]

    decide = RegisterDonor.decide
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RegisterDonor, "decide", note)
        await gw.client.post("/v1/donors", json=DONOR, headers={"Idempotency-Key": "f0"})
    [template] = made
    assert template.once is not None
    once = replace(template.once, key="f")
    commands = [
        replace(template, once=once, donor=name, sealed=gw.state.vault.seal([(name, {"name": "x"})])[0])
        for name in ("don_01m85mg280f58bwqstenh5dw91", "don_01m85mg280f58bwqstenh5dw92")
    ]
    both = [gw.engine.processor(shard).submit(command) for shard, command in enumerate(commands)]
    answers = await asyncio.gather(*both, return_exceptions=True)
    done = [answer.value.body["id"] for answer in answers if isinstance(answer, Answer)]
    assert all(answer.code == "idempotency.running" for answer in answers if isinstance(answer, RetryLater))
    for shard, command in enumerate(commands):
        again = (await gw.engine.processor(shard).submit(command)).value
        assert (again.body["id"], again.replayed) == (done[0], True)
    registered = {one.stream for one in await gw.facts("donor.registered")}
    assert len(registered & {command.donor for command in commands}) == 1


async def test_a_refusal_is_not_kept(gw: Twin) -> None:
    headers = {"Idempotency-Key": "g"}
    nobody = pledge_body("don_01m85mg280f58bwqstenh5dw99")
    refused(await gw.client.post("/v1/pledges", json=nobody, headers=headers), 422, "body.invalid")
    known = pledge_body(await donor(gw))
    good(await gw.client.post("/v1/pledges", json=known, headers=headers), 201)


async def test_a_secret_is_shown_once(gw: Twin) -> None:
    of, headers = await donor(gw), {"Idempotency-Key": "h"}
    hook = {"url": "https://example.id/hook"}
    made = good(await gw.client.post(f"/v1/donors/{of}/webhooks", json=hook, headers=headers), 201)
    again = refused(
        await gw.client.post(f"/v1/donors/{of}/webhooks", json=hook, headers=headers),
        409,
        "idempotency.secret_shown_once",
    )
    assert made["id"] in again["detail"]
    rows = await gw.pool.fetch("SELECT body FROM idempotency WHERE key = 'h'")
    assert made["secret"].encode() not in rows[0]["body"]


async def test_answers_are_forgotten_after_a_day(gw: Twin) -> None:
    await gw.client.post("/v1/donors", json=DONOR, headers={"Idempotency-Key": "i"})
    await memory.sweep(gw.pool, gw.clock.now() + timedelta(hours=23))
    assert await gw.pool.fetchval("SELECT count(*) FROM idempotency WHERE key = 'i'") == 1
    await memory.sweep(gw.pool, gw.clock.now() + timedelta(hours=25))
    assert await gw.pool.fetchval("SELECT count(*) FROM idempotency WHERE key = 'i'") == 0


@pytest.mark.parametrize("key", ["", "x" * 131, "a b", '""'])
async def test_a_malformed_key_is_refused(gw: Twin, key: str) -> None:
    response = await gw.client.post("/v1/donors", json=DONOR, headers={"Idempotency-Key": key})
    refused(response, 400, "idempotency.key_invalid")
