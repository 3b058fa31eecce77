"""A console on the twin, served on a free port, and a real Chromium."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from services.console.app import Console
from services.console.session import COOKIE, Sessions
from services.runtime.base.clock import SystemClock
from tests.acceptance.console.twin import OPERATOR, Twin

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SESSIONS = Sessions(bytes(32), SystemClock())
PATIENCE_MS = 10_000
DESK = {"width": 1280, "height": 900}


@dataclass
class Stage:
    """A console that runs, and the twin behind it."""

    twin: Twin
    url: str


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """A console of its own for each test, so that what one changes no other sees."""
    twin = Twin()
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(Console(twin.app, SESSIONS), log_level="warning", timeout_graceful_shutdown=1)
    )
    running = asyncio.create_task(server.serve([listening]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield Stage(twin, f"http://127.0.0.1:{listening.getsockname()[1]}")
    server.should_exit = True
    await running
    listening.close()


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, started once."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        await started.close()


@pytest.fixture
async def context(browser: Browser, stage: Stage) -> AsyncIterator[BrowserContext]:
    """A browser that knows nothing yet."""
    made = await browser.new_context(base_url=stage.url, viewport=DESK)  # type: ignore[arg-type]
    made.set_default_timeout(PATIENCE_MS)
    yield made
    await made.close()


@pytest.fixture
async def guest(context: BrowserContext) -> AsyncIterator[Page]:
    """A page without a login; at the end its console must have no errors."""
    page = await context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    yield page
    await page.close()
    assert [text for text in wrong if "Failed to load resource" not in text] == []


@pytest.fixture
async def operator(guest: Page) -> Page:
    """The first page, with an operator logged in."""
    cookie = {"name": COOKIE, "value": SESSIONS.seal(OPERATOR, "operator"), "domain": "127.0.0.1", "path": "/console"}
    await guest.context.add_cookies([{**cookie, "httpOnly": True, "sameSite": "Strict"}])  # type: ignore[typeddict-item]
    await guest.goto("/console")
    return guest


async def log_in(page: Page, key: str) -> None:
    """Type a key into the login page."""
    await page.goto("/console/login")
    await page.get_by_label("Kunci API").fill(key)
    await page.get_by_role("button", name="Masuk").click()
    await page.wait_for_load_state()
