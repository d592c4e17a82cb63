"""The console in a browser: with the keyboard alone, at the size of an old office screen and of a phone."""

import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Browser, Locator, Page, ViewportSize, async_playwright, expect

from app.bootstrap import House
from domain.case import Action
from models import Attachment, Case, CaseEvent
from services.staff_logins import StaffLogins
from tests.browser.chromium import CHROMIUM, FLAGS, HOW_TO_GET
from tests.browser.handset import NARROW, WIDE
from tests.console.clerk import PASSWORD, Clerk
from tests.console.rows import a_notice
from tests.factories import PHONES
from tests.pages.test_page_in_browser import MEASURE
from tests.services.conftest import Street

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason=HOW_TO_GET)]

AXE = "axe-core@4.10.3"
SMALLEST, CONTRAST, THUMB = 16, 4.5, 24
"""Pixels, the ratio of WCAG 2.2 for text (1.4.3), and pixels of a target (2.5.8)."""


UNFOLD = (
    """() => document.querySelectorAll("details").forEach(one => { one.removeAttribute("name"); one.open = true; })"""
)
ComesIn = Callable[[str], Awaitable[Clerk]]


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """axe-core's source, where npm is there to fetch it."""
    if shutil.which("npm") is None:
        pytest.skip("no npm on this machine to fetch axe-core with; on Debian or Ubuntu: apt install npm")
    folder = tmp_path_factory.mktemp("axe")
    command = [
        "npm",
        "install",
        "--no-save",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--prefix",
        str(folder),
        AXE,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    source: Path = folder / "node_modules" / "axe-core" / "axe.min.js"
    if done.returncode or not source.exists():
        pytest.skip(f"npm could not fetch {AXE}: {done.stderr.strip()[-200:]}")
    return source.read_text("utf-8")


async def opened(chromium: Browser, size: ViewportSize) -> tuple[Page, list[str]]:
    """A page in which nothing may go wrong, and what has."""
    context = await chromium.new_context(viewport=size, locale="zh-CN")
    context.set_default_timeout(8000)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page, complaints


async def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until *wanted* has the focus; a person would give up after some forty."""
    for _ in range(40):
        if await wanted.evaluate("one => one === document.activeElement"):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {wanted}")


async def at_the_town(street: Street) -> Case:
    case = await street.files(title="东门路灯坏了三天")
    for who in ("worker", "chief"):
        await street.desk.cases.act(await street.actor(who), case.number or 0, Action.REPORT_UP, note="请镇里协调")
    return await Case.get(id=case.id)


async def a_photo_of(case: Case, house: House) -> None:
    data = BytesIO()
    Image.new("RGB", (12, 8)).save(data, "PNG")
    await house.storage.put("lamp", data.getvalue(), "image/png")
    await Attachment.create(
        person_id=case.resident_id,
        case_id=case.id,
        kind="photo",
        state="kept",
        media_type="image/png",
        key="lamp",
        created_at=case.created_at,
    )


async def test_a_clerk_signs_in_and_dispatches_a_case_by_keyboard_alone(
    street: Street, service: str, house: House, logins: StaffLogins, chromium: Browser
) -> None:
    case = await at_the_town(street)
    await a_photo_of(case, house)
    one_time = await logins.give(PHONES["commander"])
    page, complaints = await opened(chromium, WIDE)
    keys = page.keyboard
    await page.goto(f"{service}/console/")
    await keys.type(PHONES["commander"])
    await keys.press("Tab")
    await keys.type(one_time)
    await keys.press("Enter")
    await expect(page.get_by_role("heading", name="先换成自己的密码")).to_be_visible()
    for text in (one_time, PASSWORD, PASSWORD):
        await keys.type(text)
        await keys.press("Tab")
    await keys.press("Enter")
    await expect(page.get_by_role("status")).to_have_text("密码换好了。")

    await tab_to(page, page.get_by_role("link", name=f"№{case.number} 东门路灯坏了三天").first)
    await keys.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("东门路灯坏了三天")
    assert await page.get_by_alt_text("照片 1").evaluate("one => one.decode().then(() => one.naturalWidth)") == 12
    await keys.press("j")
    await expect(page.get_by_label("交给谁")).to_be_focused()
    await keys.type("城西村")
    await tab_to(page, page.locator("#dispatch-canned"))
    await keys.press("ArrowDown")
    await expect(page.locator("#dispatch-note")).to_have_value("请尽快到现场看看，办好后回复。")
    await tab_to(page, page.locator("#dispatch-note"))
    await keys.press("Control+End")
    await keys.type("带上梯子。")
    await keys.press("Tab")
    await keys.press("Enter")
    await expect(page.get_by_role("status")).to_have_text("已交办。")
    last = await CaseEvent.filter(case_id=case.id).order_by("-id").first()
    assert last is not None
    assert (last.action, last.note) == ("dispatch", "请尽快到现场看看，办好后回复。带上梯子。")
    await expect(page.locator(".story")).to_contain_text("带上梯子。")
    assert complaints == []


async def test_single_keys_can_be_turned_off_and_do_nothing_while_somebody_writes(
    street: Street, service: str, chromium: Browser, comes_in: ComesIn
) -> None:
    case = await at_the_town(street)
    page, _ = await opened(chromium, WIDE)
    await signed_in(page, service, await comes_in("commander"))
    await page.goto(f"{service}/console/cases/{case.number}")
    await page.keyboard.press("h")
    note = page.locator("#reply-canned")
    await expect(note).to_be_focused()
    await tab_to(page, page.locator("#reply-note"))
    await page.keyboard.type("j b s")
    await expect(page.locator("#reply-note")).to_have_value("j b s")
    await expect(page.get_by_label("交给谁")).to_be_hidden()
    await page.keyboard.press("Escape")
    await page.keyboard.press("?")
    await page.keyboard.press("j")
    await expect(page.get_by_label("交给谁")).to_be_hidden()
    await page.keyboard.press("?")
    await page.keyboard.press("j")
    await expect(page.get_by_label("交给谁")).to_be_focused()


async def test_every_page_can_be_read_and_used_on_both_screens(
    street: Street, service: str, chromium: Browser, comes_in: ComesIn
) -> None:
    async for page, where in tour(street, service, chromium, await comes_in("commander"), WIDE, NARROW):
        seen: dict[str, Any] = await page.evaluate(MEASURE)
        assert seen["wide"] <= 0, where
        assert [one for one in seen["texts"] if one["size"] < SMALLEST] == [], where
        assert [one for one in seen["texts"] if one["contrast"] < CONTRAST] == [], where
        assert [one for one in seen["taps"] if one["text"] != "跳到正文" and 0 < one["height"] < THUMB] == [], where


async def tour(
    street: Street, service: str, chromium: Browser, clerk: Clerk, *sizes: ViewportSize
) -> AsyncIterator[tuple[Page, str]]:
    """Every page of the console with something on it, on screens of *sizes*, everything unfolded."""
    case = await at_the_town(street)
    for turn in range(12):
        await street.files(urgent=turn == 3)
    notice = await a_notice(street)
    others = ("notices", "notices/new", f"notices/{notice}", f"notices/{notice}/in-person")
    for size in sizes:
        page, complaints = await opened(chromium, size)
        await page.goto(f"{service}/console/sign-in?why=wrong")
        yield page, f"sign-in {size['width']}"
        await signed_in(page, service, clerk)
        more = (
            f"cases/{case.number}/type",
            "cases/new",
            "password",
            "second-factor",
            "sign-in/scan",
            "assessment",
            "assessment/checks",
            "assessment/days",
            *others,
        )
        for path in ("", "cases", "cases?q=nothing", f"cases/{case.number}", *more, "none"):
            await page.goto(f"{service}/console/{path}")
            await page.evaluate(UNFOLD)
            yield page, f"{path} {size['width']}"
        assert [said for said in complaints if "404" not in said] == []
        await page.context.close()


async def signed_in(page: Page, service: str, clerk: Clerk) -> None:
    """With the cookie of somebody who has come in already."""
    token = next(one.value for one in clerk._session.cookie_jar if one.key == "wangge_console")
    await page.context.add_cookies([{"name": "wangge_console", "value": token, "url": f"{service}/console/"}])
