"""Who gets a case: never nobody while anybody is there."""

from datetime import date, datetime, timedelta

import pytest

from domain.calendar import SHANGHAI
from domain.case import Action
from domain.errors import IllegalMove, NobodyThere
from models import Case, CaseEvent, HeldDuty, Leave, Person
from services.routing import holder_of, is_present, next_above, next_below, region_at
from tests.factories import GRID, TOWN, VILLAGE
from tests.services.conftest import NAMES, Street

COUNTY, CITY = "320412", "3204"


async def duty(street: Street, who: str) -> HeldDuty:
    return await HeldDuty.get(person_id=(await street.actor(who)).person_id)


async def on_leave(street: Street, *people: str, days: float = 1) -> None:
    now = street.desk.clock.now()
    for who in people:
        person_id = (await street.actor(who)).person_id
        await Leave.create(person_id=person_id, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(days=days))


async def vacant(*names: str) -> None:
    await HeldDuty.filter(
        person_id__in=await Person.filter(name__in=[NAMES[one] for one in names]).values_list("id", flat=True)
    ).delete()  # type: ignore[arg-type]


async def holder(street: Street, code: str = GRID) -> str:
    found = await holder_of(await street.region(code), street.desk.clock.now())
    return "" if found is None else (await Person.get(id=found)).name


async def test_a_grid_belongs_to_its_worker(street: Street) -> None:
    assert await holder(street) == "李卫国"


async def test_on_leave_it_goes_to_the_cover_and_back_again_afterwards(street: Street) -> None:
    await on_leave(street, "worker", days=2)
    assert await holder(street) == "王秀兰"
    await street.advance(2 * 86400 + 1)
    assert await holder(street) == "李卫国"


async def test_a_leave_that_has_not_begun_or_was_ended_early_changes_nothing(street: Street) -> None:
    now, worker = street.desk.clock.now(), await street.actor("worker")
    await Leave.create(person_id=worker.person_id, starts_at=now + timedelta(hours=1), ends_at=now + timedelta(days=1))
    await Leave.create(person_id=worker.person_id, starts_at=now - timedelta(days=3), ends_at=now)
    assert await holder(street) == "李卫国"


async def test_a_cover_on_leave_too_leaves_it_to_the_chief(street: Street) -> None:
    await on_leave(street, "worker", "cover")
    assert await holder(street) == "赵建军"


async def test_a_cover_who_is_away_too_is_covered_by_their_own_cover(street: Street) -> None:
    await HeldDuty.filter(id=(await duty(street, "cover")).id).update(
        cover_id=(await street.actor("secretary")).person_id
    )
    await on_leave(street, "worker", "cover")
    assert await holder(street) == "钱书记"


async def test_a_cover_who_has_left_does_not_stand_in(street: Street) -> None:
    await on_leave(street, "worker")
    await HeldDuty.filter(id=(await duty(street, "cover")).id).update(
        cover_id=None, to_date=street.desk.clock.now().astimezone(SHANGHAI).date() - timedelta(days=1)
    )
    assert await holder(street) == "赵建军"


async def test_a_worker_who_has_left_is_covered_until_a_new_one_comes(street: Street) -> None:
    today = street.desk.clock.now().astimezone(SHANGHAI).date()
    await HeldDuty.filter(id=(await duty(street, "worker")).id).update(to_date=today - timedelta(days=1))
    assert await holder(street) == "王秀兰"
    new = await Person.create(name="新来的")
    await HeldDuty.create(person_id=new.id, duty="grid_worker", region=await street.region(GRID), from_date=today)
    assert await holder(street) == "新来的"


@pytest.mark.parametrize(
    ("gone", "there"),
    [
        (["worker"], "赵建军"),
        (["worker", "chief"], "钱书记"),
        (["worker", "chief", "secretary"], "孙指挥"),
        (["worker", "chief", "secretary", "commander"], "周科长"),
        (["worker", "chief", "secretary", "commander", "county"], ""),
    ],
)
async def test_a_vacant_post_looks_further_and_further_up(street: Street, gone: list[str], there: str) -> None:
    await vacant(*gone)
    assert await holder(street) == there


async def test_a_chief_of_the_grid_itself_goes_before_the_villages(street: Street) -> None:
    await vacant("worker")
    own = await Person.create(name="本格网格长")
    await HeldDuty.create(
        person_id=own.id, duty="grid_chief", region=await street.region(GRID), from_date=date(2020, 1, 1)
    )
    assert own.id > (await street.actor("chief")).person_id
    assert await holder(street) == "本格网格长"


async def test_a_duty_begins_and_ends_at_midnight_in_china(street: Street) -> None:
    await HeldDuty.filter(id=(await duty(street, "worker")).id).update(
        from_date=date(2027, 3, 2), to_date=date(2027, 3, 3), cover_id=None
    )
    region = await street.region(GRID)

    async def at(day: int, hour: int, minute: int) -> str:
        found = await holder_of(region, datetime(2027, 3, day, hour, minute, tzinfo=SHANGHAI))
        return (await Person.get(id=found)).name

    assert [await at(1, 23, 59), await at(2, 0, 0), await at(3, 23, 59), await at(4, 0, 0)] == [
        "赵建军",
        "李卫国",
        "李卫国",
        "赵建军",
    ]


async def test_volunteers_inspectors_and_liaisons_never_hold_a_case(street: Street) -> None:
    await vacant("worker", "chief", "secretary", "commander", "county")
    for name, code in (("volunteer", GRID), ("part_time_worker", GRID), ("liaison", VILLAGE), ("inspector", TOWN)):
        one = await Person.create(name=name)
        await HeldDuty.create(person_id=one.id, duty=name, region=await street.region(code), from_date=date(2020, 1, 1))
    assert await holder(street) == ""


async def test_above_is_the_next_level_that_has_somebody_else(street: Street) -> None:
    now, grid = street.desk.clock.now(), await street.region(GRID)

    async def above(code: str, besides: str | None = None) -> tuple[str, str] | None:
        who = (await street.actor(besides)).person_id if besides else None
        found = await next_above(await street.region(code), now, besides=who)
        return (found[0].code, (await Person.get(id=found[1])).name) if found else None

    assert await above(GRID) == (VILLAGE, "赵建军")
    assert await above(GRID, "chief") == (VILLAGE, "钱书记")
    assert await above(COUNTY) is None
    await vacant("commander")
    assert await above(VILLAGE) == (COUNTY, "周科长")
    await vacant("county")
    assert await above(VILLAGE) is None
    assert await next_above(await street.region(CITY), now) is None
    below = await next_below(grid, 4, now, besides=(await street.actor("chief")).person_id)
    assert below is not None
    assert (below[0].code, (await Person.get(id=below[1])).name) == (VILLAGE, "钱书记")
    assert await next_below(grid, 1, now) is None


async def test_being_present_means_a_duty_of_today_and_no_leave(street: Street) -> None:
    now, worker = street.desk.clock.now(), (await street.actor("worker")).person_id
    assert await is_present(worker, now)
    await on_leave(street, "worker")
    assert not await is_present(worker, now)
    assert not await is_present((await street.resident()).person_id, now)


async def test_the_region_of_a_level_is_found_though_the_tree_leaves_one_out(street: Street) -> None:
    grid = await street.region(GRID)
    assert [(await region_at(grid, level)).code for level in (1, 2, 3, 4, 5)] == [GRID, VILLAGE, TOWN, COUNTY, CITY]  # type: ignore[union-attr]
    assert await region_at(await street.region(CITY), 1) == await street.region(CITY)


# The same, through whole cases.


async def test_a_case_reported_up_skips_vacant_levels(street: Street) -> None:
    await vacant("chief", "secretary", "commander")
    case = await street.files()
    moved = await street.desk.cases.act(await street.actor("worker"), case.number or 0, Action.REPORT_UP, note="大")
    assert (moved.level, moved.unit_id, moved.holder_id) == (
        4,
        (await street.region(COUNTY)).id,
        (await street.actor("county")).person_id,
    )


async def test_with_nobody_above_a_report_up_is_refused_and_nothing_changes(street: Street) -> None:
    await vacant("chief", "secretary", "commander", "county")
    case = await street.files()
    with pytest.raises(NobodyThere):
        await street.desk.cases.act(await street.actor("worker"), case.number or 0, Action.REPORT_UP, note="大")
    kept = await Case.get(id=case.id)
    assert (kept.level, kept.status, kept.holder_id) == (1, "submitted", case.holder_id)
    assert await CaseEvent.filter(case_id=case.id).count() == 1


async def test_who_stands_in_for_a_grid_does_not_get_the_case_back_by_reporting_it_up(street: Street) -> None:
    await vacant("worker")
    case = await street.files()
    chief = await street.actor("chief")
    assert case.holder_id == chief.person_id
    moved = await street.desk.cases.act(chief, case.number or 0, Action.REPORT_UP, note="大")
    assert (moved.level, moved.holder_id) == (2, (await street.actor("secretary")).person_id)


async def test_a_late_case_of_a_stand_in_climbs_past_them(street: Street) -> None:
    await vacant("worker", "chief", "secretary")
    case = await street.files()
    assert (case.level, case.holder_id) == (1, (await street.actor("commander")).person_id)
    await street.advance(4 * 86400)
    await street.desk.cases.climb_overdue()
    kept = await Case.get(id=case.id)
    assert (kept.level, kept.holder_id) == (4, (await street.actor("county")).person_id)


async def test_a_return_goes_to_the_next_level_below_that_has_somebody(street: Street) -> None:
    case = await street.files()
    number, worker, chief, commander = (
        case.number or 0,
        await street.actor("worker"),
        await street.actor("chief"),
        await street.actor("commander"),
    )
    await street.desk.cases.act(worker, number, Action.REPORT_UP, note="大")
    await street.desk.cases.act(chief, number, Action.REPORT_UP, note="大")
    await vacant("chief", "secretary")
    back = await street.desk.cases.act(commander, number, Action.RETURN, note="你们办")
    assert (back.level, back.holder_id) == (1, worker.person_id)
    assert (await street.told(worker))[-1] == "came_back"


async def test_a_return_to_nobody_is_refused(street: Street) -> None:
    case = await street.files()
    number = case.number or 0
    await street.desk.cases.act(await street.actor("worker"), number, Action.REPORT_UP, note="大")
    await street.desk.cases.act(await street.actor("chief"), number, Action.REPORT_UP, note="大")
    await vacant("worker", "chief", "secretary")
    with pytest.raises(IllegalMove) as refused:
        await street.desk.cases.act(await street.actor("commander"), number, Action.RETURN, note="你们办")
    assert refused.value.facts == {"action": "return", "level": 3}
    assert (await Case.get(id=case.id)).holder_id == (await street.actor("commander")).person_id


async def test_on_leave_the_new_case_and_its_news_go_to_the_cover(street: Street) -> None:
    await on_leave(street, "worker")
    case = await street.files()
    assert case.holder_id == (await street.actor("cover")).person_id
    assert await street.told(await street.actor("cover")) == ["new_case"]
    assert await street.told(await street.actor("worker")) == []


# Reopened, and given a new home.


async def resolved(street: Street, by: str, number: int) -> None:
    await street.desk.cases.act(await street.actor(by), number, Action.RESOLVE, note="好了")


async def test_the_first_complaint_goes_to_whoever_resolved_it_the_second_one_level_up(street: Street) -> None:
    case = await street.files()
    number, resident = case.number or 0, await street.desk.people.actor(case.resident_id)
    await resolved(street, "chief", number)
    again = await street.desk.cases.act(resident, number, Action.REOPEN, note="没好")
    assert (again.level, again.holder_id, again.reopened) == (1, (await street.actor("chief")).person_id, 1)
    await resolved(street, "worker", number)
    again = await street.desk.cases.act(resident, number, Action.REOPEN, note="还没好")
    assert (again.level, again.holder_id, again.reopened) == (2, (await street.actor("chief")).person_id, 2)
    assert (await street.told(await street.actor("worker")))[-1] == "reopened_above"
    assert again.resolved_at is None


async def test_a_complaint_about_somebody_who_is_away_goes_to_who_is_there(street: Street) -> None:
    case = await street.files()
    await resolved(street, "worker", case.number or 0)
    await on_leave(street, "worker", days=3)
    again = await street.desk.cases.act(
        await street.desk.people.actor(case.resident_id), case.number or 0, Action.REOPEN
    )
    assert (again.level, again.holder_id) == (1, (await street.actor("cover")).person_id)


async def test_a_second_complaint_where_nobody_is_above_stays_with_somebody(street: Street) -> None:
    await vacant("chief", "secretary", "commander", "county")
    case = await street.files()
    number, resident = case.number or 0, await street.desk.people.actor(case.resident_id)
    for _ in range(3):
        await resolved(street, "worker", number)
        again = await street.desk.cases.act(resident, number, Action.REOPEN)
    assert (again.level, again.holder_id, again.status) == (1, (await street.actor("worker")).person_id, "submitted")


async def test_a_case_that_nobody_could_take_goes_to_the_first_who_comes(street: Street) -> None:
    await HeldDuty.all().update(to_date=date(2020, 1, 1), from_date=date(2019, 1, 1), cover_id=None)
    case = await street.files()
    assert case.holder_id is None
    assert await street.desk.cases.rehome() == 0
    assert (await Case.get(id=case.id)).holder_id is None
    await street.advance(4 * 86400)
    await street.desk.cases.climb_overdue()
    today = street.desk.clock.now().astimezone(SHANGHAI).date()
    await HeldDuty.filter(duty="commander").update(to_date=None, from_date=today)
    assert await street.desk.cases.rehome() == 1
    kept = await Case.get(id=case.id)
    commander = await street.actor("commander")
    assert (kept.holder_id, kept.level, kept.status) == (commander.person_id, 1, "submitted")
    # Whoever gets it has the whole time for it, and then it climbs like any other.
    assert kept.sweep_at == kept.accept_due
    assert kept.accept_due is not None
    assert kept.accept_due > street.desk.clock.now()
    assert await street.told(commander) == ["new_case"]
    assert [line.number for line in (await street.desk.queues.mine(commander)).items] == [case.number]
    assert await street.desk.cases.rehome() == 0


async def test_what_somebody_held_who_has_left_goes_to_who_is_there_now(street: Street) -> None:
    case, other = await street.files(), await street.files()
    worker, cover = await street.actor("worker"), await street.actor("cover")
    await street.desk.cases.act(worker, case.number or 0, Action.ACCEPT)
    assert await street.desk.cases.rehome() == 0
    yesterday = street.desk.clock.now().astimezone(SHANGHAI).date() - timedelta(days=1)
    await HeldDuty.filter(id=(await duty(street, "worker")).id).update(to_date=yesterday)
    assert await street.desk.cases.rehome() == 2
    for one in (case, other):
        kept = await Case.get(id=one.id)
        assert (kept.holder_id, kept.status) == (cover.person_id, "submitted")
        assert [event.action for event in await CaseEvent.filter(case_id=one.id).order_by("id")][-1] == "assign"
    assert await street.told(cover) == ["new_case", "new_case"]
    assert await street.desk.cases.rehome() == 0
