"""What an inspector finds of a record, what the worker says to that, and who decides."""

from datetime import date

import pytest

from domain.assessment import Kind, Verdict
from domain.assessment_rules import Ground, Part, Reason
from domain.case import Action
from domain.errors import BadInput, Conflict, NotAllowed, NotFound
from models import HeldDuty, SpotCheck
from services.access import Actor
from services.spot_checks import Found
from tests.services.conftest import Street


@pytest.fixture
async def spring(street: Street) -> Street:
    await street.at("2027-03-01 09:00")
    await HeldDuty.all().update(from_date=date(2026, 1, 1))
    await street.desk.assessments.sweep()
    return street


async def handled(street: Street) -> str:
    """A case of the worker's, closed, by its number."""
    case = await street.files()
    await street.desk.cases.act(await street.actor("worker"), case.number or 0, Action.RESOLVE, note="修好了")
    resident = await street.desk.people.actor(case.resident_id)
    await street.desk.cases.act(resident, case.number or 0, Action.RATE, rating=5)
    return str(case.number)


async def unqualified(street: Street, record: str) -> Found:
    inspector = await street.actor("inspector")
    checks = street.desk.spot_checks
    return await checks.mark(inspector, Kind.CASE, record, Verdict.UNQUALIFIED, Ground.MISSING, "没有照片")


async def deductions(street: Street, by: Actor, month: str | None = None) -> list[tuple[str, int, str, str]]:
    score, _ = await street.desk.assessments.mine(by, month)
    return [
        (line.reason, line.points, line.record.id, line.note)
        for line in score.got.lines
        if line.part is Part.DEDUCTIONS and line.reason in {Reason.UNQUALIFIED, Reason.FALSE}
    ]


async def test_an_unqualified_record_costs_two_and_one_found_false_after_all_ten(spring: Street) -> None:
    record, worker, inspector = await handled(spring), await spring.actor("worker"), await spring.actor("inspector")
    await unqualified(spring, record)
    assert await deductions(spring, worker) == [(Reason.UNQUALIFIED, -2, record, Ground.MISSING)]
    await spring.desk.spot_checks.mark(inspector, Kind.CASE, record, Verdict.FALSE)
    assert await deductions(spring, worker) == [(Reason.FALSE, -10, record, "")]


async def test_an_upheld_objection_ends_the_check_and_somebody_else_decides(spring: Street) -> None:
    record, worker = await handled(spring), await spring.actor("worker")
    check = await unqualified(spring, record)
    checks = spring.desk.spot_checks
    told = await checks.object_to(worker, check.id, "照片在第二条消息里")
    assert (told.objection, told.objected) == ("asked", "照片在第二条消息里")
    assert told.objection_id is not None
    for who in ("inspector", "worker", "secretary"):
        with pytest.raises((NotAllowed, NotFound)):
            await checks.decide(await spring.actor(who), told.objection_id, uphold=True, answer="看到了")
    await checks.decide(await spring.actor("commander"), told.objection_id, uphold=True, answer="看到了")
    assert await deductions(spring, worker) == []
    assert (await spring.told(worker))[-2:] == ["record_checked", "objection_decided"]
    (found,), _ = await checks.listed(worker)
    assert (found.withdrawn, found.objection, found.answer) == (True, "upheld", "看到了")
    with pytest.raises(Conflict):
        await checks.decide(await spring.actor("commander"), told.objection_id, uphold=False, answer="又不行")
    with pytest.raises(Conflict):
        await checks.object_to(worker, check.id, "再说一次")
    with pytest.raises(Conflict):
        await unqualified(spring, record)


async def test_a_refused_objection_changes_nothing(spring: Street) -> None:
    record, worker = await handled(spring), await spring.actor("worker")
    told = await spring.desk.spot_checks.object_to(worker, (await unqualified(spring, record)).id, "不是这样")
    before = await deductions(spring, worker)
    commander = await spring.actor("commander")
    await spring.desk.spot_checks.decide(commander, told.objection_id or 0, uphold=False, answer="照片确实没有")
    assert await deductions(spring, worker) == before
    assert before


async def test_after_the_month_is_closed_what_was_deducted_is_given_back_beside_the_score(spring: Street) -> None:
    record, worker = await handled(spring), await spring.actor("worker")
    check = await unqualified(spring, record)
    await spring.at("2027-04-01 00:01")
    await spring.desk.assessments.sweep()
    closed, _ = await spring.desk.assessments.mine(worker, "2027-03")
    told = await spring.desk.spot_checks.object_to(worker, check.id, "照片在第二条消息里")
    commander = await spring.actor("commander")
    await spring.desk.spot_checks.decide(commander, told.objection_id or 0, uphold=True, answer="看到了")
    again, _ = await spring.desk.assessments.mine(worker, "2027-03")
    assert (again.got, again.given_back, again.score) == (closed.got, 200, closed.score + 200)


async def test_only_inspectors_of_the_place_check_and_only_what_somebody_has_handled(spring: Street) -> None:
    record, checks = await handled(spring), spring.desk.spot_checks
    inspector = await spring.actor("inspector")
    for who in ("worker", "chief", "commander"):
        with pytest.raises(NotAllowed):
            await checks.mark(await spring.actor(who), Kind.CASE, record, Verdict.FALSE)
    waiting = await spring.files()
    for kind, number in ((Kind.CASE, str(waiting.number)), (Kind.CASE, "99"), (Kind.VISIT, "1"), (Kind.BASE, "x")):
        with pytest.raises(NotFound):
            await checks.mark(inspector, kind, number, Verdict.FALSE)
    with pytest.raises(BadInput):
        await checks.mark(inspector, Kind.CASE, record, Verdict.UNQUALIFIED)
    with pytest.raises(BadInput):
        await checks.mark(inspector, Kind.CASE, record, Verdict.FALSE, Ground.UNCLEAR)
    assert await SpotCheck.all().count() == 0


async def test_a_worker_sees_checks_of_their_own_records_and_the_neighbour_does_not(spring: Street) -> None:
    check = await unqualified(spring, await handled(spring))
    listed = spring.desk.spot_checks.listed
    other = await unqualified(spring, await handled(spring))
    for who in ("worker", "commander", "inspector"):
        first, following = await listed(await spring.actor(who), limit=1)
        second, last = await listed(await spring.actor(who), cursor=following, limit=1)
        assert ([one.id for one in [*first, *second]], last) == ([other.id, check.id], None)
    assert await listed(await spring.actor("cover")) == ([], None)
    with pytest.raises(NotFound):
        await spring.desk.spot_checks.object_to(await spring.actor("cover"), check.id, "不是这样")
