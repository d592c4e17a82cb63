"""微信扫码登录: scanned, asked, confirmed in the chat, and in; once, for that browser, within two minutes."""

import re
from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from models import Person, SignInScene, StaffLogin
from sandbox.world import World
from tests.console.clerk import Clerk, Page
from tests.console.test_second_factor import CODE, sends, switched_on
from tests.factories import PHONES
from tests.phone import Phone, Wechat
from tests.services.conftest import NAMES, Street

ComesIn = Callable[[str], Awaitable[Clerk]]
SCAN, ENTER = "/console/sign-in/scan", "/console/sign-in/scan/continue"


@pytest.fixture
async def other(service: str) -> object:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield Clerk(session, service)


async def asks(clerk: Clerk) -> tuple[Page, str]:
    """The page with the code, and the scene behind it."""
    page = await clerk.sends(SCAN, (await clerk.opens("/console/sign-in")).hidden(SCAN))
    assert (page.status, page.path) == (200, SCAN), page.words
    newest = await SignInScene.all().order_by("-id").first()
    assert newest is not None
    return page, newest.scene


async def bound(street: Street, wechat: Wechat, who: str) -> Phone:
    return await wechat.staff(NAMES[who], await street.desk.people.invite(PHONES[who]))


async def state(clerk: Clerk) -> str:
    return re.findall(r'"state": "(\w+)"', (await clerk.opens(f"{SCAN}/state")).text)[0]


async def test_who_scans_and_says_yes_is_in_without_ever_having_had_a_password(
    street: Street, wechat: Wechat, stranger: Clerk
) -> None:
    phone = await bound(street, wechat, "commander")
    page, scene = await asks(stranger)
    assert 'src="data:image/svg+xml;base64,' in page.text
    assert await state(stranger) == "waiting"
    asked = await phone.scan(scene)
    assert "要用您的身份登录" in asked
    assert "回 1 登录" in asked
    assert await state(stranger) == "scanned"
    waits = await sends(stranger, ENTER, page)
    assert (waits.path, "请在手机上回 1" in waits.words) == (SCAN, True)
    assert "点“继续”" in await phone.say("1")
    assert await state(stranger) == "confirmed"
    inside = await sends(stranger, ENTER, waits)
    assert (inside.status, inside.path, NAMES["commander"] in inside.words) == (200, "/console/", True)
    assert (await StaffLogin.get()).password_hash == ""
    # It counts once: the same browser asks in vain for a second sign-in, and the chat has nothing to confirm.
    assert await state(stranger) == "over"
    await street.advance(1)  # the same event in the same second would be WeChat's own second try
    assert "过时了，或者已经用过" in await phone.scan(scene)
    stranger.forgets()
    assert (await stranger.signs_in(PHONES["commander"], "")).status == 401


async def test_the_chat_says_from_where_and_a_no_keeps_the_door_shut(
    street: Street, wechat: Wechat, stranger: Clerk
) -> None:
    phone = await bound(street, wechat, "secretary")
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 <b>点这里</b>"
    page = await stranger.sends(SCAN, (await stranger.opens("/console/sign-in")).hidden(SCAN), **{"User-Agent": agent})
    asked = await phone.scan((await SignInScene.get()).scene)
    assert "从：Windows 电脑，Chrome，地址 127.0.0.1" in asked
    assert "点这里" not in asked
    assert re.search(r"时间：\d+月\d+日（周.）\d\d:\d\d", asked)
    assert "没有登录" in await phone.say("2")
    assert await state(stranger) == "refused"
    refused = await sends(stranger, ENTER, page)
    assert (refused.path, "没有登录" in refused.words) == (SCAN, True)
    assert (await stranger.opens("/console/")).path.startswith("/console/sign-in")


async def test_a_code_lives_two_minutes(street: Street, wechat: Wechat, stranger: Clerk) -> None:
    phone = await bound(street, wechat, "secretary")
    _, scene = await asks(stranger)
    moved = street.desk.moved_clock
    assert moved is not None
    await moved.advance(119)
    assert "要用您的身份" in await phone.scan(scene)
    await moved.advance(2)  # WeChat's clock stands: it would still take the code
    assert "过时了" in await phone.say("1")
    street.world.clock.advance(1)  # the same event in the same second would be WeChat's own second try
    assert "过时了" in await phone.scan(scene)
    assert await state(stranger) == "over"
    page, scene = await asks(stranger)
    await phone.scan(scene)
    await phone.say("1")
    await street.advance(121)
    late = await sends(stranger, ENTER, page)
    assert (late.path, "过时了" in late.words) == (SCAN, True)
    # What is older than a day goes when the next is asked for.
    await street.advance(24 * 3600)
    await asks(stranger)
    assert await SignInScene.all().count() == 1


async def test_only_the_browser_that_asked_comes_in(
    street: Street, wechat: Wechat, stranger: Clerk, other: Clerk
) -> None:
    """Whoever photographs the code on somebody's screen has nothing from it."""
    phone = await bound(street, wechat, "commander")
    page, scene = await asks(stranger)
    theirs, _ = await asks(other)
    await phone.scan(scene)
    await phone.say("1")
    assert (await sends(other, ENTER, theirs)).path == SCAN
    assert (await sends(stranger, ENTER, page)).path == "/console/"


async def test_somebody_elses_wechat_does_not_take_over_what_one_has_scanned(
    street: Street, wechat: Wechat, stranger: Clerk
) -> None:
    first, second = await bound(street, wechat, "commander"), await bound(street, wechat, "secretary")
    page, scene = await asks(stranger)
    await first.scan(scene)
    assert "过时了，或者已经用过" in await second.scan(scene)
    await second.say("1")
    assert await state(stranger) == "scanned"
    await first.say("1")
    assert NAMES["commander"] in (await sends(stranger, ENTER, page)).words


async def test_whoever_has_no_duty_for_the_console_is_told_so(street: Street, wechat: Wechat, stranger: Clerk) -> None:
    _, scene = await asks(stranger)
    worker, resident = await bound(street, wechat, "worker"), await wechat.phone("王阿姨")
    for phone in (worker, resident):
        assert "还没有绑定能用后台的岗位" in await phone.scan(scene)
    assert await state(stranger) == "waiting"
    assert await StaffLogin.all().count() == 0


async def test_a_number_that_answers_something_else_confirms_nothing(
    street: Street, wechat: Wechat, stranger: Clerk
) -> None:
    phone = await bound(street, wechat, "commander")
    _, scene = await asks(stranger)
    await phone.say("1")
    assert await state(stranger) == "waiting"
    await phone.scan(scene)
    await phone.say("帮助")
    await phone.say("1")
    assert await state(stranger) == "scanned"


async def test_who_has_a_second_step_is_asked_for_it_here_too(
    street: Street, wechat: Wechat, comes_in: ComesIn, stranger: Clerk
) -> None:
    phone = await bound(street, wechat, "commander")
    _, codes = await switched_on(street, await comes_in("commander"))
    page, scene = await asks(stranger)
    await phone.scan(scene)
    await phone.say("1")
    step = await sends(stranger, ENTER, page)
    assert step.path == CODE
    assert (await sends(stranger, CODE, step, code=codes[0])).path == "/console/"


async def test_without_wechat_the_page_says_so_and_the_password_still_does(
    street: Street, world: World, stranger: Clerk
) -> None:
    street.fails("/cgi-bin/qrcode/create", errcode=-1)
    page = await stranger.sends(SCAN, (await stranger.opens("/console/sign-in")).hidden(SCAN))
    assert (page.status, "微信这会儿没有给出登录码" in page.words) == (200, True)
    assert await SignInScene.all().count() == 0
    assert await Person.filter(name=NAMES["commander"]).count() == 1
