"""The phone page of the running service, in a real browser: through the service's own port, as a person uses it."""

import io
import re
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta

import pytest
from PIL import Image
from playwright.async_api import FilePayload, Locator, Page, ViewportSize, expect

from sandbox.clock import CHINA
from tests.browser.chromium import CHROMIUM, HOW_TO_GET
from tests.browser.handset import NARROW, PATIENCE_MS, WIDE, Handset
from tests.browser.service import FIRST_GRID, SECOND_GRID, Service

pytestmark = [
    pytest.mark.browser,
    pytest.mark.service,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason=HOW_TO_GET),
]

Look = Callable[[ViewportSize], Awaitable[Page]]
EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>"


def number_in(text: str) -> str:
    found = re.search(r"№(\d+)", text)
    assert found is not None, text
    return found[1]


def own_photo() -> FilePayload:
    """A picture as a phone takes one."""
    data = io.BytesIO()
    Image.new("RGB", (640, 480), "#446688").save(data, "JPEG")
    return {"name": "路灯.jpg", "mimeType": "image/jpeg", "buffer": data.getvalue()}


def monday_morning(now: str) -> str:
    """Nine o'clock on a Monday in the middle of a March to come: no holiday of China's is near."""
    today = datetime.fromisoformat(now)
    day = date(today.year + 1, 3, 15)
    monday = day + timedelta(days=-day.weekday() % 7)
    return f"{monday}T09:00:00+08:00"


def day_after(moment: str) -> str:
    return str((datetime.fromisoformat(moment).astimezone(CHINA) + timedelta(days=1)).date())


async def width_of(picture: Locator) -> int:
    return int(await picture.evaluate("image => image.decode().then(() => image.naturalWidth)"))


@pytest.mark.parametrize(("size", "name"), [(WIDE, "王阿姨"), (NARROW, "张阿姨")], ids=["1366x768", "390x844"])
async def test_a_resident_is_helped_while_both_phones_are_watched(
    look: Look, service: Service, size: ViewportSize, name: str
) -> None:
    page = await look(size)
    resident, worker = Handset(page, 1), Handset(page, 2)
    await resident.be_new(name)
    await worker.be("网格员李卫国")
    await worker.say("待办")

    await resident.scan(service.code(FIRST_GRID))
    assert "第一网格" in await resident.answered("李卫国")
    await resident.say("楼下路灯坏了三天了")
    await resident.answered("1段文字")
    await resident.more("photo")
    await resident.part("[data-sample-photo]").click()
    await resident.answered("1张照片")
    await resident.more("photo")
    await resident.part("[data-photo-file]").set_input_files([own_photo()])
    await resident.answered("2张照片")
    assert await width_of(resident.part(".picture img").last) == 640
    await resident.more("voice")
    await resident.part("[data-voice-text]").fill("晚上老人走路怕摔")
    await resident.part("[data-voice-form] button").click()
    await resident.answered("1条语音")
    await resident.more("place")
    await resident.part("[data-place-label]").fill("清水村3组路口")
    await resident.part("[data-place-form] button").click()
    await resident.answered("1个位置")
    await resident.say("提交")
    number = number_in(await resident.answered("已收到"))
    await resident.sees_the_newest()
    if size == NARROW:
        await expect(worker.tab).to_have_class(re.compile("news"))

    await worker.told(f"№{number}", "路灯")
    await worker.say(f"受理 {number}")
    await worker.answered(f"№{number} 已受理")
    await resident.told(f"№{number}", "受理")
    await worker.say(f"回复 {number} 今晚就请电工来看")
    await resident.told(f"№{number}", "今晚就请电工来看")
    await worker.say(f"办结 {number} 灯泡换好了")
    await resident.told(f"№{number}", "灯泡换好了")
    await resident.sees_the_newest()
    await resident.tap("更多", "帮助")
    await resident.answered("提交", "取消")
    await resident.tap("查进度")
    await resident.answered(f"№{number}", "已办结")
    await resident.say("5")
    await resident.answered("谢谢您的评价", f"№{number}")
    await worker.told(f"№{number}", "5 分")
    await worker.sees_the_newest()
    assert await page.evaluate("document.documentElement.scrollWidth") == size["width"]
    assert await page.evaluate("document.documentElement.scrollHeight") == size["height"]


async def test_a_new_colleague_binds_and_is_remembered_when_the_page_is_opened_again(
    look: Look, service: Service
) -> None:
    page = await look(NARROW)
    code = await service.invite("13900000003")
    colleague = Handset(page, 2)
    await colleague.be_new("小陈")
    await colleague.part("[data-follow]").click()
    await colleague.answered("网格通")
    await colleague.say(f"绑定 {code}")
    assert "桃园社区第一网格" in await colleague.answered("陈小燕，绑定好了")
    await page.reload()
    await expect(colleague.tab).to_have_text("小陈")
    await colleague.take()
    await expect(colleague.part("[data-message]").first).to_be_visible()
    assert "绑定好了" in await colleague.answered("陈小燕")


async def test_a_stranger_finds_a_resident_beside_a_member_of_staff(look: Look, service: Service) -> None:
    resident = Handset(await look(WIDE), 1)
    await resident.be_new("吴大妈")
    await resident.scan(service.code(FIRST_GRID))
    await resident.answered("第一网格")
    page = await look(WIDE)
    await expect(Handset(page, 1).part("[data-chat]")).to_contain_text("你扫了二维码")
    await expect(Handset(page, 2).part("[data-person-name]")).to_have_text(re.compile("李卫国|赵建军"))


async def test_who_reads_further_up_is_not_pulled_down_by_pictures_and_news(look: Look, service: Service) -> None:
    reader = Handset(await look(NARROW), 1)
    await reader.be_new("赵老师")
    await reader.part("[data-follow]").click()
    await reader.answered("网格通")
    await reader.more("photo")
    await reader.part("[data-sample-photo]").click()
    await reader.answered("1张照片")
    person = f"/{await reader.root.get_attribute('data-phone')}"
    for times in range(1, 21):
        await service.phones(f"{person}/say", text=f"第{times}句")
    reader = Handset(await look(NARROW), 1)
    await reader.be("赵老师")
    await expect(reader.said("第20句")).to_be_visible(timeout=PATIENCE_MS)
    await reader.sees_the_newest()
    await reader.part("[data-chat]").evaluate("chat => { chat.scrollTop = 0 }")
    assert await width_of(reader.part(".picture img")) > 0
    await service.push(person, "明天停水")
    await reader.told("明天停水")
    await expect(reader.part("[data-message]").first).to_be_in_viewport()


async def test_what_people_write_stays_words_on_both_phones(look: Look, service: Service) -> None:
    page = await look(WIDE)
    resident, worker = Handset(page, 1), Handset(page, 2)
    await worker.be("网格员李卫国")
    await worker.say("待办")
    await resident.be_new(f"坏{EVIL}"[:40])
    await resident.scan(service.code(FIRST_GRID))
    await resident.say(f"请看{EVIL}")
    await resident.answered("1段文字")
    await resident.more("place")
    await resident.part("[data-place-label]").fill(EVIL)
    await resident.part("[data-place-form] button").click()
    await resident.answered("1个位置")
    await resident.say("提交")
    number = number_in(await resident.answered("已收到"))
    await worker.told(f"№{number}", "请看<img")
    await worker.say(number)
    assert "<script>alert(2)</script>" in await worker.answered(f"№{number}", "位置：<img")
    await worker.part("[data-open=people]").click()
    await expect(worker.part("[data-people] [data-person]").filter(has_text="坏<img")).to_be_visible()
    assert await page.locator("[data-chat] img, [data-people] img, main script").count() == 0


async def test_the_main_path_needs_no_mouse(look: Look, service: Service) -> None:
    page = await look(WIDE)
    keys, phone = page.keyboard, Handset(page, 1)
    code = service.code(FIRST_GRID)
    await tab_to(page, phone.part("[data-open=people]").first)
    await keys.press("Enter")
    await tab_to(page, phone.part("[data-new-name]"))
    await keys.type("孙老师")
    await keys.press("Enter")
    await expect(phone.part("[data-person-name]")).to_have_text("孙老师")
    await tab_to(page, phone.part("[data-stranger] [data-open=scan]"))
    await keys.press("Enter")
    await tab_to(page, phone.part("[data-scenes] [data-scene]").filter(has_text=code))
    await keys.press("Enter")
    await phone.answered("李卫国")
    await tab_to(page, phone.part("[data-toggle-bar]"))
    await keys.press("Enter")
    await tab_to(page, phone.input)
    await keys.type("楼道里堆满了杂物")
    await keys.press("Shift+Enter")
    await keys.type("进出不方便")
    await keys.press("Enter")
    await expect(phone.said("楼道里堆满了杂物").locator(".bubble")).to_have_text("楼道里堆满了杂物\n进出不方便")
    await phone.answered("1段文字")
    await tab_to(page, phone.part("[data-more]"))
    await keys.press("Enter")
    await tab_to(page, phone.part("[data-panel] [data-open=photo]"))
    await keys.press("Enter")
    await tab_to(page, phone.part("[data-sample-photo]"))
    await keys.press("Enter")
    await phone.answered("1张照片")
    await tab_to(page, phone.part("[data-more]"))
    await keys.press("Enter")
    await tab_to(page, phone.part("[data-panel] [data-open=place]"))
    await keys.press("Enter")
    await expect(phone.part('[data-sheet="place"]')).to_be_visible()
    await keys.press("Escape")
    await expect(phone.part('[data-sheet="place"]')).to_be_hidden()
    await tab_to(page, phone.input)
    await keys.type("提交")
    await keys.press("Enter")
    await phone.answered("已收到")


async def test_the_address_without_its_slash_leads_to_the_page(service: Service) -> None:
    async with service.session.get(f"{service.base}/sandbox") as answer:
        assert str(answer.url) == f"{service.base}/sandbox/"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


async def test_a_day_later_a_case_that_nobody_accepted_has_climbed(look: Look, service: Service) -> None:
    page = await look(WIDE)
    resident, secretary = Handset(page, 1), Handset(page, 2)
    await resident.be_new("李大爷")
    await secretary.be("村书记赵建军")
    await resident.scan(service.code(SECOND_GRID))
    await resident.answered("第二网格")
    await service.move_clock(monday_morning(await service.now()))
    await secretary.say("待办")
    await resident.say("河边的护栏断了")
    await resident.answered("1段文字")
    await resident.say("提交")
    number = number_in(await resident.answered("已收到"))
    before = await page.get_attribute("[data-clock]", "data-now")
    assert before is not None
    await page.click('[data-advance="86400"]')
    await secretary.told(f"№{number}", "自动转给您")
    await resident.told(f"№{number}", "清水村")
    await expect(page.locator("[data-clock]")).to_contain_text("星期二")
    moved = await service.now()
    assert day_after(before) == moved[:10]


async def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until *wanted* has the focus; a person would give up after some sixty."""
    await expect(wanted).to_be_visible(timeout=PATIENCE_MS)
    for _ in range(60):
        if await wanted.evaluate("one => one === document.activeElement"):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {wanted}")
