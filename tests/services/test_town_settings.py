"""设置 of a town: each kind holds in that town and not in its neighbour, the nearest says, and what is over stays."""

from datetime import date, timedelta

import pytest

from app import bootstrap
from domain.calendar import SHANGHAI
from domain.case import Action, Level
from domain.errors import BadInput, Conflict, LeaveRefused, NotAllowed, NotFound
from domain.patrol import Owed
from domain.visit import SubjectKind
from models import Case, Notice, Person, RuleChange, Subject, TownSetting
from services.access import Actor
from services.subjects import NewSubject
from tests.factories import GRID, TOWN
from tests.services.conftest import A_DAY, Street, at_once

COUNTY, NEIGHBOUR, ITS_GRID = "320412", "320412102", "32041210220101"
REGIONS = """code,name,level,parent_code,kind
320412102,漕桥镇,town,320412,
320412102201,运村,village,320412102,
32041210220101,运村一网格,grid,320412102201,comprehensive
"""
STAFF = """name,phone,duty,region_code,cover_phone
冯网格,13800000021,grid_worker,32041210220101,
陈指挥,13800000022,commander,320412102,
褚管理,13800000023,admin,320412,
"""


@pytest.fixture
async def towns(street: Street) -> Street:
    """The small town with another beside it, on a Monday morning."""
    await street.at("2027-03-01 09:00")
    await street.desk.imports.run(REGIONS.encode(), STAFF.encode())
    return street


async def called(street: Street, name: str) -> Actor:
    return await street.desk.people.actor((await Person.get(name=name)).id)


async def says(street: Street, section: str, *, code: str = TOWN, who: str = "孙指挥", **texts: str) -> None:
    """A change as the console makes it, on the page as it is now."""
    by, settings = await called(street, who), street.desk.town_settings
    seen = next(one.seen for one in (await settings.sheet(by, code)).groups if one.section == section)
    given = {name.replace("__", "."): text for name, text in texts.items()}
    await settings.change(by, code, section, given, seen=seen)
    await street.work()


async def test_deadlines_are_the_towns_own_also_of_what_runs_and_not_of_what_is_done(towns: Street) -> None:
    here, there, done = await towns.files(), await towns.files(grid=ITS_GRID), await towns.files()
    await towns.desk.cases.act(await towns.actor("worker"), done.number or 0, Action.RESOLVE, note="好了")
    before = {case.id: await Case.get(id=case.id) for case in (here, there, done)}
    await says(towns, "deadlines", accept_hours="2", resolve_days__1="1", suspend_days="2")
    after = {case.id: await Case.get(id=case.id) for case in (here, there, done)}
    assert after[here.id].resolve_due - before[here.id].resolve_due == timedelta(days=-2)
    assert f"{after[here.id].accept_due.astimezone(SHANGHAI):%H:%M}" == "11:00"
    for case in (there, done):
        assert (after[case.id].accept_due, after[case.id].resolve_due) == (case.accept_due, case.resolve_due)
    new = await towns.files()
    assert new.resolve_due - after[here.id].resolve_due < timedelta(minutes=1)
    boards = [await towns.desk.boards.of_grid(grid) for grid in (GRID, ITS_GRID)]
    assert [(one.accept_hours, one.resolve_days) for one in boards] == [(2, 1), (4, 3)]
    # At the county's desk the county's periods run: a town's word does not bind it.
    for _ in range(3):
        case = await Case.get(id=new.id)
        holder = await towns.desk.people.actor(case.holder_id or 0)
        await towns.desk.cases.act(holder, new.number or 0, Action.REPORT_UP, note="请上面办")
    risen = await Case.get(id=new.id)
    assert risen.level == Level.COUNTY
    assert f"{risen.accept_due.astimezone(SHANGHAI):%H:%M}" == "14:30"
    far = (towns.desk.clock.now() + timedelta(days=5)).date()
    with pytest.raises(BadInput) as refused:
        await towns.desk.cases.act(
            await towns.actor("worker"), here.number or 0, Action.SUSPEND, note="等料", until=far
        )
    assert refused.value.facts["most"] == 2
    feng = await called(towns, "冯网格")
    await towns.desk.cases.act(feng, there.number or 0, Action.SUSPEND, note="等料", until=far)


async def test_nobody_rates_and_each_town_waits_its_own_time(towns: Street) -> None:
    cases = [await towns.files(), await towns.files(grid=ITS_GRID)]
    for case in cases:
        holder = await towns.desk.people.actor(case.holder_id or 0)
        await towns.desk.cases.act(holder, case.number or 0, Action.RESOLVE, note="好了")
    await says(towns, "deadlines", rating_days="3")
    await towns.advance(2 * A_DAY)
    assert await towns.desk.cases.close_unrated() == 0
    await towns.advance(2 * A_DAY)
    assert await towns.desk.cases.close_unrated() == 1
    assert [(await Case.get(id=case.id)).status for case in cases] == ["closed", "resolved"]
    await towns.advance(4 * A_DAY)
    assert await towns.desk.cases.close_unrated() == 1


async def test_a_leave_is_asked_for_and_as_long_as_the_town_wants(towns: Street) -> None:
    await says(towns, "leave", approval="no", longest_days="3")
    start = towns.desk.clock.now() + timedelta(days=1)
    wanted = [(who, await called(towns, who)) for who in ("李卫国", "冯网格")]
    states = {who: (await towns.desk.leaves.ask(by, start, start + timedelta(days=2))).state for who, by in wanted}
    assert states == {"李卫国": "approved", "冯网格": "asked"}
    cover = await towns.actor("cover")
    with pytest.raises(LeaveRefused, match="too long"):
        await towns.desk.leaves.ask(cover, start, start + timedelta(days=4))
    chief = await towns.actor("chief")
    with pytest.raises(LeaveRefused):
        await towns.desk.leaves.enter(chief, cover.person_id, start, start + timedelta(days=4))


async def test_patrols_are_owed_as_the_town_says(towns: Street) -> None:
    await says(towns, "patrol", half_day_minutes="30", week_metres="0")
    owed = {}
    for who in ("李卫国", "冯网格"):
        week = await towns.desk.field_work.patrol_days.week(await called(towns, who))
        owed[who] = {one.owed: one.wanted for one in (*week.today, *week.week)}
    assert (owed["李卫国"][Owed.MORNING], owed["李卫国"][Owed.WEEK_METRES]) == (1800, 0)
    assert (owed["冯网格"][Owed.MORNING], owed["冯网格"][Owed.WEEK_METRES]) == (3600, 8000)


async def test_visits_follow_the_towns_cycle_and_keep_one_that_was_asked_for(towns: Street) -> None:
    subjects, today = towns.desk.field_work.subjects, date(2027, 3, 1)
    worker, feng = await called(towns, "李卫国"), await called(towns, "冯网格")

    async def kept() -> list[tuple[int, date]]:
        return [(one.every_days, one.next_due) for one in await Subject.all().order_by("id")]

    for by, days in ((worker, None), (worker, 5), (feng, None)):
        await subjects.add(by, NewSubject(SubjectKind.SHOP, title="小店", every_days=days))
    month = date(2027, 3, 30)
    assert await kept() == [(30, month), (5, date(2027, 3, 5)), (30, month)]
    await says(towns, "visits", shop_days="10")
    assert await kept() == [(10, today + timedelta(days=10)), (5, date(2027, 3, 5)), (30, month)]
    assert (await subjects.add(worker, NewSubject(SubjectKind.SHOP, title="新店"))).subject.every_days == 10
    with pytest.raises(BadInput):
        await subjects.add(worker, NewSubject(SubjectKind.SHOP, title="新店", every_days=11))
    await says(towns, "visits", shop_days="20")
    assert [every for every, _ in await kept()] == [20, 5, 30, 20]
    assert (await kept())[0][1] == today + timedelta(days=10)


async def test_a_notice_keeps_the_rules_of_the_place_that_it_is_for(towns: Street) -> None:
    await says(towns, "notices", approval_above="0", quiet_hours="12：00-14:00")
    for name, grid in (("王阿姨", GRID), ("冯阿姨", ITS_GRID)):
        await towns.follower(name, grid=grid)
    notices = towns.desk.notices

    async def sent(who: str, code: str) -> str:
        by = await called(towns, who)
        preview = await notices.compose(by, code, "明天停水")
        return (await notices.send(by, preview.id)).state

    assert (await sent("钱书记", GRID), await sent("陈指挥", ITS_GRID)) == ("awaiting", "sending")
    await says(towns, "notices", approval_above="-1", quiet_hours="12:00-14:00")
    await towns.at("2027-03-01 12:30")
    assert (await sent("钱书记", GRID), await sent("陈指挥", ITS_GRID)) == ("scheduled", "sending")
    # What is going out is told of new hours, too.
    late = await Notice.all().order_by("-id").first()
    await says(towns, "notices", code=NEIGHBOUR, who="陈指挥", quiet_hours="12:00-13:00")
    resting = await Notice.get(id=late.id if late is not None else 0)
    assert resting.rests_at is not None
    assert resting.rests_at <= towns.desk.clock.now()


async def test_the_nearest_says_and_what_is_restored_is_as_above_again(towns: Street) -> None:
    hold, place = towns.house.desk.leaves._rules, (await towns.region(GRID)).path
    await says(towns, "leave", code=COUNTY, who="褚管理", approval="no", longest_days="30")
    await says(towns, "leave", longest_days="10")
    assert (hold.at(place).approval, hold.at(place).longest_days) == (False, 10)
    other = (await towns.region(ITS_GRID)).path
    assert (hold.at(other).longest_days, hold.standard.longest_days) == (30, 60)
    sheet = await towns.desk.town_settings.sheet(await called(towns, "孙指挥"))
    values = {one.key: one for group in sheet.groups for one in group.values}
    longest, approval = values["longest_days"], values["approval"]
    assert (longest.own, longest.above, longest.source) == ("10", "30", "武进区")
    assert (approval.own, approval.above, "resolve_days.4" in values) == ("", "no", False)
    # Another process finds the same by itself.
    async with bootstrap.house(towns.house.settings, towns.house.database_url, towns.house.redis_url) as elsewhere:
        assert elsewhere.desk.leaves._rules.at(place).longest_days == 10
        await says(towns, "leave")
        await elsewhere.desk.town_settings.load()
        assert elsewhere.desk.leaves._rules.at(place).longest_days == 30
    assert await TownSetting.all().count() == 1
    commander = await called(towns, "孙指挥")
    last = await RuleChange.all().order_by("-id").first()
    assert last is not None
    await towns.desk.town_settings.undo(commander, TOWN, last.id)
    assert hold.at(place).longest_days == 10
    with pytest.raises(Conflict):
        await towns.desk.town_settings.undo(commander, TOWN, last.id)


async def test_of_two_clerks_at_once_the_later_is_told_and_others_change_nothing(towns: Street) -> None:
    settings, commander, chen = towns.desk.town_settings, await called(towns, "孙指挥"), await called(towns, "陈指挥")
    both = await at_once(
        *(settings.change(commander, TOWN, "leave", {"longest_days": days}, seen=0) for days in ("20", "40"))
    )
    assert [type(one) for one in both].count(Conflict) == 1
    kept = (await TownSetting.get()).own
    assert kept in ({"longest_days": 20}, {"longest_days": 40})
    refusals = [
        (chen, TOWN, "leave", {"longest_days": "9"}, NotFound),
        (chen, COUNTY, "leave", {"longest_days": "9"}, NotAllowed),
        (await towns.actor("secretary"), TOWN, "leave", {"longest_days": "9"}, NotAllowed),
        (chen, NEIGHBOUR, "leave", {"longest_days": "无数"}, BadInput),
        (chen, NEIGHBOUR, "leave", {"longest_days": "367"}, BadInput),
        (chen, NEIGHBOUR, "deadlines", {"resolve_days.4": "9"}, BadInput),
        (chen, NEIGHBOUR, "deadlines", {"accept_hours": "nan"}, BadInput),
        (chen, NEIGHBOUR, "deadlines", {"working_hours": "x"}, BadInput),
        (chen, NEIGHBOUR, "notices", {"quiet_hours": "半夜"}, BadInput),
        (chen, NEIGHBOUR, "console", {"second_step": "grid_worker"}, BadInput),
        (chen, NEIGHBOUR, "privacy", {"look_days": "9"}, NotFound),
        (chen, NEIGHBOUR, "leave", {}, BadInput),
    ]
    for by, code, section, texts, refusal in refusals:
        with pytest.raises(refusal):
            await settings.change(by, code, section, texts, seen=0)
    assert (await TownSetting.all().count(), (await TownSetting.get()).own) == (1, kept)
