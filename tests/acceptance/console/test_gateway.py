"""The console on the real gateway and a real PostgreSQL; the ledger answers in its own forms, or is away."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from schemas.facts.common import DeadLetterRecorded
from services.console.app import Console
from services.console.session import COOKIE, Sessions
from services.ledger.inbound import answers
from services.runtime.base.clock import SystemClock
from tests.support.gateway import OPERATOR, Twin, twin
from tests.support.gateway_words import CITY, donor, good, pledge, worker_body

REMITTANCE = "rem_01kcx40b7yq3n8d5s1e9t2xkma"


@pytest.fixture(scope="module")
async def gw(postgres_url: str) -> AsyncIterator[Twin]:
    """A gateway whose other services are away unless a test lets them answer."""
    async with twin(postgres_url) as made:
        made.app = Console(made.app, Sessions(made.settings.keys.sessions, SystemClock()))
        yield made


@pytest.fixture
async def visitor(gw: Twin) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a key."""
    gw.answers.clear()
    async with gw.caller(None) as client:
        client.follow_redirects = True
        yield client


@pytest.fixture
async def operator(visitor: httpx.AsyncClient) -> httpx.AsyncClient:
    """An operator who has logged in."""
    answer = await visitor.post("/console/login", data={"key": OPERATOR, "next": "/console/health"})
    assert answer.status_code == 200
    return visitor


async def test_the_operators_key_opens_the_console(operator: httpx.AsyncClient) -> None:
    assert COOKIE in operator.cookies
    assert "Kesehatan layanan" in (await operator.get("/console/health")).text


async def test_another_key_does_not(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.post("/console/login", data={"key": "sekul_nobody"})
    assert answer.status_code == 401
    assert "Kunci ini tidak dikenal." in answer.text
    assert COOKIE not in visitor.cookies


async def test_the_board_shows_workers_while_the_ledger_is_away(gw: Twin, operator: httpx.AsyncClient) -> None:
    good(await gw.client.post("/v1/workers", json=worker_body()), 201)
    page = await operator.get("/console")
    assert page.status_code == 200
    assert page.text.count('class="spot ') == 43 + len(range(5))
    assert "sedang tidak dapat dijangkau (layanan tidak dapat dijangkau)" in page.text


async def test_the_books_read_the_ledgers_own_answers(gw: Twin, operator: httpx.AsyncClient) -> None:
    month = f"{gw.clock.day:%Y-%m}"
    gw.answers["/internal/trial-balance"] = answers.trial_balance({}, None, None)
    gw.answers[f"/internal/cycles/{month}"] = answers.cycle(month, CITY, [], [])
    page = await operator.get("/console/books")
    assert page.status_code == 200
    assert "Seimbang: jumlah semua saldo Rp0." in page.text


async def test_a_pledges_page_shows_its_facts_while_all_others_are_away(gw: Twin, operator: httpx.AsyncClient) -> None:
    name = await pledge(gw, await donor(gw))
    page = await operator.get(f"/console/pledges/{name}")
    assert page.status_code == 200
    assert "berkomitmen untuk 2 pekerja, Desember 2026 sampai November 2027" in page.text


async def test_looking_at_a_worker_on_the_console_shows_no_person(gw: Twin, operator: httpx.AsyncClient) -> None:
    name = good(await gw.client.post("/v1/workers", json=worker_body()), 201)["id"]
    page = await operator.get(f"/console/workers/{name}")
    assert page.status_code == 200
    assert "Siti" not in page.text
    assert await gw.facts("person.read") == []


async def test_the_stream_page_shows_what_happened(gw: Twin, operator: httpx.AsyncClient) -> None:
    name = good(await gw.client.post("/v1/workers", json=worker_body()), 201)["id"]
    page = await operator.get(f"/console/stream?subject={name}")
    assert "Pedagang di Cibeber, masuk daftar tunggu." in page.text
    latest = (await operator.get(f"/console/stream/latest.json?subject={name}")).json()
    assert {event["type"] for event in latest} >= {"sekul.worker.registered.v1"}


async def test_a_filter_that_cannot_be_read_is_explained(operator: httpx.AsyncClient) -> None:
    page = await operator.get("/console/stream?type=moon.rose")
    assert page.status_code == 200
    assert "Permintaan ini tidak dapat dijawab: filter tidak sah." in page.text


async def test_a_dead_letter_is_shown_and_redriven(gw: Twin, operator: httpx.AsyncClient) -> None:
    died = DeadLetterRecorded(
        about=REMITTANCE, source="gateway", source_seq=7, code="receipt.foreign", detail="another month"
    )
    await gw.tell("ledger", gw.shard(CITY), died)
    assert "receipt.foreign" in (await operator.get("/console/dead-letters")).text
    question = await operator.get(f"/console/dead-letters/redrive?service=ledger&about={REMITTANCE}")
    token = re.search(r'name="form_token" value="([0-9a-f]+)">\s*<input type="hidden" name="service"', question.text)
    assert token is not None
    form = {"form_token": token[1], "service": "ledger", "about": REMITTANCE}
    answer = await operator.post("/console/dead-letters/redrive", data=form)
    assert f"Permintaan tercatat: Buku besar memproses ulang {REMITTANCE}." in answer.text
    assert [one.stream for one in await gw.facts("redrive.requested")] == [REMITTANCE]
