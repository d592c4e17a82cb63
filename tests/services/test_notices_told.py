"""How a notice went: figures, report, links opened, people told in person, and what is left of it after a time."""

import asyncio
from uuid import uuid4

import pytest

from domain.errors import BadInput, NotFound
from domain.notice import Audience
from models import Attachment, Delivery, Notice, NoticeTally, Person
from services.notices_draft import More
from services.notices_figures import ReportLine
from services.notices_retention import Thinning
from services.notices_rows import lengthened, shortened
from services.transaction import rows
from tests.factories import GRID, TOWN, VILLAGE
from tests.services.conftest import A_DAY, Street
from tests.services.notices import out

SECOND_GRID, OTHER_GRID = "32041210120102", "32041210120201"


async def of_every_kind(street: Street) -> int:
    """A notice to the town: in one village one reached and two not, in the other one reached."""
    await street.follower("王阿姨", grid=GRID)
    gone = await street.follower("李小明", grid=GRID)
    await street.desk.people.unfollow(gone.openid)
    await Person.filter(id=gone.person_id).update(name="李小明")
    await Person.create(name="欧阳大爷", grid_id=(await street.region(SECOND_GRID)).id)
    await street.follower("外村的", grid=OTHER_GRID, speaks=False)
    notice = await out(street, who="commander", code=TOWN)
    await street.work()
    await street.desk.notices.sweep()
    return notice


async def test_the_figures_name_channels_and_reasons_and_leave_nobody_out(street: Street) -> None:
    notice = await of_every_kind(street)
    figures = await street.desk.notices.figures.now(notice)
    assert (figures.people, figures.sent, figures.inbox, figures.left, figures.unvisited) == (4, 2, 2, 0, 2)
    assert figures.channels == {"custom": 1, "template": 1}
    assert figures.reasons == {"not_following": 1, "no_wechat": 1}
    assert figures.seconds_left is None


async def test_what_is_on_its_way_counts_as_left_from_the_first_moment(street: Street) -> None:
    await street.follower("王阿姨", grid=GRID)
    notice = await out(street)
    first = await street.desk.notices.figures.now(notice)
    await street.desk.notices.spread(notice)
    second = await street.desk.notices.figures.now(notice)
    assert [(one.people, one.left, one.sent) for one in (first, second)] == [(1, 1, 0)] * 2


async def test_the_report_says_of_each_village_who_was_reached_how_and_who_not_why(street: Street) -> None:
    notice = await of_every_kind(street)
    west, east = await street.desk.notices.figures.report(notice)
    assert (west.village, west.people, west.sent, west.inbox) == ("城西村", 3, {"custom": 1}, 2)
    assert west.reasons == {"not_following": 1, "no_wechat": 1}
    assert (east.village, east.people, east.sent, east.reasons) == ("城东村", 1, {"template": 1}, {})


async def test_wechats_reason_is_grouped_by_its_number_whatever_request_it_names(street: Street) -> None:
    people = [await street.follower(name, grid=GRID) for name in ("一", "二")]
    notice = await out(street)
    await street.desk.notices.spread(notice)
    for place, one in enumerate(people):
        reason = f"some new refusal rid: {place} (99999)"
        await Delivery.filter(person_id=one.person_id).update(state="failed", channel="custom", reason=reason)
    assert len(await rows("SELECT DISTINCT reason FROM delivery")) == 2
    (line,) = await street.desk.notices.figures.report(notice)
    assert (line.failed, line.reasons) == (2, {"other": 2})


# Links.


async def token_of(person_id: int) -> str:
    token = (await Delivery.get(person_id=person_id, kind="notice")).token
    assert token is not None
    return shortened(token)


async def test_a_link_shows_the_notice_and_counts_its_owner_once(street: Street) -> None:
    one = await street.follower("王阿姨", grid=GRID)
    chief, news = await street.actor("chief"), street.desk.notices.news
    more = More(title="停水", link="https://example.gov.cn/a?b=1")
    preview = await street.desk.notices.compose(chief, GRID, "明天停水", more)
    await street.desk.notices.send(chief, preview.id)
    await street.work()
    token = await token_of(one.person_id)
    page = await news.page(token, count=False)
    assert page is not None
    assert (page.title, page.text, page.link, page.region, page.over) == (
        "停水",
        "明天停水",
        "https://example.gov.cn/a?b=1",
        "第一网格",
        False,
    )
    assert (await street.desk.notices.figures.now(preview.id)).opened == 0
    await asyncio.gather(*(news.page(token, count=True) for _ in range(3)))
    assert (await street.desk.notices.figures.now(preview.id)).opened == 1


async def test_a_template_leads_to_ones_own_page_and_a_whole_text_only_where_there_is_more_to_see(
    street: Street,
) -> None:
    talks = await street.follower("说过话的", grid=GRID)
    silent = await street.follower("没说话的", grid=GRID, speaks=False)
    street.desk.deliveries._public_url = "https://w.example"
    chief, notices = await street.actor("chief"), street.desk.notices
    for more in (More(), More(link="https://example.gov.cn")):
        preview = await notices.compose(chief, GRID, "明天停水", more)
        await notices.send(chief, preview.id)
        await street.work()
    tokens = {
        (one.person_id, one.notice_id): f"https://w.example/n/{shortened(one.token)}"
        for one in await Delivery.all()
        if one.token is not None
    }
    first, second = sorted({notice for _, notice in tokens if notice is not None})
    cards = [one.content["url"] for one in street.world.conversation.after(silent.phone) if one.channel == "template"]
    assert cards == [tokens[silent.person_id, first], tokens[silent.person_id, second]]
    plain, rich = street.shown(talks)
    assert "https" not in plain
    assert rich.endswith(f"：{tokens[talks.person_id, second]}")
    assert len(set(tokens.values())) == 4


async def test_links_are_random_and_lead_nowhere_when_one_letter_is_wrong(street: Street) -> None:
    people = [await street.follower(name, grid=GRID) for name in ("一", "二")]
    await out(street)
    await street.work()
    tokens = [await token_of(one.person_id) for one in people]
    assert len({*tokens}) == 2
    for wrong in (tokens[0][:-1], f"{tokens[0]}A", "A" * 22, f"{tokens[0][1:]}{tokens[0][0]}", "../../etc", ""):
        assert await street.desk.notices.news.page(wrong, count=True) is None
    token = uuid4()
    assert lengthened(shortened(token)) == token


async def test_of_a_recalled_notice_its_page_says_nothing_any_more(street: Street) -> None:
    one = await street.follower("王阿姨", grid=GRID)
    notice = await out(street)
    await street.work()
    token = await token_of(one.person_id)
    await street.desk.notices.recall(await street.actor("chief"), notice)
    page = await street.desk.notices.news.page(token, count=True)
    assert page is not None
    assert (page.recalled, page.text, page.title, page.link) == (True, "", "", "")


async def test_a_notices_picture_is_kept_though_it_belongs_to_no_case(street: Street) -> None:
    await street.follower("王阿姨", grid=GRID)
    chief, now = await street.actor("chief"), street.desk.clock.now()
    mine, theirs = [
        await Attachment.create(person_id=owner, kind="photo", state="kept", media_type="image/png", created_at=now)
        for owner in (chief.person_id, (await street.actor("secretary")).person_id)
    ]
    with pytest.raises(BadInput):
        await street.desk.notices.compose(chief, GRID, "明天停水", More(picture=theirs.id))
    preview = await street.desk.notices.compose(chief, GRID, "明天停水", More(picture=mine.id))
    await street.advance(8 * A_DAY)
    await street.desk.medias.forget_loose()
    assert [one.id for one in await Attachment.all()] == [mine.id]
    token = (await Notice.get(id=preview.id)).token
    assert token is not None
    found = await street.desk.notices.news.picture(shortened(token))
    assert found is not None
    assert found.id == mine.id


# Community news.


async def test_news_are_what_went_to_everybody_of_ones_own_place(street: Street) -> None:
    one = await street.follower("王阿姨", grid=GRID)
    await street.follower("外村的", grid=OTHER_GRID)
    worker = await street.binds("worker")
    notices, commander = street.desk.notices, await street.actor("commander")
    seen = []
    for code, text, more in (
        (TOWN, "全镇", More()),
        (GRID, "本格", More()),
        (OTHER_GRID, "外村", More()),
        (VILLAGE, "撤回的", More()),
        (TOWN, "给网格员", More(audience=Audience.read({"duties": ["grid_worker"]}))),
    ):
        preview = await notices.compose(commander, code, text, more)
        await notices.send(commander, preview.id)
        seen.append(preview.id)
    await notices.compose(commander, TOWN, "还没发")
    await notices.recall(commander, seen[3])
    resident = await street.desk.people.actor(one.person_id)
    first, following = await notices.news.latest(resident, cursor=None, limit=1)
    second, end = await notices.news.latest(resident, cursor=following, limit=1)
    assert ([one.text for one in first + second], end) == (["本格", "全镇"], None)
    staff, _ = await notices.news.latest(await street.desk.people.actor(worker.person_id), cursor=None, limit=9)
    assert [one.text for one in staff] == ["本格", "全镇"]
    stranger, _ = await notices.news.latest(await street.resident(), cursor=None, limit=9)
    assert stranger == []
    with pytest.raises(BadInput):
        await notices.news.latest(resident, cursor="zzz", limit=1)


# Told in person.


async def test_a_worker_sees_and_records_those_of_their_own_grid_only(street: Street) -> None:
    notice = await of_every_kind(street)
    visits = street.desk.notices.visits
    worker, cover, chief = [await street.actor(who) for who in ("worker", "cover", "chief")]
    mine, theirs = await visits.of(worker, notice), await visits.of(cover, notice)
    assert [(one.name, one.grid, one.why) for one in mine] == [("李**", "第一网格", "not_following")]
    assert [(one.name, one.why) for one in theirs] == [("欧**", "no_wechat")]
    assert [one.people for one in await visits.waiting(chief)] == [2]
    assert await visits.visited(worker, notice, [theirs[0].id, mine[0].id]) == 1
    assert await visits.visited(worker, notice, [mine[0].id]) == 0
    assert ([*await visits.of(worker, notice)], len(await visits.of(cover, notice))) == ([], 1)
    figures = await street.desk.notices.figures.now(notice)
    assert (figures.visited, figures.unvisited) == (1, 1)
    told = await Delivery.get(id=mine[0].id)
    assert (told.visited_by_id, told.visited_at is not None) == (worker.person_id, True)


async def test_a_visit_has_a_photo_which_those_see_who_see_the_visit_and_which_stays_as_long(street: Street) -> None:
    notice = await of_every_kind(street)
    visits = street.desk.notices.visits
    worker, cover, chief = [await street.actor(who) for who in ("worker", "cover", "chief")]
    (mine,) = await visits.of(worker, notice)
    photo = await Attachment.create(
        person_id=worker.person_id, kind="photo", state="kept", key="2026/03/x", created_at=street.desk.clock.now()
    )
    with pytest.raises(BadInput):
        await visits.visited(chief, notice, [mine.id], photo.id)
    assert await visits.visited(worker, notice, [mine.id], photo.id) == 1
    (seen,) = await visits.told(chief, notice)
    assert (seen.name, seen.by, seen.photo) == ("李**", worker.name, photo.id)
    assert await visits.told(cover, notice) == []
    assert (await street.desk.uploads.one(chief, photo.id)).id == photo.id
    with pytest.raises(NotFound):
        await street.desk.uploads.one(cover, photo.id)
    await street.advance(8 * 86400)
    await street.desk.medias.forget_loose()
    assert await Attachment.filter(id=photo.id).exists()


async def test_who_has_no_grid_there_finds_no_list(street: Street) -> None:
    await street.follower("外村的", grid=OTHER_GRID, speaks=False)
    notice = await out(street, who="commander", code=OTHER_GRID)
    await street.work()
    for who in (await street.actor("worker"), await street.resident(), await street.actor("inspector")):
        with pytest.raises(NotFound):
            await street.desk.notices.visits.of(who, notice)
        with pytest.raises(NotFound):
            await street.desk.notices.visits.visited(who, notice, [1])
        assert await street.desk.notices.visits.waiting(who) == []


async def test_who_has_opened_the_link_need_not_be_told(street: Street) -> None:
    one = await street.follower("王阿姨", grid=GRID)
    notice = await out(street)
    await street.desk.notices.spread(notice)
    await Delivery.filter(notice_id=notice).update(state="uncertain", reason="the answer got lost", channel="custom")
    worker = await street.actor("worker")
    assert len(await street.desk.notices.visits.of(worker, notice)) == 1
    await street.desk.notices.news.page(await token_of(one.person_id), count=True)
    assert await street.desk.notices.visits.of(worker, notice) == []


# Retention.


async def test_after_its_time_only_counts_are_left_and_the_report_is_the_same_at_every_moment(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice = await of_every_kind(street)
    worker = await street.actor("worker")
    (unreached,) = await street.desk.notices.visits.of(worker, notice)
    await street.desk.notices.visits.visited(worker, notice, [unreached.id])
    (owner,) = [one.person_id for one in await Delivery.filter(notice_id=notice, channel="custom")]
    await street.desk.notices.news.page(await token_of(owner), count=True)
    thinning: Thinning = street.desk.notices.retention
    before, counted = await report(street, notice), await street.desk.notices.figures.now(notice)
    assert await thinning.thin() == 0
    await street.advance(181 * A_DAY)
    monkeypatch.setattr("services.notices_retention._THIN", _in_ones())
    seen = []
    while await thinning._batch(notice):
        seen.append(await Delivery.filter(notice_id=notice).count())
        assert await report(street, notice) == before
    assert (seen, await thinning._batch(notice)) == ([3, 2, 1, 0], 0)
    assert (await street.desk.notices.figures.now(notice)).reasons == counted.reasons
    assert (await Notice.get(id=notice)).thinned_at is not None
    assert sum(one.people for one in await NoticeTally.filter(notice_id=notice)) == 4
    assert await thinning.thin() == 0
    assert await street.desk.notices.visits.waiting(worker) == []


async def report(street: Street, notice: int) -> list[ReportLine]:
    return await street.desk.notices.figures.report(notice)


def _in_ones() -> str:
    from services.notices_retention import _THIN

    return _THIN.replace("LIMIT 1000", "LIMIT 1")


async def test_what_somebody_still_sends_is_not_thinned_away(street: Street) -> None:
    await street.follower("王阿姨", grid=GRID)
    notice = await out(street)
    await street.desk.notices.spread(notice)
    await Delivery.filter(notice_id=notice).update(state="sending")
    await street.desk.notices.recall(await street.actor("chief"), notice)
    await street.advance(181 * A_DAY)
    assert await street.desk.notices.retention.thin() == 0
    assert (await Notice.get(id=notice)).thinned_at is None
    await Delivery.filter(notice_id=notice).update(state="sent")
    assert await street.desk.notices.retention.thin() == 1
