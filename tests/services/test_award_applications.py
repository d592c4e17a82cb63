"""Applications for awards: worker, village, town; then public like every award, and only then points."""

import pytest

from domain.errors import BadInput, Conflict, NotAllowed, NotFound
from models import Award, Patrol
from services.award_applications import Application
from tests.factories import GRID
from tests.services.assessment_tables import walked
from tests.services.conftest import Street, at_once

SECOND = "32041210120102"


async def applied(street: Street) -> Application:
    case, worker = await street.files(), await street.actor("worker")
    await street.desk.cases.act(worker, case.number or 0, "accept")
    evidence = [("case", str(case.number))]
    return await street.desk.award_applications.apply(worker, GRID, "救火", "第一个到场，扑灭了火", evidence)


async def test_three_steps_then_three_public_days_then_the_points(street: Street) -> None:
    await street.at("2027-03-01 09:00")
    applications, one = street.desk.award_applications, await applied(street)
    worker, chief, commander = [await street.actor(who) for who in ("worker", "chief", "commander")]
    for unfit in (worker, commander):
        with pytest.raises(NotAllowed):
            await applications.support(unfit, one.id)
    with pytest.raises(Conflict):
        await applications.decide(commander, one.id, points=5)
    await applications.support(chief, one.id)
    approved = await applications.decide(commander, one.id, points=5)
    assert (approved.state, approved.award, approved.points) == ("approved", "public", 5)
    assert await applications.points(worker.person_id) == 0
    await street.at("2027-03-04 09:01")
    await street.desk.assessments.sweep()
    assert (await applications.one(worker, one.id)).award == "final"
    assert await applications.points(worker.person_id) == 5


async def test_an_objection_that_is_upheld_takes_the_award_and_its_points(street: Street) -> None:
    await street.at("2027-03-01 09:00")
    applications, one = street.desk.award_applications, await applied(street)
    await applications.support(await street.actor("chief"), one.id)
    await applications.decide(await street.actor("commander"), one.id, points=5)
    award = await Award.get(kind="merit")
    objection = await street.desk.spot_checks.object_to_award(await street.resident(), award.id, "不是他扑灭的")
    await street.desk.spot_checks.decide(await street.actor("inspector"), objection, uphold=True, answer="属实")
    await street.at("2027-03-05 09:00")
    await street.desk.assessments.sweep()
    worker = await street.actor("worker")
    assert (await applications.one(worker, one.id)).award == "withdrawn"
    assert await applications.points(worker.person_id) == 0


async def test_what_a_worker_did_is_offered_and_only_their_own_speaks_for_them(street: Street) -> None:
    """A case, visits and patrols of the worker; a patrol that goes on, and the neighbour's, do not speak for them."""
    await street.at("2027-03-01 09:00")
    applications, grid = street.desk.award_applications, (await street.region(GRID)).id
    worker, cover, chief = [await street.actor(who) for who in ("worker", "cover", "chief")]
    case, now = await street.files(), street.desk.clock.now()
    await street.desk.cases.act(worker, case.number or 0, "accept")
    await walked(worker.person_id, grid, now)
    given = {"region_id": grid, "day": now.date(), "started_at": now, "source": "mini"}
    going = await Patrol.create(person_id=worker.person_id, **given)
    theirs = await Patrol.create(person_id=cover.person_id, ended_at=now, **given)
    offered = await applications.records(chief, GRID)
    kinds = [one.kind for one in offered]
    assert (kinds.count("case"), kinds.count("visit"), kinds.count("patrol")) == (1, 4, 2)
    for unfit in (going, theirs):
        with pytest.raises(BadInput):
            await applications.apply(chief, GRID, "巡查", "走得多", [("patrol", str(unfit.id))])
    evidence = [(one.kind, str(one.number)) for one in offered]
    made = await applications.apply(chief, GRID, "巡查", "走得多", evidence)
    assert [(one.kind, str(one.number)) for one in await applications.evidence(worker, made.id)] == evidence
    assert [one.step for one in await applications.steps(worker, made.id)] == ["asked"]
    with pytest.raises(NotFound):
        await applications.records(cover, GRID)


async def test_a_team_has_an_application_for_each_with_their_own_records_or_none_at_all(street: Street) -> None:
    applications, chief = street.desk.award_applications, await street.actor("chief")
    evidence = []
    for who, grid in (("worker", GRID), ("cover", SECOND)):
        case = await street.files(grid=grid)
        await street.desk.cases.act(await street.actor(who), case.number or 0, "accept")
        evidence.append(("case", str(case.number)))
    for grids, named in (([GRID, SECOND], evidence[:1]), ([GRID], evidence), ([], evidence)):
        with pytest.raises(BadInput):
            await applications.apply_together(chief, grids, "抢险", "连夜排水", named)
    with pytest.raises(NotFound):
        await applications.apply_together(await street.actor("worker"), [GRID, SECOND], "抢险", "连夜排水", evidence)
    assert await applications.listed(chief) == ([], None)
    first, second = await applications.apply_together(chief, [SECOND, GRID], "抢险", "连夜排水", evidence)
    assert (first.team, second.team) == (("王秀兰",), ("李卫国",))
    assert (first.evidence, second.evidence) == ((evidence[0],), (evidence[1],))
    with pytest.raises(Conflict):
        await applications.apply_together(chief, [SECOND], "抢险", "再来一次", evidence[1:])


async def test_it_is_asked_for_once_and_decided_once_and_the_evidence_is_theirs(street: Street) -> None:
    applications, one = street.desk.award_applications, await applied(street)
    worker, chief, commander = [await street.actor(who) for who in ("worker", "chief", "commander")]
    with pytest.raises(Conflict):
        await applications.apply(worker, GRID, "救火", "再来", one.evidence)
    with pytest.raises(BadInput):
        await applications.apply(worker, GRID, "别的", "原因", [("case", "1")])
    cover = await street.actor("cover")
    for unfit in (cover, await street.resident()):
        with pytest.raises(NotFound):
            await applications.apply(unfit, GRID, "别的", "原因", one.evidence)
        with pytest.raises(NotFound):
            await applications.one(unfit, one.id)
    supported = await at_once(*(applications.support(chief, one.id) for _ in range(2)))
    assert sorted(type(each).__name__ for each in supported) in (
        ["Application", "Conflict"],
        ["Application", "NotAllowed"],
    )
    decided = await at_once(*(applications.decide(commander, one.id, points=3) for _ in range(3)))
    assert sum(isinstance(each, Application) for each in decided) == 1
    assert await Award.filter(kind="merit").count() == 1
