"""通知 in the console: composed, looked at, sent or agreed to, stopped, reported."""

from collections.abc import Awaitable, Callable

import pytest

from models import Delivery, Notice, Person
from tests.console.clerk import Clerk, Page
from tests.factories import GRID, TOWN, VILLAGE
from tests.services.conftest import Street

ComesIn = Callable[[str], Awaitable[Clerk]]
NEW, OTHER_VILLAGE = "/console/notices/new", "320412101202"


async def composes(clerk: Clerk, **fields: str) -> Page:
    page = await clerk.opens(NEW)
    given = {"region": VILLAGE, "text": "明天八点停水", "title": "", "link": "", "type": "", **fields}
    return await clerk.sends_files(NEW, {**page.hidden(NEW), **given})


async def acts(clerk: Clerk, number: int, action: str, note: str = "") -> Page:
    page = await clerk.opens(f"/console/notices/{number}")
    address = f"/console/notices/{number}/actions"
    return await clerk.sends(address, {**page.hidden(address, action), "note": note})


def number_of(page: Page) -> int:
    return int(page.path.split("?")[0].rsplit("/", 1)[1])


@pytest.fixture
async def morning(street: Street) -> Street:
    await street.at("2027-03-02 10:00")
    return street


async def test_a_notice_is_kept_shown_as_residents_see_it_estimated_sent_and_reported(
    morning: Street, comes_in: ComesIn
) -> None:
    open_ones = [await morning.follower(f"开{one}", grid=GRID) for one in range(2)]
    await morning.follower("关", grid=GRID, speaks=False)
    clerk = await comes_in("secretary")
    page = await composes(clerk, title="停水", link="https://example.gov.cn/water")
    number = number_of(page)
    assert "存好了，还没有发出去" in page.words
    assert "【城西村通知】停水 明天八点停水 点这里看更多：（这里是各人自己的链接）" in page.words
    assert "现在发，大约 3 人这样收到" in page.words
    assert "公众号里直接看到全文 2" in page.words
    assert morning.shown(open_ones[0]) == []
    page = await acts(clerk, number, "send")
    assert "开始发了" in page.words
    await morning.work()
    assert ["明天八点停水" in text for text in morning.shown(open_ones[0])] == [True]
    page = await clerk.opens(f"/console/notices/{number}")
    assert "3 / 3 人" in page.words
    assert "城西村 3 3" in page.words
    report = await clerk.opens(f"/console/notices/{number}/report.csv")
    assert (report.status, report.text.splitlines()[1].split(",")[1:3]) == (200, ["城西村", "3"])
    assert "发到了的：公众号消息 2 人，模板消息 1 人" in page.words
    await morning.desk.notices.sweep()
    assert "发完了" in (await clerk.opens("/console/notices")).words


async def test_of_many_people_a_second_person_agrees_or_says_why_not(
    morning: Street, comes_in: ComesIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(morning.desk.notices._rules.standard), "needs_approval", lambda _, people: people > 1)
    people = [await morning.follower(f"居民{one}", grid=GRID) for one in range(2)]
    author, other = await comes_in("secretary"), await comes_in("commander")
    number = number_of(await composes(author))
    page = await acts(author, number, "send")
    assert "先请第二个人看看" in page.words
    assert 'value="approve"' not in page.text
    page = await acts(other, number, "refuse")
    assert (page.status, "不同意要写一句原因" in page.words) == (422, True)
    await acts(other, number, "refuse", "日期不对")
    assert (await Notice.get(id=number)).state == "refused"
    again = number_of(await composes(author))
    await acts(author, again, "send")
    page = await acts(other, again, "approve")
    assert "您同意了" in page.words
    await morning.work()
    assert [sum("停水" in text for text in morning.shown(one)) for one in people] == [1, 1]


async def test_what_is_under_way_is_paused_resumed_and_recalled(morning: Street, comes_in: ComesIn) -> None:
    one = await morning.follower("居民", grid=GRID)
    clerk = await comes_in("commander")
    number = number_of(await composes(clerk, region=TOWN))
    await acts(clerk, number, "send")
    assert "停下了" in (await acts(clerk, number, "pause")).words
    await morning.work()
    assert morning.shown(one) == []
    assert "接着发了" in (await acts(clerk, number, "resume")).words
    assert "还没发的不再发" in (await acts(clerk, number, "recall", "写错了")).words
    await morning.work()
    assert morning.shown(one) == []
    page = await clerk.opens(f"/console/notices/{number}")
    assert "这条通知已经结束了" in page.words


async def test_a_preview_on_ones_own_phone_and_another_like_it(morning: Street, comes_in: ComesIn) -> None:
    me = await morning.binds("secretary")
    clerk = await comes_in("secretary")
    number = number_of(await composes(clerk, **{"duty-grid_worker": "yes", "title": "开会"}))
    assert "城西村的专职网格员" in (await clerk.opens(f"/console/notices/{number}")).words
    assert "发到您自己的微信" in (await acts(clerk, number, "show_me")).words
    await morning.work()
    assert ["开会" in text for text in morning.shown(me)] == [True]
    page = await clerk.opens(f"{NEW}?like={number}")
    assert 'name="duty-grid_worker" value="yes" checked' in page.text
    assert 'value="开会"' in page.text


async def test_whom_no_channel_has_reached_is_listed_and_told_in_person_once(
    morning: Street, comes_in: ComesIn
) -> None:
    await morning.follower("王阿姨", grid=GRID)
    unreached = await Person.create(name="欧阳大爷", grid_id=(await morning.region(GRID)).id)
    clerk, elsewhere = await comes_in("secretary"), await comes_in("commander")
    number = number_of(await composes(clerk))
    await acts(clerk, number, "send")
    await morning.work()
    await morning.desk.notices.sweep()
    address = f"/console/notices/{number}/in-person"
    sheet = await clerk.opens(f"/console/notices/{number}")
    assert "要当面告诉的人 （1）" in sheet.words or "要当面告诉的人（1）" in sheet.words
    assert "没绑定微信 1" in sheet.words
    page = await clerk.opens(address)
    assert "欧**" in page.words
    assert "欧阳大爷" not in page.text
    assert "王" not in page.words.split("要当面告诉的人")[-1]
    given = page.hidden(address)
    nobody = await clerk.sends(address, given)
    assert (nobody.status, "还没勾人" in nobody.words) == (422, True)
    recipient = await Delivery.get(notice_id=number, person_id=unreached.id)
    again = {**nobody.hidden(address), f"told-{recipient.id}": "yes"}
    for _ in range(2):
        assert "记下了，1 人已经当面告诉" in (await clerk.sends(address, again)).words
    await recipient.refresh_from_db()
    assert recipient.visited_at is not None
    page = await elsewhere.opens(address)
    assert "没有要当面告诉的人了" in page.words
    assert "已经告诉的 （1 人）" in page.words or "已经告诉的（1 人）" in page.words


async def test_a_list_that_is_not_there_yet_or_no_more_is_explained_to_its_senders_only(
    morning: Street, comes_in: ComesIn
) -> None:
    await morning.follower("居民", grid=GRID)
    clerk, inspector = await comes_in("secretary"), await comes_in("inspector")
    number = number_of(await composes(clerk))
    await acts(clerk, number, "send")
    await morning.desk.notices.spread(number)
    await Delivery.filter(notice_id=number).delete()
    page = await clerk.opens(f"/console/notices/{number}/in-person")
    assert (page.status, "现在没有名单" in page.words) == (200, True)
    assert (await inspector.opens(f"/console/notices/{number}/in-person")).status == 404


async def test_one_that_is_recalled_does_not_say_that_all_of_it_went_out(morning: Street, comes_in: ComesIn) -> None:
    await morning.follower("居民", grid=GRID)
    clerk = await comes_in("secretary")
    number = number_of(await composes(clerk))
    await acts(clerk, number, "send")
    await acts(clerk, number, "recall")
    await morning.work()
    words = (await clerk.opens(f"/console/notices/{number}")).words
    assert "撤回了，还没发的不再发" in words
    assert "发完了" not in words


async def test_what_was_written_is_still_there_after_the_sign_in_has_ended(morning: Street, comes_in: ComesIn) -> None:
    clerk = await comes_in("secretary")
    page = await clerk.opens(NEW)
    clerk.forgets()
    fields = {"region": VILLAGE, "text": "明天八点停水", "title": "停水通知", "link": "", "type": ""}
    kept = await clerk.sends_files(NEW, {**page.hidden(NEW), **fields})
    assert kept.status == 401
    assert "明天八点停水" in kept.words
    assert "停水通知" in kept.words
    assert await Notice.all().count() == 0


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": "  "}, "还没写要通知什么"),
        ({"text": "停" * 5000}, "正文太长"),
        ({"link": "ftp://x"}, "网址不对"),
        ({"starts_at": "2020-01-01T08:00"}, "请选一个往后的时间"),
        ({"starts_at": "2028-03-02T08:00"}, "最远三个月"),
        ({"starts_at": "昨天"}, "请选一个往后的时间"),
        ({"region": OTHER_VILLAGE}, "只能发给自己管的地方"),
        ({"type": "nothing"}, "没有这一类事项"),
    ],
)
async def test_what_cannot_be_is_said_and_what_was_written_stays(
    morning: Street, comes_in: ComesIn, fields: dict[str, str], said: str
) -> None:
    page = await composes(await comes_in("secretary"), **{"title": "我写的标题", **fields})
    assert (page.status, page.path) in {(422, NEW), (404, NEW)}
    assert said in page.words
    assert 'value="我写的标题"' in page.text
    assert await Notice.all().count() == 0


async def test_nobody_finds_a_notice_of_another_subtree_or_somebody_elses_preview(
    morning: Street, comes_in: ComesIn
) -> None:
    commander, secretary = await comes_in("commander"), await comes_in("secretary")
    preview = number_of(await composes(commander, region=VILLAGE))
    elsewhere = number_of(await composes(commander, region=OTHER_VILLAGE))
    await morning.follower("东村", grid="32041210120201")
    await acts(commander, elsewhere, "send")
    for number in (preview, elsewhere):
        for path in ("", "/live", "/report.csv", "/in-person"):
            assert (await secretary.opens(f"/console/notices/{number}{path}")).status == 404
    listed = await secretary.opens("/console/notices")
    assert "还没有发过通知" in listed.words
    inspector = await comes_in("inspector")
    assert (await inspector.opens("/console/notices")).status == 403


async def test_sent_twice_it_is_composed_and_sent_once(morning: Street, comes_in: ComesIn) -> None:
    one = await morning.follower("居民", grid=GRID)
    clerk = await comes_in("secretary")
    page = await clerk.opens(NEW)
    fields = {**page.hidden(NEW), "region": VILLAGE, "text": "停水", "title": "", "link": "", "type": ""}
    first, second = await clerk.sends_files(NEW, fields), await clerk.sends_files(NEW, fields)
    assert number_of(first) == number_of(second)
    number = number_of(first)
    address = f"/console/notices/{number}/actions"
    given = first.hidden(address, "send")
    for _ in range(2):
        assert "开始发了" in (await clerk.sends(address, given)).words
    await morning.work()
    assert sum("停水" in text for text in morning.shown(one)) == 1
