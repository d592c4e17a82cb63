"""The desk in a browser: ticking without the mouse, and a sign-in that goes on once the phone has said yes."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Browser, expect

from domain.case import Action
from models import Case, SignInScene
from tests.browser.chromium import CHROMIUM, HOW_TO_GET
from tests.browser.handset import NARROW, WIDE
from tests.console.clerk import Clerk
from tests.console.test_in_browser import chromium, opened, signed_in
from tests.factories import PHONES
from tests.phone import Wechat
from tests.services.conftest import NAMES, Street

__all__ = ["chromium"]
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason=HOW_TO_GET)]
ComesIn = Callable[[str], Awaitable[Clerk]]


async def test_cases_are_ticked_and_accepted_with_the_keyboard_alone(
    street: Street, service: str, chromium: Browser, comes_in: ComesIn
) -> None:
    cases = [await street.files() for _ in range(3)]
    for case in cases:
        await street.desk.cases.act(await street.actor("worker"), case.number or 0, Action.REPORT_UP, note="请村里看")
    page, complaints = await opened(chromium, WIDE)
    await signed_in(page, service, await comes_in("chief"))
    await page.goto(f"{service}/console/cases?list=open")
    await page.keyboard.press("x")
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await page.keyboard.press("j")
    await expect(page.locator("#ticked")).to_have_text("勾了 2 件")
    await expect(page.get_by_label(f"选 №{cases[0].number}")).to_be_focused()
    await page.keyboard.press("k")
    await expect(page.get_by_label(f"选 №{cases[1].number}")).to_be_focused()
    # In a field they are letters.
    await page.locator("#bulk-note").focus()
    await page.keyboard.type("xjk")
    await expect(page.locator("#ticked")).to_have_text("勾了 2 件")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_have_text("2 件已受理。")
    statuses = [(await Case.get(id=one.id)).status for one in cases]
    assert (statuses, complaints) == (["submitted", "accepted", "accepted"], [])


async def test_once_the_phone_has_said_yes_the_page_goes_on_by_itself(
    street: Street, service: str, chromium: Browser, wechat: Wechat
) -> None:
    phone = await wechat.staff(NAMES["commander"], await street.desk.people.invite(PHONES["commander"]))
    page, complaints = await opened(chromium, WIDE)
    await page.goto(f"{service}/console/sign-in")
    await page.get_by_role("button", name="用微信扫码登录").click()
    await expect(page.get_by_alt_text("用微信扫的登录码")).to_be_visible()
    await phone.scan((await SignInScene.get()).scene)
    await expect(page.get_by_role("status")).to_have_text("扫到了，请在手机上回 1。")
    await phone.say("1")
    await expect(page.get_by_role("heading", name="工作台")).to_be_visible()
    assert complaints == []


async def test_what_is_new_is_brought_into_its_place_and_marked_without_moving_the_rest(
    street: Street, service: str, chromium: Browser, comes_in: ComesIn
) -> None:
    worker, cases = await street.actor("worker"), street.desk.cases
    numbers = [(await street.files()).number or 0 for _ in range(2)]
    await cases.act(worker, numbers[0], Action.REPORT_UP, note="办不了")
    page, complaints = await opened(chromium, NARROW)
    await signed_in(page, service, await comes_in("secretary"))
    await page.goto(f"{service}/console/")
    await expect(page.locator("[data-goes]")).to_be_visible()
    await cases.act(worker, numbers[1], Action.REPORT_UP, note="也办不了")
    await page.evaluate("say('[data-fresh]')")  # what the stream says within fifteen seconds
    heading = page.get_by_role("heading", name="轮到我办的")
    await page.evaluate("scrollTo(0, 120)")
    stood = await heading.bounding_box()
    link = page.get_by_role("link", name="看看新的")
    await link.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-renewed]")).to_be_visible()
    queue = page.locator("[data-part=queue] .lines li")
    await expect(queue).to_have_count(2)
    assert [await queue.filter(has_text=f"№{one}").locator(".tag", has_text="新").count() for one in numbers] == [0, 1]
    await expect(heading).to_be_focused()
    assert (await heading.bounding_box(), await page.evaluate("scrollY")) == (stood, 120)
    await expect(page.get_by_role("link", name="看看新的")).to_be_hidden()
    assert complaints == []
    # Signed out meanwhile: the link is followed, as without scripts.
    await page.context.clear_cookies()
    await page.evaluate("say('[data-fresh]')")
    await page.get_by_role("link", name="看看新的").click()
    await expect(page.get_by_role("heading", name="工作人员登录")).to_be_visible()
