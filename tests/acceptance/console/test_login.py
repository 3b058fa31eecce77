"""Who may log in, how, and what the cookie reveals."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.async_api import BrowserContext, Page, expect

from services.console.session import COOKIE, Sessions
from tests.acceptance.console.conftest import Stage, log_in
from tests.acceptance.console.twin import AUDITOR, DONOR, OPERATOR

logged_in = pytest.mark.usefixtures("operator")
AT = datetime(2027, 2, 18, 2, tzinfo=UTC)


class StandingClock:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.at = AT

    def now(self) -> datetime:
        return self.at


@pytest.mark.parametrize("key", [OPERATOR, AUDITOR])
async def test_operators_and_auditors_come_to_the_board(guest: Page, key: str) -> None:
    await log_in(guest, key)
    await expect(guest.get_by_role("heading", level=1)).to_contain_text("pekerja informal di Cilegon")


async def test_an_unknown_key_stays_outside(guest: Page) -> None:
    await log_in(guest, "sekul_nobody")
    await expect(guest.get_by_role("alert")).to_have_text("Kunci ini tidak dikenal.")


async def test_a_donors_key_is_for_the_api_alone(guest: Page) -> None:
    await log_in(guest, DONOR)
    await expect(guest.get_by_role("alert")).to_contain_text("kunci ini memiliki peran lain")


async def test_a_login_leads_to_the_page_first_requested(guest: Page, stage: Stage) -> None:
    await guest.goto("/console/health?x=1")
    await guest.get_by_label("Kunci API").fill(OPERATOR)
    await guest.get_by_role("button", name="Masuk").click()
    await expect(guest).to_have_url(f"{stage.url}/console/health?x=1")


async def test_a_login_never_redirects_to_another_host(guest: Page, stage: Stage) -> None:
    await guest.goto("/console/login?next=//elsewhere.example/console")
    await guest.get_by_label("Kunci API").fill(OPERATOR)
    await guest.get_by_role("button", name="Masuk").click()
    await expect(guest).to_have_url(f"{stage.url}/console")


async def test_the_cookie_holds_no_key_and_no_script_reads_it(guest: Page, context: BrowserContext) -> None:
    await log_in(guest, OPERATOR)
    cookie = next(it for it in await context.cookies() if it["name"] == COOKIE)
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert OPERATOR not in cookie["value"]
    assert COOKIE not in await guest.evaluate("document.cookie")


async def test_logging_out_closes_the_door(operator: Page) -> None:
    await operator.get_by_role("button", name="Keluar").click()
    await expect(operator.get_by_role("status")).to_have_text("Anda sudah keluar.")
    await operator.goto("/console")
    await operator.wait_for_url("**/console/login**")


@logged_in
async def test_a_form_of_another_site_is_refused(context: BrowserContext, stage: Stage) -> None:
    cookie = next(it for it in await context.cookies() if it["name"] == COOKIE)
    async with httpx.AsyncClient(base_url=stage.url, cookies={COOKIE: cookie["value"]}) as client:
        answer = await client.post("/console/dead-letters/redrive", data={"service": "ledger", "about": "x"})
    assert answer.status_code == 403
    assert stage.twin.redriven == []


async def test_pages_carry_a_strict_content_security_policy(stage: Stage) -> None:
    async with httpx.AsyncClient(base_url=stage.url) as client:
        answer = await client.get("/console/login")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"


@logged_in
async def test_the_console_streams_by_cookie_and_the_api_takes_none(context: BrowserContext, stage: Stage) -> None:
    cookie = next(it for it in await context.cookies() if it["name"] == COOKIE)
    async with httpx.AsyncClient(base_url=stage.url, cookies={COOKIE: cookie["value"]}) as client:
        async with client.stream("GET", "/console/stream/events") as stream:
            assert stream.status_code == 200
        assert (await client.get("/v1/events/stream")).status_code == 401
        assert (await client.get("/v1/clock")).status_code == 401


def test_a_session_ends_after_its_hours() -> None:
    clock = StandingClock()
    sessions = Sessions(bytes(32), clock)
    token = sessions.seal(OPERATOR, "operator")
    assert sessions.open(token) is not None
    clock.at += timedelta(hours=12)
    assert sessions.open(token) is None


@pytest.mark.parametrize("token", ["", "x", "ö", "AAAA", "A" * 400, None])
def test_a_foreign_cookie_opens_nothing(token: str | None) -> None:
    assert Sessions(bytes(32), StandingClock()).open(token) is None


def test_a_session_sealed_under_another_key_opens_nothing() -> None:
    token = Sessions(bytes(32), StandingClock()).seal(OPERATOR, "operator")
    assert Sessions(b"k" * 32, StandingClock()).open(token) is None
