"""网格 in a browser: by the keyboard alone a worker is replaced and the board printed; every page on both screens."""

from collections.abc import AsyncIterator

import pypdfium2
import pytest
from playwright.async_api import Browser, expect

from models import Boundary, Case, HeldDuty, Person, Region
from qrcodes.drawing import read
from tests.browser.chromium import CHROMIUM, HOW_TO_GET
from tests.browser.handset import NARROW, WIDE
from tests.console.clerk import Clerk
from tests.console.test_in_browser import (
    AXE,
    CONTRAST,
    SMALLEST,
    THUMB,
    UNFOLD,
    ComesIn,
    axe,
    chromium,
    opened,
    signed_in,
    tab_to,
)
from tests.factories import GRID, TOWN, VILLAGE
from tests.pages.test_page_in_browser import MEASURE
from tests.services.conftest import NAMES, Street

__all__ = ["AXE", "axe", "chromium"]
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason=HOW_TO_GET)]


async def on_the_map() -> None:
    for number, grid in enumerate(await Region.filter(level=1).order_by("code")):
        x = 120.0 + 0.01 * number
        await Boundary.create(region_id=grid.id, ring=[[x, 31.5], [x + 0.01, 31.5], [x + 0.01, 31.508], [x, 31.508]])


async def test_a_worker_is_replaced_and_the_board_printed_by_keyboard_alone(
    street: Street, service: str, chromium: Browser, comes_in: ComesIn
) -> None:
    case = await street.files()
    page, complaints = await opened(chromium, WIDE)
    await signed_in(page, service, await comes_in("secretary"))
    keys = page.keyboard
    await page.goto(f"{service}/console/")
    for link in ("网格", "第一网格"):
        await tab_to(page, page.get_by_role("link", name=link, exact=True).first)
        await keys.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text("城西村" if link == "网格" else link)
    await tab_to(page, page.get_by_role("group", name="李卫国").get_by_role("link", name="换人"))
    await keys.press("Enter")
    await expect(page.get_by_text("1 件在办会转给新来的人")).to_be_visible()
    await expect(page.get_by_label("姓名")).to_be_focused()
    await keys.type("孙新人")
    await keys.press("Tab")
    await keys.type("13811112222")
    await keys.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("1 件没办完的诉求已经转给现在在岗的人")
    assert (await Case.get(id=case.id)).holder_id == (await Person.get(name="孙新人")).id

    await tab_to(page, page.get_by_role("link", name="现在就重印"))
    await keys.press("Enter")
    await expect(page.get_by_role("checkbox", name="孙新人")).to_be_checked()
    await tab_to(page, page.get_by_role("button", name="印成 PDF"))
    async with page.expect_download() as waiting:
        await keys.press("Enter")
    saved = await (await waiting.value).path()
    document = pypdfium2.PdfDocument(saved.read_bytes())
    assert len(document) == 1
    text = document[0].get_textpage().get_text_range()
    assert "孙新人" in text
    assert NAMES["worker"] not in text
    code = read(document[0].render(scale=3).to_pil())
    assert code == (await street.desk.scenes.ticket_for(GRID)).url
    # The page is still there, with its button, for the next print.
    await expect(page.get_by_role("button", name="印成 PDF")).to_be_enabled()
    assert complaints == []


async def test_every_page_can_be_read_and_used_on_both_screens_and_axe_has_no_complaint(
    street: Street, service: str, chromium: Browser, comes_in: ComesIn, axe: str
) -> None:
    await on_the_map()
    await street.at("2027-03-01 09:00")
    actor = await street.actor("secretary")
    worker = await HeldDuty.get(person_id=(await Person.get(name=NAMES["worker"])).id)
    day = street.desk.clock.now()
    await street.desk.leaves.enter(actor, worker.person_id, day, day.replace(day=4), "家里有事")
    case = await street.files()
    await Case.filter(id=case.id).update(longitude=120.005, latitude=31.504)
    async for page, where in tour(street, service, chromium, await comes_in("commander"), worker.id, case):
        seen = await page.evaluate(MEASURE)
        assert seen["wide"] <= 0, where
        assert [one for one in seen["texts"] if one["size"] < SMALLEST] == [], where
        assert [one for one in seen["texts"] if one["contrast"] < CONTRAST] == [], where
        assert [one for one in seen["taps"] if one["text"] != "跳到正文" and 0 < one["height"] < THUMB] == [], where
        if str(WIDE["width"]) in where:
            await page.evaluate(axe)
            found = await page.evaluate("axe.run({resultTypes: ['violations']})")
            assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == [], where


async def tour(
    street: Street, service: str, chromium: Browser, clerk: Clerk, held: int, case: Case
) -> AsyncIterator[tuple[object, str]]:
    """Every page of 网格 with something on it, everything unfolded."""
    del street
    for size in (WIDE, NARROW):
        page, complaints = await opened(chromium, size)
        await signed_in(page, service, clerk)
        for path in (
            "regions",
            "regions?q=网格",
            f"regions/{VILLAGE}",
            f"regions/{GRID}?done=replaced&cases=2&held={held}",
            f"regions/{GRID}/appoint",
            f"regions/{TOWN}/boards",
            f"posts/{held}/replace",
            f"posts/{held}/end",
            f"posts/{held}/leave",
            "leaves?month=2027-03",
            "regions/import",
            f"cases/{case.number}",
        ):
            await page.goto(f"{service}/console/{path}")
            await page.evaluate(UNFOLD)
            yield page, f"{path} {size['width']}"
        await page.goto(f"{service}/console/regions/import")
        bad = "name,phone,duty,region_code,cover_phone\n孙新人,1381,grid_worker,nowhere,\n"
        for text in (bad, f"code,name,level,parent_code,kind\nX1,新网格,grid,{VILLAGE},\n"):
            file = {"name": "list.csv", "mimeType": "text/csv", "buffer": text.encode()}
            await page.get_by_label("区域表或人员表").set_input_files(file)  # type: ignore[arg-type]
            await page.get_by_role("button", name="检查一下").click()
            await page.get_by_text("没有写入").wait_for()
            yield page, f"looked {size['width']}"
        await page.get_by_role("button", name="不导了").click()
        await page.goto(f"{service}/console/regions/{GRID}")
        await page.get_by_role("button", name="邀请绑微信").first.click()
        await page.get_by_role("status").wait_for()
        yield page, f"invitation {size['width']}"
        assert [said for said in complaints if "422" not in said] == []
        await page.context.close()
