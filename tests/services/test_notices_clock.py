"""When a notice goes out: a second person's yes, its time, quiet hours, its end."""

from datetime import timedelta

import pytest

from domain.duty import Duty
from domain.errors import BadInput, IllegalMove, NotFound, NoticeRefused
from domain.notice import Audience
from models import Case, EventType, HeldDuty, Identity, Leave, Notice, NoticeEvent, Person, Subscription
from services.notices import Notices
from services.notices_audience import Templates, estimate
from services.notices_draft import More
from tests.factories import GRID, TOWN, VILLAGE
from tests.services.conftest import Street, at_once
from tests.services.notices import ASKED_ABOVE_ONE, EVENINGS_OFF, out, state, states, under_rules


async def swept(street: Street, notices: Notices) -> None:
    await notices.sweep()
    await street.work()


async def two_residents(street: Street) -> None:
    for name in ("王阿姨", "李大爷"):
        await street.follower(name, grid=GRID)


# A second person.


async def test_a_notice_to_many_waits_for_somebody_else_and_then_goes_out(street: Street) -> None:
    await two_residents(street)
    notices = under_rules(street, ASKED_ABOVE_ONE)
    notice = await out(street, notices)
    chief, secretary = await street.actor("chief"), await street.actor("secretary")
    assert (await state(notice), await states(notice)) == ("awaiting", {})
    assert await street.told(secretary) == ["notice_asked"]
    assert await street.told(await street.actor("commander")) == []  # the village's own people are nearer
    with pytest.raises(IllegalMove):
        await notices.approve(chief, notice)
    with pytest.raises(NotFound):
        await notices.approve(await street.actor("worker"), notice)
    await notices.approve(secretary, notice)
    await street.work()
    assert (await states(notice), await street.told(chief)) == ({"sent": 2}, ["notice_agreed"])
    with pytest.raises(IllegalMove):
        await notices.approve(secretary, notice)
    done = [(one.action, one.person_id) for one in await NoticeEvent.filter(notice_id=notice).order_by("id")]
    assert done == [("ask", chief.person_id), ("send", secretary.person_id)]


async def test_a_refused_notice_never_goes_out_and_its_author_knows_why(street: Street) -> None:
    await two_residents(street)
    notices = under_rules(street, ASKED_ABOVE_ONE)
    notice = await out(street, notices)
    secretary = await street.actor("secretary")
    with pytest.raises(BadInput):
        await notices.refuse(secretary, notice, "  ")
    await notices.refuse(secretary, notice, "日子写错了")
    await swept(street, notices)
    assert (await state(notice), await states(notice)) == ("refused", {})
    assert await street.told(await street.actor("chief")) == ["notice_refused"]


async def test_who_is_on_leave_is_not_asked_but_the_next_above(street: Street) -> None:
    await two_residents(street)
    secretary, commander = await street.actor("secretary"), await street.actor("commander")
    now = street.desk.clock.now()
    until = now + timedelta(days=1)
    await Leave.create(
        person_id=secretary.person_id, starts_at=now, ends_at=until, state="approved", asked_at=now, reason=""
    )
    notice = await out(street, under_rules(street, ASKED_ABOVE_ONE))
    assert (await street.told(secretary), await street.told(commander)) == ([], ["notice_asked"])
    assert await state(notice) == "awaiting"


async def test_where_nobody_else_could_agree_it_stays_a_preview(street: Street) -> None:
    await two_residents(street)
    await HeldDuty.exclude(duty="commander").delete()
    notices = under_rules(street, ASKED_ABOVE_ONE)
    commander = await street.actor("commander")
    preview = await notices.compose(commander, TOWN, "明天停水")
    with pytest.raises(NoticeRefused) as refused:
        await notices.send(commander, preview.id)
    assert (refused.value.facts["why"], await state(preview.id)) == ("nobody_agrees", "preview")


async def test_a_notice_to_nobody_is_not_sent(street: Street) -> None:
    with pytest.raises(NoticeRefused, match="nobody"):
        await out(street)


# Its time.


async def test_a_scheduled_notice_goes_out_at_its_time_to_those_who_are_there_then(street: Street) -> None:
    one = await street.follower("王阿姨", grid=GRID)
    chief, now = await street.actor("chief"), street.desk.clock.now()
    notices = street.desk.notices
    preview = await notices.compose(chief, GRID, "明天停水", More(starts_at=now + timedelta(hours=2)))
    await notices.send(chief, preview.id)
    await swept(street, notices)
    assert (await state(preview.id), street.shown(one)) == ("scheduled", [])
    later = await street.follower("后来的", grid=GRID)
    await street.advance(7201)
    await swept(street, notices)
    assert [len(street.shown(who)) for who in (one, later)] == [1, 1]
    await swept(street, notices)
    assert (await state(preview.id), len(street.shown(one))) == ("sent", 1)


async def test_many_sweeps_at_once_start_a_notice_once(street: Street) -> None:
    one = await street.follower("王阿姨", grid=GRID)
    chief, notices = await street.actor("chief"), street.desk.notices
    starts = street.desk.clock.now() + timedelta(hours=2)
    preview = await notices.compose(chief, GRID, "明天停水", More(starts_at=starts))
    await notices.send(chief, preview.id)
    await street.advance(7201)
    done = await at_once(*(notices.sweep() for _ in range(4)))
    await street.work()
    assert not [one for one in done if isinstance(one, Exception)]
    assert [one.action for one in await NoticeEvent.filter(notice_id=preview.id).order_by("id")][:2] == [
        "schedule",
        "send",
    ]
    assert await NoticeEvent.filter(notice_id=preview.id, action="send").count() == 1
    assert len(street.shown(one)) == 1


async def test_a_scheduled_notice_that_is_cancelled_never_goes_out(street: Street) -> None:
    one = await street.follower("王阿姨", grid=GRID)
    chief, notices = await street.actor("chief"), street.desk.notices
    starts = street.desk.clock.now() + timedelta(hours=2)
    preview = await notices.compose(chief, GRID, "明天停水", More(starts_at=starts))
    await notices.send(chief, preview.id)
    await notices.recall(await street.actor("secretary"), preview.id)
    await street.advance(7201)
    await swept(street, notices)
    assert (await state(preview.id), street.shown(one)) == ("cancelled", [])


async def test_in_quiet_hours_a_notice_waits_for_the_morning_and_an_urgent_one_does_not(street: Street) -> None:
    await street.at("2027-03-01 21:30")
    one = await street.follower("王阿姨", grid=GRID)
    notices = under_rules(street, EVENINGS_OFF)
    calm = await out(street, notices)
    chief = await street.actor("chief")
    urgent = await notices.compose(chief, GRID, "煤气泄漏，马上离开", More(urgent=True))
    await notices.send(chief, urgent.id)
    await swept(street, notices)
    assert ([len(street.shown(one)), await state(calm)], await state(urgent.id)) == ([1, "scheduled"], "sending")
    await street.at("2027-03-02 07:59")
    await swept(street, notices)
    assert len(street.shown(one)) == 1
    await street.at("2027-03-02 08:00")
    await swept(street, notices)
    assert len(street.shown(one)) == 2


async def test_what_has_not_gone_out_when_quiet_hours_begin_rests_until_they_are_over(street: Street) -> None:
    await street.at("2027-03-01 20:50")
    one = await street.follower("王阿姨", grid=GRID)
    notices = under_rules(street, EVENINGS_OFF)
    notice = await out(street, notices)
    await notices.spread(notice)
    await street.at("2027-03-01 21:00")
    await street.desk.deliveries.send()  # before any sweep: the gate knows the hour by itself
    assert (await states(notice), street.shown(one)) == ({"held": 1}, [])
    await swept(street, notices)
    assert await state(notice) == "resting"
    # Resumed in the night, it goes on in the morning.
    chief = await street.actor("chief")
    await notices.pause(chief, notice)
    assert (await notices.resume(chief, notice)).state == "resting"
    await street.at("2027-03-02 08:00")
    await swept(street, notices)
    assert (await states(notice), len(street.shown(one))) == ({"sent": 1}, 1)


async def test_a_service_that_stood_still_does_not_ring_at_night(street: Street) -> None:
    await street.at("2027-03-01 18:00")
    await street.follower("王阿姨", grid=GRID)
    notices = under_rules(street, EVENINGS_OFF)
    chief, starts = await street.actor("chief"), street.desk.clock.now() + timedelta(hours=1)
    preview = await notices.compose(chief, GRID, "明天停水", More(starts_at=starts))
    await notices.send(chief, preview.id)
    await street.at("2027-03-02 02:00")
    await swept(street, notices)
    assert await state(preview.id) == "scheduled"
    await street.at("2027-03-02 08:01")
    await swept(street, notices)
    assert await states(preview.id) == {"sent": 1}


# Its end.


async def test_what_has_not_gone_out_by_then_is_not_sent_any_more_and_reported_so(street: Street) -> None:
    reached, late = [await street.follower(name, grid=GRID) for name in ("王阿姨", "李大爷")]
    chief, now, notices = await street.actor("chief"), street.desk.clock.now(), street.desk.notices
    preview = await notices.compose(chief, GRID, "明天停水", More(expires_at=now + timedelta(hours=1)))
    await notices.send(chief, preview.id)
    await notices.spread(preview.id)
    await street.desk.deliveries.send([reached.person_id])
    await street.advance(3600)
    await street.desk.deliveries.send()  # the gate, before any sweep
    await swept(street, notices)
    assert (await state(preview.id), await states(preview.id)) == ("expired", {"sent": 1, "expired": 1})
    assert street.shown(late) == []
    assert await street.desk.deliveries.latest(late.person_id) == []
    figures = await notices.figures.now(preview.id)
    assert (figures.sent, figures.expired, figures.left, figures.reasons) == (1, 1, 0, {"expired": 1})


@pytest.mark.parametrize("waits", ["preview", "awaiting", "scheduled", "paused"])
async def test_whatever_a_notice_waits_for_it_does_not_wait_for_ever(street: Street, waits: str) -> None:
    await two_residents(street)
    rules = ASKED_ABOVE_ONE if waits == "awaiting" else EVENINGS_OFF
    await street.at("2027-03-01 12:00")
    notices, chief = under_rules(street, rules), await street.actor("chief")
    starts = street.desk.clock.now() + timedelta(hours=1) if waits == "scheduled" else None
    preview = await notices.compose(chief, GRID, "明天停水", More(starts_at=starts))
    if waits != "preview":
        await notices.send(chief, preview.id)
    if waits == "paused":
        await notices.pause(chief, preview.id)
    assert await state(preview.id) == waits
    await street.advance(9 * 86400)
    await notices.sweep()
    await notices.sweep()
    assert await state(preview.id) == "expired"
    assert set(await states(preview.id)) <= {"expired"}
    told = (await street.told(chief)).count("notice_expired")
    assert told == (0 if waits == "preview" else 1)


# Whom it is for.


async def test_a_notice_to_a_duty_goes_to_those_who_hold_it_there_today(street: Street) -> None:
    resident = await street.follower("王阿姨", grid=GRID)
    worker, cover = await street.binds("worker"), await street.binds("cover")
    await HeldDuty.filter(person_id=cover.person_id).update(to_date="2020-01-01", from_date="2019-01-01")
    chief = await street.actor("chief")
    only = Audience(frozenset({Duty.GRID_WORKER, Duty.INSPECTOR}))
    preview = await street.desk.notices.compose(chief, VILLAGE, "明天开会", More(audience=only))
    assert preview.reach == 1
    await street.desk.notices.send(chief, preview.id)
    await street.work()
    assert [len(street.shown(one)) for one in (resident, worker, cover)] == [0, 1, 0]


async def test_a_notice_about_open_cases_goes_to_whoever_reported_them(street: Street) -> None:
    now = street.desk.clock.now()
    for code, name in (("lamp", "路灯不亮"), ("water", "停水了")):
        await EventType.create(code=code, name=name, category="city_management", state="approved", created_at=now)
    waits, other, done = [await street.follower(name) for name in ("路灯的", "停水的", "办完的")]
    for one, code, status in ((waits, "lamp", "accepted"), (other, "water", "accepted"), (done, "lamp", "closed")):
        case = await street.files(await street.desk.people.actor(one.person_id))
        await Case.filter(id=case.id).update(status=status, event_type=code)
    chief = await street.actor("chief")
    asked = await street.desk.notices.estimate(chief, GRID, Audience(open_case_of="lamp"))
    assert (asked.people, asked.custom) == (1, 1)
    with pytest.raises(BadInput):
        await street.desk.notices.compose(chief, GRID, "路灯明天修", More(audience=Audience(open_case_of="nothing")))


async def test_the_estimate_says_by_which_channel_each_would_be_reached(street: Street) -> None:
    await street.follower("说过话的", grid=GRID)
    quiet = await street.follower("没说话的", grid=GRID, speaks=False)
    left = await street.follower("不再关注的", grid=GRID)
    await street.desk.people.unfollow(left.openid)
    await Person.create(name="没有微信的", grid_id=(await street.region(GRID)).id)
    chief = await street.actor("chief")
    expected = await street.desk.notices.estimate(chief, VILLAGE, Audience())
    assert (expected.people, expected.custom, expected.template) == (4, 1, 1)
    assert (expected.inbox, expected.nothing) == (1, 1)
    assert await Notice.all().count() == 0
    assert street.shown(quiet) == []


async def test_who_has_agreed_to_one_more_message_counts_for_it_where_nothing_better_is_open(street: Street) -> None:
    talks = await street.follower("说过话的", grid=GRID)
    agreed = await street.follower("订过一次的", grid=GRID, speaks=False)
    left = await street.follower("订过又走的", grid=GRID, speaks=False)
    in_mini = await street.follower("小程序里订的", grid=GRID, speaks=False)
    appid, now = street.house.settings.wechat.official.appid, street.desk.clock.now()
    mini = await Identity.create(person_id=in_mini.person_id, appid="mini", openid="m1", kind="mini", subscribed=False)
    for one, openid, template in (
        (appid, talks.openid, "once"),
        (appid, agreed.openid, "once"),
        (appid, left.openid, "once"),
        ("mini", mini.openid, "mini-once"),
    ):
        await Subscription.create(appid=one, openid=openid, template_id=template, left_over=1, updated_at=now)
    for one in (left, in_mini):
        await street.desk.people.unfollow(one.openid)
    region, all_of_them = await street.region(VILLAGE), Audience()

    async def ways(templates: Templates) -> tuple[int, int, int, int]:
        found = await estimate(region, all_of_them, now, appid=appid, templates=templates)
        assert (found.people, found.nothing) == (4, 0)
        return found.custom, found.template, found.subscription, found.inbox

    assert await ways(Templates()) == (1, 0, 0, 3)
    assert await ways(Templates(subscribe="once", mini="mini-once")) == (1, 0, 2, 1)
    assert await ways(Templates("t", "once", "mini-once")) == (1, 1, 1, 1)
    await Subscription.all().update(left_over=0)
    assert await ways(Templates(subscribe="once", mini="mini-once")) == (1, 0, 0, 3)
