"""The phone page: nothing that anybody writes becomes markup, and the two phones work in a browser."""

import os
import shutil
from html.parser import HTMLParser

import pytest

CHROMIUM = shutil.which("chromium") or ""
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run"),
]
EVIL = '"><img src=x onerror=alert(1)><script>alert(2)</script>'

browser = pytest.mark.browser
needs_chromium = pytest.mark.skipif(not os.access(CHROMIUM, os.X_OK), reason="no chromium on this machine")


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))


async def test_names_are_escaped_in_the_page_that_the_server_draws(serve):
    async with serve(name=f"网{EVIL}") as town:
        await town.person(f"王{EVIL}"[:40], follow=False)
        async with town.session.get(f"{town.base}/sandbox/") as response:
            policy, text = response.headers["Content-Security-Policy"], await response.text()
    tags = Tags()
    tags.feed(text)
    assert {tag for tag, _ in tags.seen} & {"img", "iframe", "object"} == set()
    assert [given.get("src") for tag, given in tags.seen if tag == "script"] == ["static/phone.js"]
    assert not any(name.startswith("on") for _, given in tags.seen for name in given)
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


async def test_the_page_is_served_with_its_parts_and_nothing_else(town):
    for name in ("", "static/phone.js", "static/bubbles.js", "static/sheets.js", "static/phone.css"):
        async with town.session.get(f"{town.base}/sandbox/{name}") as response:
            assert response.status == 200
            text = await response.text()
        assert "innerHTML" not in text
    async with town.session.get(f"{town.base}/sandbox", allow_redirects=False) as response:
        assert response.headers["Location"] == "/sandbox/"
    async with town.session.get(f"{town.base}/sandbox/static/..%2fview.py") as response:
        assert response.status == 404


@pytest.fixture
async def page():
    playwright_api = pytest.importorskip("playwright.async_api")
    async with playwright_api.async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        opened = await chromium.new_page(viewport={"width": 1366, "height": 768})
        opened.set_default_timeout(8000)
        yield opened
        await chromium.close()


@browser
@needs_chromium
async def test_whatever_is_written_stays_words_in_the_browser(town, account, page):
    alarms = []

    async def dismiss(dialog):
        alarms.append(dialog.message)
        await dialog.dismiss()

    page.on("dialog", dismiss)
    await town.login()
    anna = await town.person(EVIL[:40])
    account.says(f"好{EVIL}")
    await town.say(anna, EVIL)
    await town.control(f"phones/{anna['id']}/voice", {"recognition": EVIL})
    await town.control(f"phones/{anna['id']}/place", {"latitude": 1, "longitude": 2, "label": EVIL})
    account.says('<a href="javascript:alert(3)">点我</a> <a href="https://e.org/">网页</a>')
    await town.say(anna, "链接呢")
    data = {"thing1": {"value": EVIL[:20]}, EVIL: {"value": EVIL}}
    card = {"touser": anna["openid"], "template_id": EVIL, "url": "javascript:alert(4)", "data": data}
    assert (await town.api("/cgi-bin/message/template/send", card))["errcode"] == 0
    await page.goto(f"{town.base}/sandbox/")
    await page.wait_for_selector('#phone-1 [data-channel="template"]')
    for sheet in ("people", "scan"):
        await page.evaluate(f"document.querySelector('#phone-1 [data-open={sheet}]').click()")
    assert await page.locator("#phone-1 [data-chat] img, #phone-1 [data-chat] script").count() == 0
    links = await page.eval_on_selector_all("#phone-1 [data-chat] a", "found => found.map(one => one.href)")
    assert links == ["https://e.org/"]
    assert EVIL in await page.inner_text('#phone-1 [data-direction="to_account"][data-kind="text"] .bubble')
    assert alarms == []


@browser
@needs_chromium
async def test_two_people_scan_chat_and_move_the_clock(town, account, page):
    account.says("收到")
    await town.login()
    scene = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "w7"}}}
    await town.api("/cgi-bin/qrcode/create", scene)
    button = {"type": "click", "name": "我的诉求", "key": "MINE"}
    await town.api("/cgi-bin/menu/create", {"button": [button]})
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(f"{town.base}/sandbox/")
    for slot, name in (("1", "王阿姨"), ("2", "张建国")):
        await page.fill(f"#phone-{slot} [data-new-name]", name)
        await page.press(f"#phone-{slot} [data-new-name]", "Enter")
        await page.click(f"#phone-{slot} [data-stranger] [data-open=scan]")
        await page.click(f"#phone-{slot} [data-scene=w7]")
        await page.wait_for_selector(f'#phone-{slot} [data-channel="passive"]')
    await page.click("#phone-1 [data-menu-key=MINE]")
    await page.click("#phone-1 [data-toggle-bar]")
    await page.fill("#phone-1 [data-input]", "路灯坏了")
    await page.press("#phone-1 [data-input]", "Enter")
    await page.wait_for_selector('#phone-1 .bubble:text-is("路灯坏了")')
    await page.click("#phone-1 [data-more]")
    await page.click("#phone-1 [data-panel] [data-open=photo]")
    await page.click("#phone-1 [data-sample-photo]")
    assert (
        await page.locator("#phone-1 .picture img").evaluate("image => image.decode().then(() => image.naturalWidth)")
        > 0
    )
    kinds = [one.message["MsgType"] for one in account.received]
    assert kinds == ["event", "event", "event", "text", "image"]
    assert [one["EventKey"] for one in account.events("subscribe")] == ["qrscene_w7", "qrscene_w7"]
    await page.click('[data-advance="432000"]')
    await page.wait_for_selector("#phone-1 [data-time]:text-matches('^星期')")
    offset = (await town.see("clock"))["offset_seconds"]
    assert offset == pytest.approx(432000, abs=5)
    await page.click("#phone-2 [data-toggle-bar]")
    await page.click("#phone-2 [data-more]")
    await page.click("#phone-2 [data-panel] [data-open=unfollow]")
    await page.click("#phone-2 [data-unfollow]")
    await page.wait_for_selector("#phone-2 [data-stranger]:visible")
    assert len(account.events("unsubscribe")) == 1
    assert {one for one in asked if not one.startswith((f"{town.base}/sandbox/", "data:"))} == set()


@browser
@needs_chromium
async def test_a_narrow_window_shows_one_phone_and_marks_news_on_the_other(town, account, page):
    await town.login()
    await town.person("王阿姨")
    bert = await town.person("张建国")
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto(f"{town.base}/sandbox/?1=王阿姨&2=张建国")
    await page.wait_for_selector('[data-tab="2"]:text-is("张建国")')
    await page.wait_for_selector("#phone-1 [data-message]")
    assert not await page.is_visible("#phone-2")
    assert await town.send_text(bert, "快到期了") == 0
    await page.click('[data-tab="2"].news')
    assert await page.is_visible('#phone-2 .bubble:text-is("快到期了")')
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
