"""The page behind a notice's link, over HTTP."""

from datetime import timedelta

from app.bootstrap import House
from models import Notice
from services.transaction import rows
from tests.pages.conftest import Sent, Visitor


async def opened(house: House, sent: Sent) -> int:
    return (await house.desk.notices.figures.now(sent.id)).opened


async def test_what_people_have_written_is_text_and_never_markup(visitor: Visitor, sent: Sent) -> None:
    page = await visitor.opens(sent.path)
    assert page.status == 200
    assert "<h1>停水 &amp; 停电</h1>" in page.text
    assert "明天&lt;b&gt;停水&lt;/b&gt;\n请备水 &amp; 接水" in page.text
    assert 'href="https://example.gov.cn/a?b=&#34;1&#34;&amp;c=2"' in page.text
    assert f'src="{sent.path}/picture"' in page.text
    assert "3月1日 09:00" in page.text
    assert "王阿姨" not in page.text


async def test_the_page_runs_nothing_loads_nothing_and_gives_its_address_to_nobody(
    visitor: Visitor, sent: Sent
) -> None:
    page = await visitor.opens(sent.path)
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert (page.headers["Referrer-Policy"], page.headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert "Set-Cookie" not in page.headers
    assert "<script" not in page.text


async def test_only_a_person_who_looks_counts(visitor: Visitor, house: House, sent: Sent) -> None:
    await visitor.opens(sent.path, method="HEAD")
    await visitor.opens(sent.path, headers={"Sec-Purpose": "prefetch;prerender"})
    assert await opened(house, sent) == 0
    await visitor.opens(sent.path)
    assert await opened(house, sent) == 1


async def test_a_recalled_notice_and_one_that_is_over_say_so(visitor: Visitor, house: House, sent: Sent) -> None:
    await Notice.filter(id=sent.id).update(expires_at=house.desk.clock.now() - timedelta(minutes=1))
    assert "时间已经过了" in (await visitor.opens(sent.path)).text
    await Notice.filter(id=sent.id).update(state="recalled")
    page = await visitor.opens(sent.path)
    assert (page.status, "已经撤回" in page.text, "停水" in page.text) == (200, True, False)
    assert (await visitor.opens(f"{sent.path}/picture")).status == 404


async def test_what_is_no_link_gets_a_friendly_page(visitor: Visitor) -> None:
    token = "A" * 22
    for path in ("", "abc", token, f"{token}x", "..%2F..%2Fetc", f"{token}/picture", f"{token}/picture/more", "%ff"):
        page = await visitor.opens(f"/n/{path}")
        assert (page.status, "找不到这条通知" in page.text) == (404, True), path


async def test_a_service_in_trouble_asks_to_come_again(visitor: Visitor, sent: Sent) -> None:
    await rows("ALTER TABLE notice RENAME TO away")
    try:
        page = await visitor.opens(sent.path)
    finally:
        await rows("ALTER TABLE away RENAME TO notice")
    assert (page.status, "过几分钟再试" in page.text, page.headers["Retry-After"]) == (503, True, "5")


async def test_the_picture_comes_as_what_it_is(visitor: Visitor, house: House, sent: Sent) -> None:
    page = await visitor.opens(f"{sent.path}/picture")
    assert (page.status, page.text, page.headers["Content-Type"]) == (200, "png", "image/png")
    await house.storage.delete("notice-picture")
    assert (await visitor.opens(f"{sent.path}/picture")).status == 404
