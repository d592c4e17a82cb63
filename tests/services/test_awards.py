"""Lists of awards: made with a closed month, public for three days, final when nobody's objection is open."""

from datetime import date

import pytest

from domain.errors import Conflict
from models import AssessmentMonth, AssessmentScore, Award, HeldDuty
from services import awards
from tests.factories import GRID, TOWN
from tests.services.conftest import NAMES, Street


@pytest.fixture
async def spring(street: Street) -> Street:
    await street.at("2027-03-01 09:00")
    await HeldDuty.all().update(from_date=date(2026, 1, 1))
    # So that somebody who did nothing has a score above nothing.
    generous = {"events": 100, "visits": 0, "base_data": 0}
    nothing = {"services": 0, "idle_day": 0, "event_short": 0, "self_handled": 5, "weights": generous}
    await street.desk.assessments.sweep()
    await street.desk.assessments.set_rules(TOWN, "2027-03", nothing)
    return street


async def test_a_month_makes_its_list_which_is_final_after_three_days(spring: Street) -> None:
    await _two_of_march(spring)
    town = (await spring.region(TOWN)).id
    found = await awards.listed(town, "month", date(2027, 3, 1))
    assert [(one.rank, one.person, one.score, one.state) for one in found] == [
        (1, NAMES["cover"], 900, "public"),
        (2, NAMES["worker"], 700, "public"),
    ]
    await spring.at("2027-04-03 23:00")
    await spring.desk.assessments.sweep()
    assert {one.state for one in await Award.all()} == {"public"}
    await spring.at("2027-04-04 00:02")
    await spring.desk.assessments.sweep()
    assert {one.state for one in await Award.all()} == {"final"}
    commander = await spring.actor("commander")
    with pytest.raises(Conflict):
        await spring.desk.spot_checks.object_to_award(commander, found[0].id, "太晚了")


async def test_an_open_objection_keeps_a_place_from_being_final_and_an_upheld_one_takes_it(spring: Street) -> None:
    await _two_of_march(spring)
    first = await Award.get(rank=1)
    neighbour = await spring.resident("王大爷")
    objection = await spring.desk.spot_checks.object_to_award(neighbour, first.id, "这个月没见过她")
    await spring.at("2027-04-05 09:00")
    await spring.desk.assessments.sweep()
    assert [one.state for one in await Award.all().order_by("rank")] == ["public", "final"]
    commander = await spring.actor("commander")
    await spring.desk.spot_checks.decide(commander, objection, uphold=True, answer="查实了")
    await spring.desk.assessments.sweep()
    assert [one.state for one in await Award.all().order_by("rank")] == ["withdrawn", "final"]


async def test_the_year_has_its_list_when_its_last_month_is_final(spring: Street) -> None:
    """Three monthly awards and a year in post for the worker, two awards for the neighbour."""
    worker, cover = await spring.actor("worker"), await spring.actor("cover")
    grid, town = await spring.region(GRID), await spring.region(TOWN)
    for month in (9, 10, 11):
        closed = await AssessmentMonth.create(town_id=town.id, month=date(2027, month, 1), rules={}, state="closed")
        for rank, one in enumerate((worker, cover), 1):
            given = {"person_id": one.person_id, "region_id": grid.id, "score": 20_000}
            parts = {"events": 50, "visits": 0, "base_data": 0, "deductions": 0}
            await AssessmentScore.create(month_id=closed.id, **given, **parts, lines=[], missing=[])
            if rank == 1 or month > 9:
                period, until = closed.month, spring.desk.clock.now()
                await Award.create(
                    town_id=town.id, kind="month", period=period, rank=rank, state="final", public_until=until, **given
                )
    await AssessmentMonth.filter(month=date(2027, 3, 1)).delete()
    await spring.at("2027-12-02 09:00")
    await spring.desk.assessments.sweep()
    assert await Award.filter(kind="year").count() == 0
    await spring.at("2028-01-01 00:01")
    await spring.desk.assessments.sweep()
    await spring.desk.assessments.sweep()
    (year,) = await Award.filter(kind="year")
    assert (year.person_id, year.period, year.rank) == (worker.person_id, date(2027, 1, 1), 1)


async def _two_of_march(street: Street) -> None:
    """A closed March in which the neighbour has nine points and the worker seven."""
    await AssessmentMonth.all().update(state="closed", closed_at=street.desk.clock.now())
    month = await AssessmentMonth.get(month=date(2027, 3, 1))
    grid = await street.region(GRID)
    for who, score in (("worker", 700), ("cover", 900)):
        person = (await street.actor(who)).person_id
        parts = {"events": score // 100, "visits": 0, "base_data": 0, "deductions": 0}
        await AssessmentScore.create(
            month_id=month.id, person_id=person, region_id=grid.id, score=score, lines=[], missing=[], **parts
        )
    await street.at("2027-04-01 00:00")
    await awards.announce_month(month, public_from=street.desk.clock.now(), days=3)
