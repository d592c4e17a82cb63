"""The list of the day: one message, in working hours, of what waits; and who gets none."""

from datetime import date, datetime, timedelta

import pytest

from domain.calendar import SHANGHAI
from models import DailyList, Delivery, ExemptDay, HeldDuty, Leave, Patrol, Subject, TrainingCourse, TrainingRecord
from tests.factories import GRID, TOWN, VILLAGE
from tests.services.conftest import Street, at_once

TUESDAY = date(2027, 3, 2)


@pytest.fixture
async def march(street: Street) -> Street:
    """Tuesday 2 March 2027, 08:40; both workers walked on Monday, nothing waits."""
    await street.at("2027-03-02 08:40")
    await HeldDuty.all().update(from_date=date(2026, 1, 1))
    for who in ("worker", "cover"):
        await walked(street, who, date(2027, 3, 1))
    return street


async def walked(street: Street, who: str, day: date) -> None:
    at = datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI)
    await Patrol.create(
        person_id=(await street.actor(who)).person_id,
        region_id=(await street.region(GRID)).id,
        day=day,
        started_at=at,
        ended_at=at + timedelta(hours=1),
        source="mini",
        length_metres=1500,
        seconds=3600,
    )


async def due(street: Street, day: date) -> None:
    grid, now = (await street.region(GRID)).id, street.desk.clock.now()
    await Subject.create(grid_id=grid, kind="shop", title="小店", every_days=30, next_due=day, created_at=now)


async def lists(street: Street) -> dict[str, dict[str, object]]:
    names = {(await street.actor(who)).person_id: who for who in ("worker", "cover")}
    found = await Delivery.filter(kind="daily_list").order_by("id")
    return {names[one.person_id]: {k: v for k, v in one.facts.items() if v and k != "title"} for one in found}


async def test_what_waits_is_told_once_a_day_and_nothing_is_not_told(march: Street) -> None:
    assert await march.desk.daily_lists.send() == 0
    await DailyList.all().delete()
    for day in (date(2027, 2, 27), date(2027, 3, 1), TUESDAY, date(2027, 3, 3)):
        await due(march, day)
    done = await at_once(*(march.desk.daily_lists.send() for _ in range(3)))
    assert sum(done) == 1
    assert await lists(march) == {"worker": {"overdue": 2, "today": 1}}
    await march.at("2027-03-02 15:00")
    assert await march.desk.daily_lists.send() == 0
    await march.at("2027-03-03 08:40")
    await walked(march, "cover", TUESDAY)
    assert await march.desk.daily_lists.send() == 1
    assert await Delivery.filter(kind="daily_list").count() == 2
    assert (await lists(march))["worker"] == {"overdue": 3, "today": 1, "no_track": True}


async def test_nobody_is_told_outside_of_working_hours(march: Street) -> None:
    await due(march, TUESDAY)
    for moment in ("2027-03-02 08:29", "2027-03-02 12:30", "2027-03-02 18:00", "2027-03-06 09:00"):
        await march.at(moment)
        assert await march.desk.daily_lists.send() == 0, moment
    assert await DailyList.all().count() == 0
    await march.at("2027-03-02 13:30")
    assert await march.desk.daily_lists.send() == 1


async def test_on_leave_the_cover_has_the_visits_and_bad_weather_leaves_everybody_in_peace(march: Street) -> None:
    await due(march, TUESDAY)
    worker = await march.actor("worker")
    now = march.desk.clock.now()
    leave = await Leave.create(
        person_id=worker.person_id,
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=9),
        state="approved",
    )
    assert await march.desk.daily_lists.send() == 1
    assert await lists(march) == {"cover": {"today": 1}}
    await DailyList.all().delete()
    await leave.delete()
    village = (await march.region(VILLAGE)).id
    await ExemptDay.create(region_id=village, day=TUESDAY, reason="暴雨", set_by_id=worker.person_id, at=now)
    assert await march.desk.daily_lists.send() == 0
    assert await DailyList.all().count() == 0


async def test_who_walked_yesterday_or_need_not_have_is_not_told_of_it(march: Street) -> None:
    worker = await march.actor("worker")
    await Patrol.filter(person_id=worker.person_id).delete()
    assert await march.desk.daily_lists.send() == 1
    assert await lists(march) == {"worker": {"no_track": True}}
    await DailyList.all().delete()
    monday = date(2027, 3, 1)
    grid, at = (await march.region(GRID)).id, march.desk.clock.now()
    await ExemptDay.create(region_id=grid, day=monday, reason="暴雨", set_by_id=worker.person_id, at=at)
    assert await march.desk.daily_lists.send() == 0
    await march.desk.daily_lists.forget_old()
    assert await DailyList.all().count() == 2


async def test_a_compulsory_course_stands_in_the_list_when_it_begins_and_in_its_last_week_until_it_is_passed(
    march: Street,
) -> None:
    town, worker = await march.region(TOWN), await march.actor("worker")
    given = {"title": "安全用电", "minutes": 120, "form": "online", "compulsory": True, "pages": [], "questions": []}
    given |= {"region": town, "first_day": TUESDAY, "last_day": date(2027, 3, 20), "created_at": march.desk.clock.now()}
    for code, duty in (("S1", "grid_worker"), ("S2", "grid_chief")):
        await TrainingCourse.create(code=code, duties=[duty], **given)
    heard: list[int] = []
    # The last week begins with the 13th, a Saturday; on the 16th the test is passed in the afternoon.
    for day in (2, 3, 12, 15, 16, 17):
        await march.at(f"2027-03-{day} 09:00" if day > 9 else f"2027-03-0{day} 09:00")
        for who in ("worker", "cover"):
            await walked(march, who, date(2027, 3, day) - timedelta(days=1))
            await walked(march, who, date(2027, 3, day))
        for _ in range(2):
            await march.desk.daily_lists.send()
        found = await Delivery.filter(kind="daily_list", person_id=worker.person_id).order_by("id")
        heard += [day] * (len(found) - len(heard))
        assert all(one.facts["courses"] == 1 and one.facts["until"] == "2027-03-20" for one in found)
        if day == 16:
            course = await TrainingCourse.get(code="S1")
            await TrainingRecord.create(course=course, person_id=worker.person_id, credited_on=date(2027, 3, 16))
    assert heard == [2, 15, 16]
