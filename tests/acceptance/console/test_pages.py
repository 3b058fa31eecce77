"""Pledges, workers, books, mailbox, health and dead letters in a real browser."""

from playwright.async_api import Page, expect

from schemas.http.pledges import PledgeMonth
from services.console.pages.books import segments
from services.console.pages.pledges import spans, steps
from services.console.views import Cycle, Event
from services.console.words import words
from services.ledger.domain.accounts import CHART
from tests.acceptance.console.conftest import Stage, log_in
from tests.acceptance.console.story import PLEDGE, REMITTANCE, WORKER, cloud_event
from tests.acceptance.console.twin import AUDITOR


async def test_the_search_box_leads_to_a_pledge(operator: Page) -> None:
    await operator.get_by_role("searchbox").fill(f"  {PLEDGE.upper()} ")
    await operator.keyboard.press("Enter")
    await expect(operator.get_by_role("heading", level=1)).to_have_text("Komitmen untuk 35 pekerja")


async def test_the_search_box_leads_to_a_worker(operator: Page) -> None:
    await operator.get_by_role("searchbox").fill(WORKER)
    await operator.keyboard.press("Enter")
    await expect(operator.get_by_role("heading", level=1)).to_have_text("Pekerja di Kubangsari")


async def test_the_search_box_leads_from_an_id_without_a_page_to_its_events(operator: Page, stage: Stage) -> None:
    await operator.get_by_role("searchbox").fill(REMITTANCE)
    await operator.keyboard.press("Enter")
    await expect(operator).to_have_url(f"{stage.url}/console/stream?subject={REMITTANCE}")


async def test_a_malformed_id_is_reported(operator: Page) -> None:
    await operator.get_by_role("searchbox").fill("Siti")
    await operator.keyboard.press("Enter")
    await expect(operator.get_by_role("main")).to_contain_text("ID terdiri atas awalan")


async def test_an_unknown_id_is_reported(operator: Page) -> None:
    await operator.goto(f"/console/pledges/{PLEDGE[:-1]}x")
    await expect(operator.get_by_role("main")).to_contain_text("Tidak ada catatan tentang plg_")


async def test_a_pledge_is_followed_over_all_services_in_causal_order(operator: Page) -> None:
    await operator.goto(f"/console/pledges/{PLEDGE}")
    services = await operator.locator(".step").evaluate_all("steps => steps.map(step => step.dataset.service)")
    assert services[:4] == ["gateway", "matcher", "matcher", "ledger"]
    assert set(services) == {"gateway", "matcher", "ledger", "notifier"}
    await expect(operator.locator(".step").nth(1)).to_contain_text("karena gateway/3/41")


async def test_a_page_explains_why_slots_are_idle_and_which_change_would_help(operator: Page) -> None:
    await operator.goto(f"/console/pledges/{PLEDGE}")
    await expect(operator.get_by_text("Perubahan terkecil yang membantu:")).to_be_visible()
    await expect(operator.get_by_text("27 pekerja menunggu di Kota Cilegon (semua pekerjaan).")).to_be_visible()


async def test_facts_alike_are_one_line_that_opens(operator: Page) -> None:
    await operator.goto(f"/console/pledges/{PLEDGE}")
    await operator.get_by_text("33 peristiwa serupa").click()
    await expect(operator.locator(".alike li").first).to_be_visible()


async def test_the_books_show_that_they_balance(operator: Page) -> None:
    await operator.goto("/console/books")
    await expect(operator.get_by_text("Seimbang: jumlah semua saldo Rp0.")).to_be_visible()
    await expect(operator.get_by_role("row", name="Januari 2027")).to_contain_text("Rp21.772.800")
    await expect(operator.get_by_role("row", name="Komitmen para donatur")).to_contain_text("\N{MINUS SIGN}Rp6.652.800")


async def test_notices_are_shown_as_received_with_masked_names(operator: Page) -> None:
    await operator.goto("/console/mailbox")
    await expect(operator.locator(".notice").first).to_contain_text("Kepada S••• R•••••")
    await operator.get_by_role("link", name="English").last.click()
    await expect(operator.locator(".notice")).to_have_count(1)
    await expect(operator.locator(".notice h2")).to_have_text("Your iuran for February 2027 is due")


async def test_health_names_the_service_that_is_behind(operator: Page) -> None:
    await operator.goto("/console/health")
    await expect(operator.get_by_role("main")).to_contain_text("Notifikasi perlu diperiksa.")
    await expect(operator.get_by_role("row", name="Notifikasi mengirim")).to_contain_text("1.482 peristiwa")
    await expect(operator.get_by_role("row", name="Pencocokan mencocokkan")).to_contain_text("16 dari 16")


async def test_a_redrive_is_confirmed_and_then_requested(operator: Page, stage: Stage) -> None:
    await operator.goto("/console/dead-letters")
    await expect(operator.locator(".dead-one")).to_contain_text("receipt.foreign_month")
    await operator.get_by_role("link", name="Proses ulang…").click()
    assert stage.twin.redriven == []
    await operator.get_by_role("button", name="Ya, proses ulang").click()
    await expect(operator.get_by_role("status")).to_contain_text(f"Buku besar memproses ulang {REMITTANCE}")
    assert stage.twin.redriven == [("ledger", REMITTANCE)]
    await expect(operator.get_by_text("Tidak ada pesan yang gagal diproses.")).to_be_visible()


async def test_an_auditor_sees_dead_letters_and_touches_none(guest: Page) -> None:
    await log_in(guest, AUDITOR)
    await guest.goto("/console/dead-letters")
    await expect(guest.locator(".dead-one")).to_contain_text("Hanya operator")
    await expect(guest.get_by_role("link", name="Proses ulang…")).to_have_count(0)


def event(position: str, kind: str, cause: str) -> Event:
    service, seq = position.split("/")
    return Event.model_validate(cloud_event(kind, {}, seq=int(seq), service=service, cause=cause))


def test_facts_alike_are_folded_though_others_stand_between() -> None:
    made = steps(
        [
            event("matcher/1", "matches.made", ""),
            event("ledger/1", "entry.posted", "matcher/3/1"),
            event("matcher/2", "matches.made", ""),
            event("ledger/2", "entry.posted", "matcher/3/2"),
        ]
    )
    assert [(step.first.kind, len(step.alike)) for step in made] == [("matches.made", 1), ("entry.posted", 1)]


def test_no_fact_is_folded_to_a_place_before_its_cause() -> None:
    made = steps(
        [
            event("matcher/1", "matches.made", ""),
            event("ledger/1", "pledge.overdue", ""),
            event("matcher/2", "matches.made", "ledger/3/1"),
        ]
    )
    assert [step.first.id for step in made] == ["matcher/3/1", "ledger/3/1", "matcher/3/2"]


def test_months_alike_are_one_line() -> None:
    months = [PledgeMonth(month=f"2027-0{n}", state="held", idr=16_800, workers=1) for n in (1, 2, 3)]
    other = PledgeMonth(month="2027-04", state="promised", idr=16_800, workers=0)
    found = [(it.first, it.last, it.count) for it in spans([*months, other])]
    assert found == [("2027-01", "2027-03", 3), ("2027-04", "2027-04", 1)]


def test_every_kind_of_account_has_words() -> None:
    assert [kind.pattern for kind in CHART if f"account.{kind.pattern}" not in words("id")] == []


def test_a_months_bar_is_as_long_as_what_was_billed() -> None:
    cycle = Cycle(month="2027-01", state="billed", worker_months={"billed": 4, "confirmed": 3, "due": 1}, idr={})
    assert [(segment.state, segment.start, segment.width) for segment in segments(cycle)] == [
        ("confirmed", 0, 750),
        ("due", 750, 250),
    ]
