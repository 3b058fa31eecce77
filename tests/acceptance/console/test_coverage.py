"""The coverage board in a real browser."""

from playwright.async_api import Page, expect

from schemas.reference import cilegon_map
from services.console.views import Cover
from tests.acceptance.console.conftest import Stage


def cover(workers: int, covered: int) -> Cover:
    return Cover(
        area="36.72.01", name="Cibeber", workers=workers, matched=covered, covered=covered, share=0, target=0.8
    )


async def point_at(page: Page, code: str) -> None:
    """Move the pointer to where a kelurahan's label stands, which lies inside its shape."""
    shape = cilegon_map.shape(code)
    assert shape is not None
    board = page.locator(".map")
    await board.scroll_into_view_if_needed()
    box = await board.bounding_box()
    assert box is not None
    scale = box["width"] / float(cilegon_map.VIEW_BOX.split()[2])
    await page.mouse.move(box["x"] + shape.label[0] * scale, box["y"] + shape.label[1] * scale)


async def test_the_map_has_a_shape_for_each_of_the_43_kelurahan(operator: Page) -> None:
    assert await operator.locator("#spots path").count() == 43
    drawn = await operator.locator("#spots path").evaluate_all("all => all.filter(it => it.getBBox().width > 0).length")
    assert drawn == 43


async def test_the_chart_has_a_bar_for_each_kecamatan_and_the_mark_at_80(operator: Page) -> None:
    assert await operator.locator(".bars .bar").count() == len(cilegon_map.KECAMATAN)
    chart = await operator.locator(".bars").bounding_box()
    mark = await operator.locator(".bars > line.mark").bounding_box()
    assert chart is not None
    assert mark is not None
    assert abs((mark["x"] + mark["width"] / 2 - chart["x"]) / chart["width"] - 0.8) < 0.005


async def test_touching_a_kelurahan_shows_its_numbers(operator: Page) -> None:
    await point_at(operator, "36.72.04.1003")
    picked = operator.locator("#picked")
    await expect(picked).to_contain_text("Kubangsari")
    await expect(picked).to_contain_text("Kecamatan Ciwandan")
    await expect(picked).to_contain_text("dari")


async def test_arrow_keys_walk_over_the_map(operator: Page) -> None:
    await operator.locator("#spots path").first.focus()
    await operator.keyboard.press("ArrowRight")
    await expect(operator.locator("#picked strong")).to_contain_text("Kedaleman")


async def test_a_share_is_shown_by_pattern_and_text_besides_colour(operator: Page) -> None:
    assert await operator.locator("#spots path[fill^='url(#band']").count() > 0
    assert await operator.locator("#spots path:not([aria-label])").count() == 0
    await expect(operator.locator(".legend")).to_contain_text("80% ke atas")


async def test_the_headline_shows_workers_and_confirmed_iuran(operator: Page) -> None:
    await expect(operator.get_by_role("heading", level=1)).to_contain_text("Februari 2027")
    await expect(operator.locator(".figures")).to_contain_text("Rp20.227.200")


async def test_coverage_opens_on_the_latest_month_with_a_covered_worker(operator: Page, stage: Stage) -> None:
    stage.twin.today = "2027-03-02"
    await operator.goto("/console")
    await expect(operator.get_by_role("heading", level=1)).to_contain_text("Pada Februari 2027")


async def test_another_month_is_one_step_away(operator: Page) -> None:
    await operator.get_by_role("link", name="Bulan berikutnya: Maret 2027").click()
    await expect(operator.get_by_role("heading", level=1)).to_contain_text("Pada Maret 2027, 0 dari")


async def test_a_part_that_is_away_leaves_the_rest_of_the_page(operator: Page, stage: Stage) -> None:
    stage.twin.away.add("/v1/cycles/{month}")
    await operator.goto("/console")
    await expect(operator.locator(".figures")).to_contain_text("sedang tidak dapat dijangkau (ledger.away)")
    assert await operator.locator("#spots path").count() == 43


def test_a_share_is_rounded_down_so_that_no_area_reaches_the_target_by_rounding() -> None:
    almost = cover(1000, 799)
    assert (almost.percent, almost.reached, almost.missing) == (79, False, 1)


def test_the_target_is_reached_at_exactly_80_percent() -> None:
    assert cover(5, 4).reached
    assert not cover(6, 4).reached
    assert cover(6, 4).missing == 1


def test_an_area_without_workers_has_not_reached_anything() -> None:
    assert not cover(0, 0).reached
