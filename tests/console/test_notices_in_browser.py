"""A notice, from its first word to the end of its bar, by the keyboard alone."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.chromium import CHROMIUM, HOW_TO_GET
from tests.browser.handset import NARROW, WIDE
from tests.console.rows import a_notice
from tests.console.test_in_browser import ComesIn, chromium, opened, signed_in, tab_to
from tests.factories import GRID, VILLAGE
from tests.services.conftest import SEND_TEXT, Street

__all__ = ["chromium"]

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason=HOW_TO_GET)]


async def test_a_clerk_sends_a_notice_by_keyboard_alone_and_watches_its_bar_to_the_end(
    street: Street, service: str, chromium: Browser, comes_in: ComesIn
) -> None:
    await street.at("2027-03-02 10:00")
    people = [await street.follower(f"居民{one}", grid=GRID) for one in range(5)]
    # One of them is reached at the second try only: so the bar stands still on its way.
    street.fails(SEND_TEXT, errcode=-1, openid=people[4].openid, times=1)
    page, complaints = await opened(chromium, WIDE)
    await signed_in(page, service, await comes_in("commander"))
    keys = page.keyboard
    await page.goto(f"{service}/console/")
    await tab_to(page, page.get_by_role("link", name="通知", exact=True))
    await keys.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("通知")
    await keys.press("n")
    await keys.press("Enter")
    await expect(page.get_by_label("发给哪里")).to_be_focused()
    for _ in range(2):  # past the town
        await keys.press("ArrowDown")
    await expect(page.get_by_label("发给哪里")).to_have_value(VILLAGE)
    await tab_to(page, page.get_by_label("标题"))
    await keys.type("停水通知")
    await tab_to(page, page.get_by_label("要通知什么"))
    await keys.type("明天八点到十二点停水，请提前备水。")
    await tab_to(page, page.get_by_role("button", name="存下来，看看样子"))
    await keys.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("还没有发出去")
    await expect(page.locator(".bubble")).to_contain_text("【城西村通知】停水通知")
    await expect(page.get_by_role("table", name="现在发，大约 5 人这样收到")).to_be_visible()
    await keys.press("f")
    await keys.press("Enter")

    bar = page.get_by_role("progressbar")
    await expect(bar).to_have_attribute("max", "5")
    await expect(bar).to_have_js_property("value", 0)
    pause = page.get_by_role("button", name="先停一停")
    stood = await pause.bounding_box()
    await expect(page.locator("[data-goes]")).to_be_visible()
    await street.work()
    await expect(bar).to_have_js_property("value", 4)
    await expect(page.locator("[data-over]")).to_be_hidden()
    await street.advance(61)
    await street.work()
    await street.desk.deliveries.sweep()
    await expect(bar).to_have_js_property("value", 5)
    await expect(page.locator("[data-over]")).to_be_visible()
    await expect(page.locator("[data-figure=sent]")).to_have_text("5")
    assert await pause.bounding_box() == stood, "nothing moves under the finger of whoever is about to press"
    assert [sum("停水" in text for text in street.shown(one)) for one in people] == [1] * 5
    assert complaints == []


async def test_what_a_colleague_does_meanwhile_is_said_where_nothing_moves(
    street: Street, service: str, chromium: Browser, comes_in: ComesIn
) -> None:
    await street.at("2027-03-02 10:00")
    number = await a_notice(street)
    page, complaints = await opened(chromium, NARROW)
    await signed_in(page, service, await comes_in("commander"))
    await page.goto(f"{service}/console/notices/{number}")
    await expect(page.locator("[data-goes]")).to_be_visible()
    pause = page.get_by_role("button", name="先停一停")
    stood = await pause.bounding_box()
    await street.desk.notices.pause(await street.actor("secretary"), number)
    await expect(page.locator("[data-changed]")).to_contain_text("下面的按钮是先前的")
    await expect(page.get_by_text("暂停了")).to_be_visible()
    await expect(page.locator("[data-goes]")).to_be_hidden()
    assert await pause.bounding_box() == stood
    await page.locator("[data-changed]").get_by_role("link", name="刷新").click()
    await expect(page.get_by_role("button", name="接着发")).to_be_visible()
    assert complaints == []


async def test_without_scripts_the_page_offers_to_be_opened_again(
    street: Street, service: str, chromium: Browser, comes_in: ComesIn
) -> None:
    await street.at("2027-03-02 10:00")
    number = await a_notice(street)
    context = await chromium.new_context(viewport=WIDE, java_script_enabled=False)
    page = await context.new_page()
    await signed_in(page, service, await comes_in("commander"))
    await page.goto(f"{service}/console/notices/{number}")
    await expect(page.get_by_text("0 / 1 人")).to_be_visible()
    await street.work()
    await page.get_by_role("link", name="刷新").click()
    await expect(page.get_by_text("1 / 1 人")).to_be_visible()
    await context.close()
