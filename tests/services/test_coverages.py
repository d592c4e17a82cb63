"""How much of a grid has been walked in a cycle: whatever comes late, twice, or goes away again."""

from collections.abc import Sequence
from datetime import date

import pytest

from domain.coverage import Part
from models import Boundary, GridCoverage, HeldDuty, Patrol, PatrolGround, Person
from services.access import Actor
from services.coverages import GridCovered
from services.field_work import FieldWork
from services.merging import merge
from services.patrol_clock import Batch
from services.patrols import End, Start
from tests.domain.test_track import ALONG, LATITUDE, LONGITUDE, UP
from tests.factories import GRID, TOWN
from tests.services.conftest import Street, at_once
from tests.services.test_patrols import way

# The round of test_patrols leaves the middle and, on the way back, the west out: 35 hectares.
CORNERS = [(0, 0), (700, 0), (700, 500), (0, 500)]
RING = [(LONGITUDE + east * ALONG, LATITUDE + north * UP) for east, north in CORNERS]
ROUND = (2 * 700 * 30 + 440 * 30) / 350_000


@pytest.fixture
async def worker(street: Street) -> Actor:
    await street.at("2027-03-01 09:00")
    await street.desk.field_work.patrol_days.bound(await street.actor("commander"), GRID, RING)
    return await street.actor("worker")


@pytest.fixture
def field(street: Street) -> FieldWork:
    return street.desk.field_work


async def walks(street: Street, by: Actor) -> int:
    patrol = (await street.desk.field_work.patrols.start(by, Start())).patrol
    await street.desk.field_work.patrols.add_points(by, patrol.id, Batch(1, way(patrol.started_at)))
    await street.advance(3600)
    await street.desk.field_work.patrols.end(by, patrol.id, End())
    return patrol.id


async def seen(street: Street) -> Sequence[GridCovered]:
    """As the town sees it, without anybody who has asked for their own."""
    return await street.desk.field_work.coverages.below((await street.region(TOWN)).path)


async def test_a_large_grid_keeps_five_days_of_walks_and_exempt_days_are_none_of_them(
    street: Street, field: FieldWork, worker: Actor
) -> None:
    (nothing,) = await field.coverages.mine(worker)
    assert (nothing.share, nothing.days, len(nothing.missing)) == (0.0, 5, len(Part))
    await walks(street, worker)
    (own,) = await field.coverages.mine(worker)
    assert own.share == pytest.approx(ROUND, abs=0.02)
    assert (own.region, own.missing[0], Part.MIDDLE in own.missing) == (GRID, Part.NORTH_WEST, True)
    # The same round again covers no more, and what is four days old still counts.
    await street.at("2027-03-05 09:00")
    await walks(street, worker)
    assert (await field.coverages.sweep(), await field.coverages.sweep()) == (1, 0)
    (five,) = await seen(street)
    assert (five.day, five.person) == (date(2027, 3, 5), "李卫国")
    assert five.share == pytest.approx(ROUND, abs=0.02)
    await street.at("2027-03-10 09:00")
    assert await field.coverages.sweep() == 1
    assert (await seen(street))[0].share == 0
    # The storm of a whole week was no part of a cycle.
    commander = await street.actor("commander")
    for day in (6, 7, 8, 9):
        await field.patrol_days.exempt(commander, TOWN, date(2027, 3, day), "台风")
    await street.desk.assessments.exempt(TOWN, date(2027, 3, 10), "台风", by=commander)
    assert await field.coverages.sweep() == 1
    assert (await seen(street))[0].share == pytest.approx(ROUND, abs=0.02)
    await field.patrol_days.take_back(commander, TOWN, date(2027, 3, 9))
    await field.coverages.sweep()
    assert (await field.coverages.mine(worker))[0].share == pytest.approx(ROUND, abs=0.02)


async def test_points_that_come_late_and_a_boundary_that_is_moved_are_counted_anew_and_a_killed_sweep_loses_nothing(
    street: Street, field: FieldWork, worker: Actor
) -> None:
    patrol = (await field.patrols.start(worker, Start())).patrol
    await street.advance(3600)
    await field.patrols.end(worker, patrol.id, End())
    await field.coverages.sweep()
    assert (await seen(street))[0].share == 0
    await street.advance(3600)
    await field.patrols.add_points(worker, patrol.id, Batch(1, way(patrol.started_at)))
    # Between the two parts of a sweep the process ends: what was measured waits, and is counted once by whoever comes.
    assert await field.patrols.measure_late() == 1
    assert (await seen(street))[0].share == 0
    done = await at_once(field.coverages.sweep(), field.coverages.sweep(), field.coverages.mine(worker))
    assert not [one for one in done if isinstance(one, BaseException)]
    assert (await seen(street))[0].share == pytest.approx(ROUND, abs=0.02)
    # Sixty metres of its south are left, along which they walked.
    south = [*RING[:2], *((east, RING[0][1] + 60 * UP) for east, _ in RING[2:])]
    await field.patrol_days.bound(await street.actor("commander"), GRID, south)
    assert await field.patrols.measure_late() == 1
    assert await field.coverages.sweep() == 1
    (strip,) = await seen(street)
    assert strip.days == 1
    assert strip.share == pytest.approx(0.5, abs=0.06)
    await Boundary.all().delete()
    await field.coverages.sweep()
    assert await seen(street) == []


async def test_what_two_accounts_walked_is_one_persons_and_goes_with_the_account(
    street: Street, field: FieldWork, worker: Actor
) -> None:
    other = await Person.create(name="李卫国二号")
    patrol = await walks(street, worker)
    await Patrol.filter(id=patrol).update(person_id=other.id)
    assert (await field.coverages.mine(worker))[0].share == 0
    await merge(keep=worker.person_id, drop=other.id)
    assert (await field.coverages.mine(worker))[0].share == pytest.approx(ROUND, abs=0.02)
    await HeldDuty.filter(person_id=worker.person_id).update(from_date=date(2027, 1, 1), to_date=date(2027, 2, 28))
    gone = await street.desk.people.actor(worker.person_id)
    assert await field.coverages.mine(gone) == []
    await street.desk.accounts.delete(gone)
    assert (await PatrolGround.all().count(), await GridCoverage.all().count()) == (0, 0)


async def test_a_drawing_is_small_and_goes_once_no_cycle_reaches_it(
    street: Street, field: FieldWork, worker: Actor
) -> None:
    patrol = await walks(street, worker)
    kept = await PatrolGround.get(patrol_id=patrol)
    assert len(kept.sealed) < 20_000
    await street.at("2027-04-20 09:00")
    await field.coverages.forget_old()
    assert await PatrolGround.all().count() == 0
