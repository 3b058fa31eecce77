"""The ledger's internal routes: the services' door, pages, refusals of bad questions."""

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from services.ledger.app import asgi, background, service
from tests.support import toys
from tests.support.ledger import CITY, an_id
from tests.support.postgres import KEYS

STORY = """
    2026-11-25 pledge P1 by D1: 3 slots, 2026-12 to 2027-02
    2026-11-25 pledge P2 by D2: 1 slots, 2026-12 to 2027-02
    2026-11-26 match P1 with W1, pedagang, 2026-12 to 2027-02
    2026-11-26 match P1 with W2, art, 2026-12 to 2027-02
    2026-11-26 match P1 with W4, sopir, 2026-12 to 2027-02
    2026-11-26 match P2 with W3, ojek, 2026-12 to 2027-02
    2026-12-01 bill 2026-12
    2026-12-08 pay D1 2026-12
    2026-12-11 receipt D1 2026-12: W1 confirmed, W2 rejected, W9 confirmed
"""


@pytest.fixture
async def client(books: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Another service, which shows the internal key."""
    await books.play(STORY)
    context: Any = SimpleNamespace(pool=books.pool, settings=toys.settings("", books.url, Path()))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(asgi(context)),
        base_url="http://ledger",
        headers={"Authorization": f"Bearer {KEYS.internal}"},
    ) as one:
        yield one


async def pages(client: httpx.AsyncClient, path: str, limit: int, **params: str) -> list[dict[str, Any]]:
    """All items of a list, page by page."""
    items: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        more = {"after": after} if after else {}
        body = (await client.get(path, params={"limit": limit, **params, **more})).json()
        items += body["items"]
        after = body["next"]
        if after is None:
            return items


def remittance_of(books: Any, donor: str) -> str:
    """A donor's remittance of December."""
    return str(books.story.remittance(donor, "2026-12").remittance)


@pytest.mark.parametrize("headers", [{"Authorization": ""}, {"Authorization": "Bearer wrong"}])
async def test_who_does_not_show_the_internal_key_is_not_answered(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await client.get("/internal/accounts", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "key.invalid")


async def test_a_cycle_is_reported_by_city(client: httpx.AsyncClient) -> None:
    body = (await client.get("/internal/cycles/2026-12", params={"city": CITY})).json()
    assert (body["month"], body["state"], body["worker_months"]["billed"]) == ("2026-12", "billed", 4)


async def test_remittances_come_in_pages_and_each_once(books: Any, client: httpx.AsyncClient) -> None:
    found = await pages(client, "/internal/remittances", 1, month="2026-12")
    assert sorted(one["id"] for one in found) == sorted(remittance_of(books, donor) for donor in ("D1", "D2"))


async def test_lines_come_in_pages_and_each_once(books: Any, client: httpx.AsyncClient) -> None:
    found = await pages(client, f"/internal/remittances/{remittance_of(books, 'D1')}/lines", 2)
    assert {line["worker"]: line["state"] for line in found} == {
        an_id("wrk", "W1"): "confirmed",
        an_id("wrk", "W2"): "rejected",
        an_id("wrk", "W4"): "paid",
    }
    assert len(found) == 3


async def test_entries_come_in_pages_in_the_order_of_the_log(books: Any, client: httpx.AsyncClient) -> None:
    found = await pages(client, "/internal/entries", 2)
    numbers = [int(entry["position"].rpartition("/")[2]) for entry in found]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == len([one for one in books.story.log if one.kind == "entry.posted"])
    assert all(sum(posting["amount_idr"] for posting in entry["postings"]) == 0 for entry in found)


async def test_accounts_come_in_pages_with_what_they_are_about(client: httpx.AsyncClient) -> None:
    found = await pages(client, "/internal/accounts", 3)
    assert sum(one["balance_idr"] for one in found) == 0
    assert all(one["about"] for one in found)


@pytest.mark.parametrize(
    "params", [{}, {"as_of": "2026-12-05"}, {"as_of": "2026-12"}, {"recorded_by": "2026-12-09T00:00:00Z"}]
)
async def test_the_trial_balance_is_zero_as_of_any_time(client: httpx.AsyncClient, params: dict[str, str]) -> None:
    body = (await client.get("/internal/trial-balance", params=params)).json()
    assert (body["sum_idr"], body["plus_idr"] + body["minus_idr"], body["broken"]) == (0, 0, [])


@pytest.mark.parametrize(
    "path",
    [
        "/internal/trial-balance?as_of=yesterday",
        "/internal/trial-balance?recorded_by=2026-12-09",
        "/internal/trial-balance?recorded_by=noon",
        "/internal/entries?after=x/y",
        "/internal/entries?limit=many",
        "/internal/entries?worker=wrk_nobody",
    ],
)
async def test_a_parameter_that_cannot_be_read_is_named(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (400, "query.invalid")
    assert answer.json()["detail"].split(":")[0] in path


@pytest.mark.parametrize(
    "path",
    [
        f"/internal/remittances/{an_id('rem', 'none')}",
        f"/internal/remittances/{an_id('rem', 'none')}/lines",
        "/internal/remittances/by-pay-code/000000000000",
        f"/internal/pledges/{an_id('plg', 'none')}",
    ],
)
async def test_what_is_unknown_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_the_ledger_hands_the_runtime_its_parts_and_no_loops(tmp_path: Path) -> None:
    settings = toys.settings("", "postgresql://nobody@127.0.0.1/none", tmp_path)
    assert service(settings).name == "ledger"
    context: Any = None
    assert background(context) == []
