"""Figures and exports in a browser: a month is exported with the keyboard alone, and axe finds nothing."""

import csv
import io
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pypdfium2
import pytest
from playwright.async_api import Browser, expect

from models import Case, Export
from tests.browser.chromium import CHROMIUM, HOW_TO_GET
from tests.browser.handset import NARROW, WIDE
from tests.console.clerk import Clerk
from tests.console.test_axe import TOO_SMALL
from tests.console.test_in_browser import UNFOLD, axe, chromium, opened, signed_in, tab_to
from tests.factories import VILLAGE
from tests.services.conftest import Street

__all__ = ["axe", "chromium"]

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason=HOW_TO_GET)]

ComesIn = Callable[[str], Awaitable[Clerk]]
PAGES = (
    "statistics",
    f"statistics/month?region={VILLAGE}&month=2027-03",
    "exports",
    "event-types",
    "event-types-import",
    "calendar",
    "settings",
    "audit",
)


async def two_months(street: Street) -> list[Case]:
    """Two cases of March and one of April; it is April."""
    await street.at("2027-03-02 09:00")
    resident = await street.resident()
    march = [await street.files(resident, title=f"路灯{turn}") for turn in ("一", "二")]
    await street.at("2027-04-06 09:00")
    await street.files(resident)
    await street.desk.figure_counts.count()
    return march


async def test_a_clerk_exports_a_month_by_keyboard_alone(
    street: Street, service: str, chromium: Browser, comes_in: ComesIn, tmp_path: Path
) -> None:
    march = await two_months(street)
    page, complaints = await opened(chromium, WIDE)
    keys = page.keyboard
    await signed_in(page, service, await comes_in("commander"))
    await page.goto(f"{service}/console/")
    await tab_to(page, page.get_by_role("link", name="统计", exact=True))
    await keys.press("Enter")
    await tab_to(page, page.get_by_role("link", name="导出", exact=True))
    await keys.press("Enter")
    await tab_to(page, page.get_by_label("哪里的"))
    await keys.press("ArrowDown")
    await tab_to(page, page.get_by_label("哪个月"))
    await expect(page.get_by_label("哪个月")).to_have_value("2027-03")
    await tab_to(page, page.get_by_label("什么文件"))
    await keys.type("CSV")
    await tab_to(page, page.get_by_role("button", name="开始导出"))
    await keys.press("Enter")
    await expect(page.get_by_role("status")).to_have_text("排着队，马上开始。")
    await street.work()
    # Nobody presses anything: the page asks by itself.
    link = page.get_by_role("link", name="下载")
    await expect(link).to_be_visible()
    await tab_to(page, link)
    async with page.expect_download() as coming:
        await keys.press("Enter")
    file = await coming.value
    assert file.suggested_filename == "诉求-城西村-2027-03-01到2027-03-31.csv"
    await file.save_as(tmp_path / "march.csv")
    text = (tmp_path / "march.csv").read_text("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert [(line[0], line[5]) for line in lines[1:]] == [
        (str(case.number), title) for case, title in zip(march, ("路灯一", "路灯二"), strict=True)
    ]
    assert (await Export.all().count(), complaints) == (1, [])


async def test_a_months_report_is_printed_whole_and_without_what_is_only_for_the_screen(
    street: Street, service: str, chromium: Browser, comes_in: ComesIn
) -> None:
    await two_months(street)
    page, _ = await opened(chromium, WIDE)
    await signed_in(page, service, await comes_in("commander"))
    await page.goto(f"{service}/console/statistics/month?region={VILLAGE}&month=2027-03")
    printed = pypdfium2.PdfDocument(await page.pdf(prefer_css_page_size=True))
    assert printed[0].get_size() == pytest.approx((595, 842), abs=1)
    text = "".join(one.get_textpage().get_text_range() for one in printed)
    for there in ("城西村诉求办理月报", "每天新来和办结", "3/29", f"第 {len(printed)} 页，共 {len(printed)} 页"):
        assert there in text.replace("  ", " "), text
    for screen in ("工作台", "看月报", "看数字", "退出"):
        assert screen not in text
    await page.emulate_media(media="print")
    cut = (
        "() => [...document.querySelectorAll('.chart text')].filter((one) => { const at = one.getBoundingClientRect(), \
frame = one.closest('svg').getBoundingClientRect(); return at.left < frame.left || at.right > frame.right; }).length"
    )
    assert await page.evaluate(cut) == 0


async def test_axe_finds_nothing_on_figures_and_rules_and_they_fit_on_both_screens(
    street: Street, service: str, chromium: Browser, comes_in: ComesIn, axe: str
) -> None:
    await two_months(street)
    await street.desk.event_types.import_((Path(__file__).parents[2] / "app/demo_town/event_types.csv").read_bytes())
    code = quote((await street.desk.event_types.listed())[0].code)
    clerk, by = await comes_in("commander"), await street.actor("commander")
    await street.desk.exports.ask(by, "cases", "csv", VILLAGE, *([street.desk.clock.now().date()] * 2))
    for size in (WIDE, NARROW):
        page, complaints = await opened(chromium, size)
        await signed_in(page, service, clerk)
        for path in (*PAGES, f"event-types/{code}"):
            await page.goto(f"{service}/console/{path}")
            assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
            await page.evaluate(UNFOLD)
            if size is NARROW:
                assert await page.evaluate(TOO_SMALL) == [], path
            await page.evaluate(axe)
            found: dict[str, Any] = await page.evaluate("axe.run({resultTypes: ['violations']})")
            assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == [], (path, size)
        assert complaints == []
        await page.context.close()
