"""What holds on every page: two languages, a phone's width, light and dark, no mouse and no eyes needed."""

import re
from itertools import pairwise
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.acceptance.console.conftest import Stage, log_in
from tests.acceptance.console.story import PLEDGE, REMITTANCE, WORKER
from tests.acceptance.console.twin import OPERATOR

PAGES = {
    "login": "/console/login",
    "coverage": "/console",
    "stream": "/console/stream",
    "pledge": f"/console/pledges/{PLEDGE}",
    "worker": f"/console/workers/{WORKER}",
    "books": "/console/books",
    "mailbox": "/console/mailbox",
    "health": "/console/health",
    "dead letters": "/console/dead-letters",
    "redrive": f"/console/dead-letters/redrive?service=ledger&about={REMITTANCE}",
    "error": "/console/nowhere",
}
#: texts whose contrast against what lies behind them is below what WCAG 2.2 AA asks for
FAINT = """
() => {
  const rgb = (text) => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const over = ([r, g, b, a], [R, G, B]) => [r, g, b].map((c, i) => (c * a + [R, G, B][i] * (255 - a)) / 255);
  const light = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const shine = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.unshift(rgb(getComputedStyle(at).backgroundColor));
    return layers.reduce((under, layer) => over(layer, under), [255, 255, 255]);
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const style = getComputedStyle(element);
    const seen = element.checkVisibility() && walker.currentNode.data.trim();
    if (!seen || element.closest("svg, .hidden, option, noscript")) continue;
    const ground = behind(element);
    const [a, b] = [shine(over(rgb(style.color), ground)), shine(ground)].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && parseInt(style.fontWeight) >= 700);
    if ((a + 0.05) / (b + 0.05) < (large ? 3 : 4.5)) faint.push(`${walker.currentNode.data.trim()} ${style.color}`);
  }
  return [...new Set(faint)];
}
"""


async def test_the_language_changes_and_stays(operator: Page) -> None:
    await operator.goto("/console/books")
    await operator.get_by_role("link", name="Ganti bahasa ke bahasa Inggris").click()
    await expect(operator.get_by_role("heading", level=1)).to_have_text("Books")
    await operator.goto("/console")
    await expect(operator.get_by_role("heading", level=1)).to_contain_text("1,317 of 2,061 informal workers")
    await operator.get_by_role("link", name="Switch the language to Indonesian").click()
    await expect(operator.get_by_role("heading", level=1)).to_contain_text("1.317 dari 2.061 pekerja informal")


async def test_the_theme_changes_and_stays(operator: Page) -> None:
    await operator.get_by_role("link", name=re.compile("Ganti terang atau gelap")).click()
    await expect(operator.locator("html")).to_have_attribute("data-theme", "dark")
    await operator.goto("/console/books")
    await expect(operator.locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("language", ["id", "en"])
async def test_nothing_is_wider_than_the_screen(browser: Browser, stage: Stage, language: str, width: int) -> None:
    context = await browser.new_context(base_url=stage.url, viewport={"width": width, "height": 740})
    page = await context.new_page()
    await log_in(page, OPERATOR)
    await page.goto(f"/console/language/{language}")
    widths, hidden = {}, {}
    for name, path in PAGES.items():
        await page.goto(path)
        widths[name] = await page.evaluate("document.documentElement.scrollWidth")
        hidden[name] = await page.locator(".nav a").evaluate_all(
            "all => all.filter(it => it.getBoundingClientRect().right > innerWidth).map(it => it.textContent)"
        )
    await context.close()
    assert widths == dict.fromkeys(PAGES, width)
    assert hidden == {name: [] for name in PAGES}


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_has_enough_contrast(browser: Browser, stage: Stage, scheme: Any) -> None:
    context = await browser.new_context(base_url=stage.url, color_scheme=scheme, reduced_motion="reduce")
    page = await context.new_page()
    await log_in(page, OPERATOR)
    faint = {}
    for name, path in PAGES.items():
        await page.goto(path)
        faint[name] = await page.evaluate(FAINT)
    await context.close()
    assert faint == {name: [] for name in PAGES}


async def test_headings_tables_and_fields_have_names(operator: Page) -> None:
    for path in PAGES.values():
        await operator.goto(path)
        assert await operator.locator("h1").count() == 1, path
        levels = await operator.locator("h1, h2, h3").evaluate_all("all => all.map(it => Number(it.tagName[1]))")
        assert all(after - before <= 1 for before, after in pairwise(levels)), path
        assert await operator.locator("table:not(:has(caption))").count() == 0, path
        nameless = "all => all.filter(it => it.type !== 'hidden' && !it.labels?.length).length"
        assert await operator.locator("input, select").evaluate_all(nameless) == 0, path


async def test_the_keyboard_reaches_the_content_first(operator: Page) -> None:
    await operator.goto("/console/books")
    await operator.keyboard.press("Tab")
    await expect(operator.get_by_role("link", name="Langsung ke isi")).to_be_focused()


async def test_nothing_is_loaded_from_another_host(operator: Page, stage: Stage) -> None:
    asked: list[str] = []
    operator.on("request", lambda request: asked.append(request.url))
    for path in PAGES.values():
        await operator.goto(path)
    assert len(asked) > len(PAGES)
    assert [url for url in asked if not url.startswith(stage.url)] == []
