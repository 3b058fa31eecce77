"""The live stream in a real browser."""

from playwright.async_api import Page, Route, expect

from tests.acceptance.console.conftest import Stage
from tests.acceptance.console.story import PLEDGE, cloud_event, pseudo_id

WORKER = {"worker": pseudo_id("wrk", 900), "occupation": "nelayan", "area": "36.72.04.1003"}


async def open_stream(page: Page, query: str = "") -> None:
    await page.goto(f"/console/stream{query}")
    await expect(page.locator("#live")).to_have_text("Langsung")


async def test_the_latest_facts_are_there_at_once(operator: Page) -> None:
    await operator.goto("/console/stream")
    await expect(operator.locator(".fact").first).to_contain_text("masuk daftar tunggu")
    await expect(operator.locator(".fact time").first).to_have_text("09.01.05 WIB")


async def test_a_new_fact_appears_on_top_as_a_sentence(operator: Page, stage: Stage) -> None:
    await open_stream(operator)
    stage.twin.happens("worker.registered", WORKER, seq=4001)
    newest = operator.locator(".fact").first
    await expect(newest).to_contain_text("Nelayan di Kubangsari, masuk daftar tunggu.")
    await expect(newest.get_by_role("link")).to_have_attribute("href", f"/console/workers/{WORKER['worker']}")


async def test_what_happened_before_the_stream_opened_is_not_lost(operator: Page, stage: Stage) -> None:
    missed = cloud_event("worker.registered", WORKER, seq=4001, service="gateway")

    async def happen_late(route: Route) -> None:
        stage.twin.happened.append(missed)
        await route.continue_()

    await operator.route("**/console/stream/events", happen_late)
    await operator.goto("/console/stream")
    await expect(operator.locator("[data-id='gateway/3/4001']")).to_have_count(1)


async def test_a_fact_that_arrives_twice_is_shown_once(operator: Page, stage: Stage) -> None:
    await open_stream(operator)
    for seq in (4001, 4001, 4002):
        stage.twin.happens("worker.registered", WORKER, seq=seq)
    await expect(operator.locator("[data-id='gateway/3/4002']")).to_have_count(1)
    await expect(operator.locator("[data-id='gateway/3/4001']")).to_have_count(1)


async def test_facts_wait_while_the_stream_is_paused(operator: Page, stage: Stage) -> None:
    await open_stream(operator)
    before = await operator.locator(".fact").count()
    await operator.get_by_role("button", name="Jeda").click()
    for seq in range(4001, 4004):
        stage.twin.happens("worker.registered", WORKER, seq=seq)
    await expect(operator.locator("#waiting")).to_have_text("3 peristiwa menunggu")
    assert await operator.locator(".fact").count() == before
    await operator.get_by_role("button", name="Lanjutkan").click()
    await expect(operator.locator(".fact")).to_have_count(before + 3)


async def test_the_number_of_skipped_facts_is_shown(operator: Page, stage: Stage) -> None:
    await open_stream(operator)
    stage.twin.skips(1200)
    stage.twin.skips(34)
    await expect(operator.locator("#skipped")).to_have_text("1.234 dilewati")


async def test_a_flood_leaves_a_bounded_list_and_says_what_it_left_out(operator: Page, stage: Stage) -> None:
    await open_stream(operator)
    for seq in range(5000, 7500):
        stage.twin.happens("worker.registered", WORKER, seq=seq)
    await expect(operator.locator("[data-id='gateway/3/7499']")).to_have_count(1)
    assert await operator.locator(".fact").count() <= 300
    await expect(operator.locator("#skipped")).to_be_visible()


async def test_filters_are_applied_by_the_server(operator: Page, stage: Stage) -> None:
    await open_stream(operator)
    await operator.get_by_label("Jenis peristiwa").select_option("matches.made")
    await operator.get_by_label("ID", exact=True).fill(PLEDGE)
    await operator.get_by_label("Wilayah").select_option(label="Ciwandan")
    await operator.get_by_role("button", name="Terapkan").click()
    await expect(operator.locator("#live")).to_have_text("Langsung")
    assert stage.twin.streamed[-1] == {"types": "matches.made", "subject": PLEDGE, "area": "36.72.04"}


async def test_a_filter_by_a_malformed_id_is_reported_and_opens_no_stream(operator: Page, stage: Stage) -> None:
    await operator.goto("/console/stream?subject=plg_zzz")
    await expect(operator.get_by_role("alert")).to_contain_text("“plg_zzz” bukan ID")
    await expect(operator.locator("#live")).to_be_hidden()
    assert stage.twin.streamed == []


async def test_markup_in_a_fact_stays_text(operator: Page, stage: Stage) -> None:
    await open_stream(operator)
    hostile = {"pledge": PLEDGE, "what": "<img src=x onerror=alert(1)>"}
    stage.twin.happens("entry.posted", hostile, seq=4001, service="ledger")
    await expect(operator.locator(".fact").first).to_contain_text("<img src=x onerror=alert(1)>")
    assert await operator.locator(".fact img").count() == 0
