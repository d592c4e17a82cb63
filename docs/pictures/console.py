"""``python docs/pictures/console.py``: takes the pictures of the staff console anew, from the running service.

Fills a town (``console_town.py``), starts the whole service on it, signs its commander in, and looks at one page of
every kind on an office screen (1366 x 768) and on a phone (390 x 844). Needs ``make setup-dev`` and a Chromium, as
``make.py`` does. With a folder as its argument it also writes the whole length of each page there, and what a printer
gets of those that are printed: to look at, not to keep.
"""
# ruff: noqa: INP001, S105, T201 - a script beside its pictures, which says what it has written

import asyncio
import io
import os
import re
import shutil
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, FilePayload, Page, async_playwright

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent), str(HERE)]

from console_story import COMMANDER_PHONE, NOW, TOWN, WORKERS  # noqa: E402 - only reachable from here on
from console_town import fill  # noqa: E402

from tests.browser.chromium import CHROMIUM, FLAGS, HOW_TO_GET  # noqa: E402
from tests.browser.handset import NARROW, WIDE  # noqa: E402
from tests.browser.service import Service, reachable_folder, running  # noqa: E402

MOST_BYTES = 80_000
CHINESE: dict[str, str | float | bool] = {**os.environ, "LANGUAGE": "zh_CN", "LANG": "zh_CN.UTF-8"}
"""For the fonts; what a browser writes itself, as the buttons of files, follows its own language."""
PASSWORD = "稻花香里说丰年-2027"
VILLAGE, GRID, MONTH = f"{TOWN}201", f"{TOWN}20101", "2026-10"
REGIONS = """code,name,level,parent_code,kind
32990110120103,清水村第三网格,grid,329901101201,comprehensive
32990110120104,清水村第四网格,grid,329901101299,comprehensive
32990110120105,清水村第五网格,格子,329901101201,comprehensive
"""
STAFF = """name,phone,duty,region_code,cover_phone
许建平,13900000301,grid_worker,32990110120104,
高文,1390000030,grid_worker,32990110120105,
田小兰,13900000302,网格员,32990110120103,
"""

Show = Callable[[Page, str], Awaitable[None]]
"""Opens the page that a picture is of; the second is the console's address."""


def at(path: str) -> Show:
    async def show(page: Page, console: str) -> None:
        await page.goto(f"{console}/{path}")

    return show


def behind(path: str, link: str, heading: str) -> Show:
    """The page that *link* on another leads to."""

    async def show(page: Page, console: str) -> None:
        await page.goto(f"{console}/{path}")
        await page.locator("main").get_by_role("link", name=link).first.click()
        await page.get_by_role("heading", name=heading).first.wait_for()

    return show


async def workbench(page: Page, console: str) -> None:
    await page.goto(f"{console}/")
    await page.get_by_text("这里的数自己会更新").wait_for()


async def on_hand(page: Page, console: str) -> None:
    """A case that has come up to the commander."""
    await page.goto(f"{console}/cases?list=mine")
    await page.locator("tbody").get_by_role("link", name="路灯").first.click()
    await page.get_by_role("heading", name="经过").wait_for()


async def calling(page: Page, console: str) -> None:
    """Somebody is on the phone."""
    await page.goto(f"{console}/cases/new")
    await page.get_by_label("在哪个网格").select_option(index=2)
    await page.get_by_label("是什么事").fill("晒谷场旁边的变压器一直嗡嗡响，怕不安全，想请人来看看。")
    await page.locator("#address").fill("三组晒谷场")
    await page.get_by_label("怎么称呼").fill("钱师傅")


async def writing(page: Page, console: str) -> None:
    """A notice that is being written."""
    await page.goto(f"{console}/notices/new")
    await page.get_by_label("发给哪里").select_option(index=1)
    await page.get_by_label("标题").fill("流感疫苗接种")
    await page.get_by_label("要通知什么").fill(
        "六十岁以上老人可以免费接种流感疫苗，每周二、周四上午到镇卫生院，请带身份证。"
    )


async def bad_tables(page: Page, console: str) -> None:
    await page.goto(f"{console}/regions/import")
    for field, name, table in (("#first", "regions", REGIONS), ("#second", "staff", STAFF)):
        given: FilePayload = {"name": f"{name}.csv", "mimeType": "text/csv", "buffer": table.encode()}
        await page.locator(field).set_input_files(given)
    await page.get_by_role("button", name="检查一下").click()
    await page.locator(".faults").first.wait_for()


async def replacing(page: Page, console: str) -> None:
    await page.goto(f"{console}/regions/{GRID}")
    await page.locator("main").get_by_role("link", name="换人").first.click()
    await page.get_by_role("heading").first.wait_for()


async def second_step(page: Page, console: str) -> None:
    await page.goto(f"{console}/second-factor")
    if await page.locator("#password").count():
        await page.locator("#password").fill(PASSWORD)
        await page.locator("main").get_by_role("button").first.click()
    await page.locator(".qr").wait_for()


PAGES: Mapping[str, Show] = {
    "workbench": workbench,
    "cases": at("cases"),
    "case": on_hand,
    "phone-desk": calling,
    "notices": at("notices"),
    "notice-composer": writing,
    "notice": behind("notices", "停水通知", "发不发"),
    "statistics": at("statistics?since=2026-09&until=2026-11"),
    "month-report": at(f"statistics/month?month={MONTH}"),
    "exports": at("exports"),
    "regions": at("regions"),
    "region": at(f"regions/{VILLAGE}"),
    "replace": replacing,
    "leaves": at("leaves"),
    "boards": at(f"regions/{VILLAGE}/boards"),
    "import": bad_tables,
    "assessment": at(f"assessment?month={MONTH}"),
    "assessment-sheet": behind(f"assessment?month={MONTH}", WORKERS[0], "服务事件"),
    "spot-checks": at("assessment/checks"),
    "exempt-days": at("assessment/days"),
    "settings": at("settings"),
    "event-list": at("event-types"),
    "event-type": at("event-types/shizheng-ludeng"),
    "calendar": at("calendar"),
    "audit": at("audit"),
    "password": at("password"),
    "second-factor": second_step,
}
PRINTED = ("month-report", "assessment", "assessment-sheet", "statistics")


async def main(whole: Path | None) -> int:
    """Take all pictures. Returns the exit code."""
    if CHROMIUM is None:
        print(HOW_TO_GET, file=sys.stderr)
        return 1
    folder = reachable_folder()
    try:
        await fill(folder)
        async with running(folder) as service, async_playwright() as playwright:
            await service.move_clock(NOW.isoformat())
            browser = await playwright.chromium.launch(
                executable_path=CHROMIUM, args=[*FLAGS, "--lang=zh-CN"], env=CHINESE
            )
            await _look(browser, service, whole)
            await browser.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


async def _look(browser: Browser, service: Service, whole: Path | None) -> None:
    console = f"{service.base}/console"
    printed = await service.command("staff", "password", COMMANDER_PHONE)
    given = re.search(r": (\S+)", printed)
    if given is None:
        raise RuntimeError(printed)
    for size, ending in ((WIDE, ""), (NARROW, "-narrow")):
        context = await browser.new_context(viewport=size, locale="zh-CN", has_touch=size is NARROW)
        page = await context.new_page()
        await page.goto(f"{console}/")
        await _keep(page, f"console-sign-in{ending}.png", whole)
        await _sign_in(page, given[1] if size is WIDE else "")
        if size is WIDE:
            await _export(page, console)
        for name, show in PAGES.items():
            await show(page, console)
            await _keep(page, f"console-{name}{ending}.png", whole)
            if whole is not None and size is WIDE and name in PRINTED:
                await page.pdf(path=whole / f"{name}.pdf", prefer_css_page_size=True, print_background=False)
        await context.close()


async def _sign_in(page: Page, one_time: str) -> None:
    """With the password that the town gave, which becomes one of their own; or with that."""
    await page.get_by_label("手机号或登录名").fill(COMMANDER_PHONE)
    await page.get_by_label("密码", exact=True).fill(one_time or PASSWORD)
    await page.get_by_role("button", name="登录", exact=True).click()
    if one_time:
        for label, text in (("一次性密码", one_time), ("新密码", PASSWORD), ("再写一遍新密码", PASSWORD)):
            await page.get_by_label(label, exact=True).fill(text)
        await page.get_by_role("button", name="换成新密码").click()
    await page.get_by_role("heading", name="工作台").wait_for()


async def _export(page: Page, console: str) -> None:
    """A file that is done, beside the one that is on its way."""
    await page.goto(f"{console}/exports?month={MONTH}")
    await page.get_by_role("button", name="开始导出").click()
    await page.get_by_text("做好了").wait_for(timeout=60_000)


async def _keep(page: Page, name: str, whole: Path | None) -> None:
    """Write the picture, with as few colours as a page of words needs."""
    await page.evaluate("document.activeElement?.blur()")
    with Image.open(io.BytesIO(await page.screenshot())) as taken:
        picture = taken.convert("RGB").quantize(64, dither=Image.Dither.NONE)
    data = io.BytesIO()
    picture.save(data, "PNG", optimize=True)
    if len(data.getvalue()) > MOST_BYTES:
        raise RuntimeError(f"{name} is {len(data.getvalue())} bytes")
    (HERE / name).write_bytes(data.getvalue())
    if whole is not None:
        await page.screenshot(path=whole / name, full_page=True)
    print(f"{name}: {picture.width} x {picture.height}, {len(data.getvalue()) // 1000} kB")


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]) if sys.argv[1:] else None)))
