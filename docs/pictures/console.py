"""``python docs/pictures/console.py``: takes the pictures of the staff console anew, from the running service.

Starts the whole service with the demo's town in a folder of its own; the town's commander writes down what people
phone in, works a little, and looks at the workbench and one case on an office screen (1366 x 768) and on a
phone (390 x 844). Needs ``make setup-dev`` and a Chromium, as ``make.py`` does.
"""
# ruff: noqa: INP001, T201 - a script beside its pictures, which says what it has written

import asyncio
import io
import re
import shutil
import sys
from datetime import datetime, timedelta
from pathlib import Path

from PIL import Image
from playwright.async_api import Page, ViewportSize, async_playwright

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))

from tests.browser.chromium import CHROMIUM, FLAGS, HOW_TO_GET  # noqa: E402 - only reachable from here on
from tests.browser.handset import NARROW, WIDE  # noqa: E402
from tests.browser.service import FIRST_GRID, SECOND_GRID, TOWN, Service, reachable_folder, running  # noqa: E402

MOST_BYTES = 80_000
PHONE, PASSWORD = "13900000005", "稻花香里说丰年-2027"
THIRD_GRID = "32990110120201"
CALLS = (
    (FIRST_GRID, "东门路灯坏了三天了，老人晚上不敢出门。", "清水村3组路口", False),
    (SECOND_GRID, "河边护栏断了一截，有小孩在那儿玩。", "河滨步道", True),
    (THIRD_GRID, "楼道里堆满了纸箱，进出不方便。", "桃园小区2幢", False),
    (FIRST_GRID, "垃圾桶满了两天没人收。", "", False),
    (SECOND_GRID, "想问一下老年卡在哪里办。", "", False),
)

PAGES = {
    "notice": "notices",
    "region": "regions",
    "assessment": "assessment",
}
"""Pictures beside those of cases, and the pages they show."""


async def main() -> int:
    """Take all pictures. Returns the exit code."""
    if CHROMIUM is None:
        print(HOW_TO_GET, file=sys.stderr)
        return 1
    folder = reachable_folder()
    try:
        async with running(folder) as service, async_playwright() as playwright:
            await service.command("import", str(TOWN / "regions.csv"), str(TOWN / "staff.csv"))
            await service.move_clock(_monday(await service.now()))
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, "--lang=zh-CN"])
            context = await browser.new_context(viewport=WIDE, locale="zh-CN")
            page = await context.new_page()
            await _sign_in(page, service)
            await _work(page, service)
            await _notice(page, service)
            await _look(page, service, WIDE, ("workbench", "case", *PAGES))
            await _look(page, service, NARROW, ("case-narrow", *(f"{name}-narrow" for name in PAGES)))
            await browser.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _monday(now: str) -> str:
    tomorrow = datetime.fromisoformat(now) + timedelta(days=1)
    return f"{(tomorrow + timedelta(days=-tomorrow.weekday() % 7)).date()}T09:05:00+08:00"


async def _sign_in(page: Page, service: Service) -> None:
    printed = await service.command("staff", "password", PHONE)
    given = re.search(r": (\S+)", printed)
    if given is None:
        raise RuntimeError(printed)
    await page.goto(f"{service.base}/console/")
    await page.get_by_label("手机号或登录名").fill(PHONE)
    await page.get_by_label("密码", exact=True).fill(given[1])
    await page.get_by_role("button", name="登录", exact=True).click()
    for label, text in (("一次性密码", given[1]), ("新密码", PASSWORD), ("再写一遍新密码", PASSWORD)):
        await page.get_by_label(label, exact=True).fill(text)
    await page.get_by_role("button", name="换成新密码").click()
    await page.get_by_text("密码换好了").wait_for()


async def _work(page: Page, service: Service) -> None:
    for grid, words, address, urgent in CALLS:
        await page.goto(f"{service.base}/console/cases/new")
        await page.get_by_label("在哪个网格").select_option(grid)
        await page.get_by_label("是什么事").fill(words)
        await page.locator("#address").fill(address)
        if urgent:
            await page.get_by_label("重大紧急").check()
        await page.get_by_role("button", name="记下来").click()
        await page.get_by_text("已经记下").wait_for()
    await page.goto(f"{service.base}/console/cases?q=垃圾桶")
    await page.get_by_role("link", name="垃圾桶").first.click()
    await page.get_by_text("回复居民 H").click()
    await page.locator("#reply-canned").select_option(index=1)
    await page.get_by_role("button", name="回复居民").click()
    await page.get_by_text("已回复").wait_for()
    # The morning passes: what nobody has accepted climbs by itself.
    await service.move_clock(re.sub(r"T.*", "T14:20:00+08:00", _same_day(await service.now())))
    for _ in range(60):
        await page.goto(f"{service.base}/console/cases?q=东门")
        if "清水村" in await page.locator("tbody").inner_text():
            return
        await asyncio.sleep(0.5)
    raise RuntimeError("nothing has climbed")


async def _notice(page: Page, service: Service) -> None:
    """One that is written and looked at, not sent yet."""
    await page.goto(f"{service.base}/console/notices/new")
    await page.get_by_label("发给哪里").select_option(index=1)
    await page.get_by_label("标题").fill("停水通知")
    await page.get_by_label("要通知什么").fill("明天上午八点到十二点检修管道，请提前备水。")
    await page.get_by_role("button", name="存下来，看看样子").click()
    await page.get_by_text("还没有发出去").wait_for()


def _same_day(now: str) -> str:
    return (datetime.fromisoformat(now)).astimezone().isoformat()


async def _look(page: Page, service: Service, size: ViewportSize, names: tuple[str, ...]) -> None:
    await page.set_viewport_size(size)
    for name in names:
        where = {"workbench": "", "case": "cases?q=东门", **PAGES}[name.partition("-")[0]]
        await page.goto(f"{service.base}/console/{where}")
        if name.partition("-")[0] == "notice":
            await page.get_by_role("link", name="停水通知").click()
            await page.get_by_role("heading", name="发不发").wait_for()
        if name.partition("-")[0] == "case":
            await page.get_by_role("link", name="东门").first.click()
            await page.get_by_role("heading", name="经过").wait_for()
        await _keep(page, f"console-{name}.png")


async def _keep(page: Page, name: str) -> None:
    """Write the picture, with as few colours as a page of words needs."""
    await page.evaluate("document.activeElement?.blur()")
    with Image.open(io.BytesIO(await page.screenshot())) as taken:
        picture = taken.convert("RGB").quantize(64, dither=Image.Dither.NONE)
    data = io.BytesIO()
    picture.save(data, "PNG", optimize=True)
    if len(data.getvalue()) > MOST_BYTES:
        raise RuntimeError(f"{name} is {len(data.getvalue())} bytes")
    (HERE / name).write_bytes(data.getvalue())
    print(f"{name}: {picture.width} x {picture.height}, {len(data.getvalue()) // 1000} kB")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
