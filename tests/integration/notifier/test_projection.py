"""The tables follow from the logs alone, and the gateway's questions are answered from them with names masked."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from schemas.facts.gateway import DonorRegistered, PersonErased, PreferencesSet, WorkerEnded
from services.notifier.inbound.routes import routes
from services.notifier.outbound.contacts import Contact, VaultContacts, Webhook
from services.notifier.outbound.requests import requests
from services.notifier.projections.notices import NoticesProjector
from services.ops.embedded.postgres import Postgres
from services.runtime.base.postgres import Connection, Pool, open_pool
from services.runtime.vault import Vault
from tests.support.notices import AT, an_id, confirmed, match_made, pledge_opened, remittance_prepared, summarised
from tests.support.notifier_shards import QUIETLY, SECRET, Book, Hand, Shards, send_all, sender
from tests.support.postgres import KEYS, fresh_database, role_url
from tests.support.receiver import receiver

DONOR, WORKER = an_id("don"), an_id("wrk")
TABLES = NoticesProjector.tables


@pytest.fixture(scope="module")
async def url(postgres: Postgres) -> str:
    """A migrated database of this module's own."""
    return await fresh_database(postgres)


@pytest.fixture(scope="module")
async def pool(url: str) -> AsyncIterator[Pool]:
    """The notifier's own login."""
    async with open_pool(role_url(url, "notifier"), schema="notifier") as opened:
        yield opened


@pytest.fixture(scope="module")
async def shards(pool: Pool) -> Shards:
    """A small history: two workers, a donor whose systems work, fail or are gone, and people whose data change."""
    made, book, hand = Shards(pool), Book(), Hand()
    async with receiver() as there:
        hooks = tuple(Webhook(an_id("whk", n), there.url(f"/{n}"), SECRET) for n in (1, 2, 3))
        book.pages[DONOR] = Contact("PT Baja", webhooks=hooks)
        there.answer(200, 500, 410, 500, 200)
        one = sender(made, book, hand, QUIETLY)
        await made.tell(
            DonorRegistered(donor=DONOR, donor_kind="company", language="en"),
            PreferencesSet(person=WORKER, language="en", channels=("mailbox",)),
            match_made(1, worker=1),
            match_made(2, worker=2),
            pledge_opened(),
        )
        await send_all(one)
        hand.turn(hours=1)
        await made.tell(
            PersonErased(person=an_id("wrk", 2), certificate="0" * 64),
            WorkerEnded(worker=an_id("wrk", 3), reason="died", on=date(2026, 12, 3)),
            remittance_prepared(),
            confirmed(1, 2, 3),
            at=AT + timedelta(hours=1),
        )
        await send_all(one)
        await made.tell(PreferencesSet(person=DONOR, opted_out=True), summarised(), at=AT + timedelta(hours=2))
        hand.turn(hours=2)
        await send_all(one)
    return made


async def contents(tx: Connection | Pool) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, as PostgreSQL writes them."""
    return {t: [tuple(row) for row in await tx.fetch(f"SELECT t::text FROM {t} AS t ORDER BY 1")] for t in TABLES}


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1_000])
@pytest.mark.parametrize("first", ["people", "notices"])
async def test_a_rebuild_in_batches_of_any_size_and_order_yields_the_same_tables(
    shards: Shards, pool: Pool, size: int, first: str
) -> None:
    live = await contents(pool)
    assert all(rows for table, rows in live.items() if table != "owed"), "each table has rows to compare"
    projector = NoticesProjector()
    async with pool.acquire() as tx:
        transaction = tx.transaction()
        await transaction.start()
        for table in TABLES:
            await tx.execute(f"DELETE FROM {table}")
        if first == "people":
            await projector.receive(tx, shards.inbox)
        for start in range(0, len(shards.log), size):
            await projector.project(tx, shards.log[start : start + size])
        if first == "notices":
            for one in shards.inbox:
                await projector.receive(tx, [one])
        rebuilt = await contents(tx)
        await transaction.rollback()
    assert rebuilt == live


async def test_a_notice_has_the_worst_state_of_its_targets(shards: Shards) -> None:
    rows = await shards.pool.fetch("SELECT notice, state FROM notices")
    known = await requests(shards.pool, [row["notice"] for row in rows])
    states = {known[row["notice"]].template.name: row["state"] for row in rows}
    # One system of the donor is gone; and when the summary came, the donor had opted out.
    assert (states["pledge_accepted"], states["summary"]) == ("failed", "suppressed")


# -- questions ---------------------------------------------------------------------------------------------------------


@pytest.fixture
async def ask(shards: Shards) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the internal routes, without their door."""
    book = Book()
    book.pages[WORKER] = Contact("Budi Santoso")
    transport = httpx.ASGITransport(Starlette(routes=routes(shards.pool, book)))
    async with httpx.AsyncClient(transport=transport, base_url="http://notifier") as client:
        yield client


async def items(ask: httpx.AsyncClient, path: str, **params: Any) -> list[dict[str, Any]]:
    """The items of a page."""
    answer = await ask.get(path, params=params)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_notices_are_listed_newest_first_with_their_deliveries(ask: httpx.AsyncClient) -> None:
    found = await items(ask, "/internal/notices", recipient=DONOR)
    assert [one["template"] for one in found] == ["summary", "bill_due", "pledge_accepted"]
    assert [one["id"] for one in found] == sorted((one["id"] for one in found), reverse=True)
    first = found[2]["deliveries"]
    assert [(d["channel"], d["state"]) for d in first if d["channel"] == "mailbox"] == [("mailbox", "sent")]
    assert "webhook.gone" in [d["code"] for d in first]
    assert first[0]["at"] == "2026-12-01T02:00:00Z"


async def test_notices_are_found_by_their_state(ask: httpx.AsyncClient) -> None:
    assert {one["state"] for one in await items(ask, "/internal/notices", state="suppressed")} == {"suppressed"}


async def test_pages_follow_each_other_without_a_gap(ask: httpx.AsyncClient) -> None:
    whole = [one["id"] for one in await items(ask, "/internal/notices")]
    seen, after = [], None
    while True:
        page = (await ask.get("/internal/notices", params={"limit": 2} | ({"after": after} if after else {}))).json()
        seen += [one["id"] for one in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == whole


@pytest.mark.parametrize(
    "bad", [{"limit": "0"}, {"limit": "x"}, {"limit": "501"}, {"state": "happy"}, {"after": "\0"}, {"recipient": "x"}]
)
async def test_a_question_that_makes_no_sense_is_refused(ask: httpx.AsyncClient, bad: dict[str, str]) -> None:
    assert (await ask.get("/internal/notices", params=bad)).status_code == 422


async def test_the_mailbox_shows_words_with_names_masked(ask: httpx.AsyncClient) -> None:
    (covered,) = [one for one in await items(ask, "/internal/mailbox") if one["template"] == "covered"]
    assert covered["name"] == "B*** S***"
    assert "B*** S***" in covered["text"].splitlines()[0]
    assert "Budi" not in covered["text"]


async def test_the_mailbox_is_shown_in_the_requested_language(ask: httpx.AsyncClient) -> None:
    found = await items(ask, "/internal/mailbox", language="id")
    assert {one["language"] for one in found} == {"id"}
    assert all(one["text"].startswith("Yth. ") for one in found)


async def test_the_mailbox_holds_nothing_that_was_suppressed(ask: httpx.AsyncClient) -> None:
    assert "summary" not in [one["template"] for one in await items(ask, "/internal/mailbox")]


# -- the vault ---------------------------------------------------------------------------------------------------------


async def test_contacts_come_from_the_vault_and_go_with_the_key(url: str, pool: Pool) -> None:
    vault, contacts = Vault(KEYS), VaultContacts(Vault(KEYS), pool)
    record = {
        "name": "PT Baja",
        "email": "csr@baja.example",
        "webhooks": [{"id": an_id("whk"), "url": "https://hook.example/", "secret": SECRET}],
    }
    async with open_pool(role_url(url, "gateway"), schema="gateway") as edge, edge.acquire() as tx:
        await vault.store(tx, vault.seal([(DONOR, record)]))
        known = await contacts.of([DONOR, WORKER])
        await vault.erase(tx, DONOR, AT)
    hook = Webhook(an_id("whk"), "https://hook.example/", SECRET)
    assert known == {DONOR: Contact("PT Baja", "csr@baja.example", "", (hook,))}
    assert await contacts.of([DONOR]) == {}
