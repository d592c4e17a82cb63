"""``python docs/pictures/make.py``: takes the pictures of the READMEs anew, from the running service.

Starts the whole service with the demo's town in a folder of its own, plays a short story in the phone page with a
browser, and writes beside this file ``phones.png`` (a resident and a grid worker in the middle of it, 1366 x 768),
``phone-narrow.png`` (the resident on a phone, 390 x 844) and ``api.png`` (the API's page, 1366 x 768). Takes about half
a minute; needs ``make setup-dev`` and a Chromium (on Debian or Ubuntu: ``apt install chromium fonts-noto-cjk``).
The hands are those of ``tests/browser``. The time is always a Monday at 9:05, so that the pictures stay alike.
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
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))

from tests.browser.chromium import CHROMIUM, FLAGS, HOW_TO_GET  # noqa: E402 - only reachable from here on
from tests.browser.handset import NARROW, WIDE, Handset  # noqa: E402
from tests.browser.service import FIRST_GRID, TOWN, Service, reachable_folder, running  # noqa: E402

MOST_BYTES = 200_000
RESIDENT, WORKER = "居民王阿姨", "网格员李卫国"


async def main() -> int:
    """Take all three pictures. Returns the exit code."""
    if CHROMIUM is None:
        print(HOW_TO_GET, file=sys.stderr)
        return 1
    folder = reachable_folder()
    try:
        async with running(folder) as service, async_playwright() as playwright:
            await service.command("import", str(TOWN / "regions.csv"), str(TOWN / "staff.csv"))
            await service.print_codes(FIRST_GRID)
            await service.staff(WORKER, "13900000001")
            await service.menu_is_there()
            await service.move_clock(_monday(await service.now()))
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            number = await _phones(browser, service)
            await _narrow(browser, service, number)
            await _api(browser, service)
            await browser.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _monday(now: str) -> str:
    tomorrow = datetime.fromisoformat(now) + timedelta(days=1)
    return f"{(tomorrow + timedelta(days=-tomorrow.weekday() % 7)).date()}T09:05:00+08:00"


async def _phones(browser: Browser, service: Service) -> str:
    """The resident has just filed, the worker looks at it and is about to accept. Returns the case's number."""
    page = await _open(browser, WIDE, f"{service.base}/sandbox/")
    resident, worker = Handset(page, 1), Handset(page, 2)
    await worker.be(WORKER)
    await worker.say("待办")
    await resident.be_new(RESIDENT)
    await resident.scan(service.code(FIRST_GRID))
    await resident.answered("李卫国")
    await resident.say("楼下路灯坏了三天了")
    await resident.answered("1段文字")
    await resident.more("photo")
    await resident.part("[data-sample-photo]").click()
    await resident.answered("1张照片")
    await resident.say("提交")
    filed = re.search(r"№(\d+)", await resident.answered("已收到"))
    if filed is None:
        raise RuntimeError("the answer to 提交 holds no number")
    number = filed[1]
    await worker.told(f"№{number}")
    await worker.say(number)
    await worker.answered("可以回")
    await worker.input.fill(f"受理 {number}")
    await resident.sees_the_newest()
    await worker.sees_the_newest()
    await _keep(page, "phones.png")
    return number


async def _narrow(browser: Browser, service: Service, number: str) -> None:
    """The same case at its end, as the resident sees it."""
    page = await _open(browser, NARROW, f"{service.base}/sandbox/")
    resident, worker = Handset(page, 1), Handset(page, 2)
    await resident.be(RESIDENT)
    await worker.be(WORKER)
    await worker.say(f"受理 {number}")
    await resident.told("受理")
    await worker.say(f"回复 {number} 中午就带电工去看")
    await resident.told("电工")
    await worker.say(f"办结 {number} 灯泡换好了，晚上会亮")
    await resident.told("晚上会亮")
    await resident.tab.click()
    await resident.say("5")
    await resident.answered("谢谢")
    await resident.sees_the_newest()
    await _keep(page, "phone-narrow.png")


async def _api(browser: Browser, service: Service) -> None:
    await _keep(await _open(browser, WIDE, f"{service.base}/api/docs"), "api.png")


async def _open(browser: Browser, size: ViewportSize, address: str) -> Page:
    page = await browser.new_page(viewport=size, locale="zh-CN")
    await page.goto(address, wait_until="load")
    return page


async def _keep(page: Page, name: str) -> None:
    """Write the picture; with few colours where it would be too large for a repository otherwise."""
    await page.evaluate("document.activeElement?.blur()")
    with Image.open(io.BytesIO(await page.screenshot())) as taken:
        picture = taken.convert("RGB")
    data = _png(picture)
    if len(data) > MOST_BYTES:
        data = _png(picture.quantize(256, dither=Image.Dither.FLOYDSTEINBERG))
    (HERE / name).write_bytes(data)
    print(f"{name}: {picture.width} x {picture.height}, {len(data) // 1000} kB")


def _png(picture: Image.Image) -> bytes:
    data = io.BytesIO()
    picture.save(data, "PNG", optimize=True)
    return data.getvalue()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
