"""Days without patrols, and what is owed this week."""

from datetime import date, timedelta

import pytest

from domain.errors import BadInput, NotFound
from services.access import Actor
from services.field_work import FieldWork
from services.patrols import End, Start
from tests.factories import GRID, TOWN, VILLAGE
from tests.services.conftest import Street

TODAY = date(2027, 3, 1)


@pytest.fixture
async def worker(street: Street) -> Actor:
    await street.at("2027-03-01 09:00")
    return await street.actor("worker")


@pytest.fixture
def field(street: Street) -> FieldWork:
    return street.desk.field_work


async def test_a_worker_sees_what_is_missing_today_and_this_week(
    street: Street, field: FieldWork, worker: Actor
) -> None:
    view = await field.patrols.start(worker, Start())
    await street.advance(3700)
    await field.patrols.end(worker, view.patrol.id, End())
    week = await field.patrol_days.week(worker)
    assert (week.day, week.monday, week.exempt) == (TODAY, TODAY, False)
    assert {str(one.owed): one.met for one in week.today} == {
        "morning_seconds": True,
        "afternoon_seconds": False,
        "day_metres": False,
    }
    assert [(str(one.owed), one.wanted, one.met) for one in week.week] == [
        ("week_seconds", 43_200, False),
        ("week_metres", 8000, False),
    ]
    assert week.week[0].done == pytest.approx(3700, abs=5)
    assert (await field.patrol_days.week(await street.resident())).week == []


async def test_the_town_excuses_everybody_below_for_the_weather(
    street: Street, field: FieldWork, worker: Actor
) -> None:
    commander = await street.actor("commander")
    await field.patrol_days.exempt(commander, TOWN, TODAY, "大雨")
    await field.patrol_days.exempt(commander, TOWN, TODAY, "大雨，黄色预警")
    week = await field.patrol_days.week(worker)
    assert (week.exempt, week.today) == (True, [])
    assert week.week[0].wanted == round(43_200 * 6 / 7)
    assert [(one.region, one.reason) for one in await field.patrol_days.exempted(worker)] == [(TOWN, "大雨，黄色预警")]
    # Another village's rain is not theirs.
    await field.patrol_days.exempt(commander, "320412101202", TODAY + timedelta(days=1), "大雨")
    assert (await field.patrol_days.week(worker)).week[0].wanted == round(43_200 * 6 / 7)
    assert len(await field.patrol_days.exempted(worker)) == 1
    assert len(await field.patrol_days.exempted(commander)) == 2


async def test_only_the_town_excuses_and_only_days_that_are_near(
    street: Street, field: FieldWork, worker: Actor
) -> None:
    for who in ("worker", "chief", "inspector", "county"):
        with pytest.raises(NotFound):
            await field.patrol_days.exempt(await street.actor(who), GRID, TODAY, "大雨")
    commander = await street.actor("commander")
    with pytest.raises(NotFound):
        await field.patrol_days.exempt(commander, "320412", TODAY, "大雨")
    for bad in (TODAY - timedelta(days=32), TODAY + timedelta(days=32)):
        with pytest.raises(BadInput):
            await field.patrol_days.exempt(commander, VILLAGE, bad, "大雨")
