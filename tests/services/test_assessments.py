"""A town's month out of what really happened: gathered, running, closed once, and never computed again."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from domain.assessment_rules import Part, Reason
from domain.calendar import SHANGHAI, WorkCalendar
from domain.case import Action
from domain.errors import BadInput, Conflict, NotAllowed, NotFound
from domain.month import Month
from models import AssessmentMonth, AssessmentScore, Case, EventType, ExemptDay, HeldDuty, Leave, Person
from services.access import Actor
from services.assessment_facts import everybody
from services.records import Kind as RecordKind
from services.transaction import rows
from tests.factories import GRID, TOWN, VILLAGE
from tests.services.assessment_tables import walked
from tests.services.conftest import NAMES, Street, at_once

MARCH = "2027-03"


@pytest.fixture
async def spring(street: Street) -> Street:
    """The town of ``tests/factories.py`` on 1 March 2027, its month open; everybody in post since the year before."""
    await street.at("2027-03-01 09:00")
    await HeldDuty.all().update(from_date=date(2026, 1, 1))
    await street.desk.assessments.sweep()
    return street


async def handles(street: Street, by: Actor, *, resolve: bool = True) -> Case:
    case = await street.files()
    assert case.number is not None
    await street.desk.cases.act(by, case.number, Action.RESOLVE if resolve else Action.REPORT_UP, note="修好了")
    return case


async def closes(street: Street, case: Case) -> None:
    resident = await street.desk.people.actor(case.resident_id)
    await street.desk.cases.act(resident, case.number or 0, Action.RATE, rating=5)


async def lines(street: Street, by: Actor, part: Part, month: str | None = None) -> list[tuple[str, int, str]]:
    score, _ = await street.desk.assessments.mine(by, month)
    return [(line.reason, line.points, line.record.id) for line in score.got.lines if line.part is part]


async def test_a_case_counts_when_it_is_closed_and_for_whoever_handled_it(spring: Street) -> None:
    worker, cover = await spring.actor("worker"), await spring.actor("cover")
    case, other = await handles(spring, worker), await handles(spring, worker)
    assert await lines(spring, worker, Part.EVENTS) == []
    await closes(spring, case)
    assert await lines(spring, worker, Part.EVENTS) == [(Reason.SELF_HANDLED, 1, str(case.number))]
    await spring.at("2027-04-02 09:00")
    await spring.desk.cases.close_unrated()
    assert await lines(spring, worker, Part.EVENTS) == [(Reason.SELF_HANDLED, 1, str(other.number))]
    assert await lines(spring, cover, Part.EVENTS) == []


async def test_a_report_up_counts_by_class_until_it_is_sent_back(spring: Street) -> None:
    worker, secretary = await spring.actor("worker"), await spring.actor("secretary")
    now = spring.desk.clock.now()
    await EventType.create(code="a", name="山体滑坡", category="public_safety", score_class="A", created_at=now)
    stays, back = await handles(spring, worker, resolve=False), await handles(spring, worker, resolve=False)
    await Case.filter(id=stays.id).update(event_type="a", category="public_safety")
    assert [points for _, points, _ in await lines(spring, worker, Part.EVENTS)] == [5, 1]
    chief = await spring.actor("chief")
    await spring.desk.cases.act(chief, back.number or 0, Action.RETURN, note="网格自己能办")
    assert await lines(spring, worker, Part.EVENTS) == [
        (Reason.REPORTED, 5, str(stays.number)),
        (Reason.REJECTED, -1, str(back.number)),
    ]
    score, _ = await spring.desk.assessments.mine(worker)
    assert {one.what: one.done for one in score.got.missing if one.done} == {"events": 1, "public_safety": 1}
    assert secretary.person_id != worker.person_id


async def test_what_a_cover_does_in_the_neighbours_grid_counts_as_their_own(spring: Street) -> None:
    worker, cover = await spring.actor("worker"), await spring.actor("cover")
    case = await spring.files(grid=GRID)
    await Case.filter(id=case.id).update(holder_id=cover.person_id)
    await spring.desk.cases.act(cover, case.number or 0, Action.RESOLVE, note="代他修好了")
    await closes(spring, await Case.get(id=case.id))
    assert await lines(spring, cover, Part.EVENTS) == [(Reason.SELF_HANDLED, 1, str(case.number))]
    assert await lines(spring, worker, Part.EVENTS) == []


async def test_base_data_leave_and_weather_are_in_the_score(spring: Street) -> None:
    worker = await spring.actor("worker")
    records = spring.desk.records
    await records.add(worker, GRID, RecordKind.HOUSEHOLD, "3 幢 201", {"head": "王建国", "phone": "13811112222"})
    rental = await records.add(worker, GRID, RecordKind.RENTAL, "3 幢 202", {"owner": "陈芳", "tenant": "刘强"})
    await records.change(worker, rental.id, {"tenant": "周敏"})
    await records.change(worker, rental.id, {"tenant": "周敏"})
    await records.change(worker, rental.id, {"people": "3"})
    base = [(reason, points) for reason, points, _ in await lines(spring, worker, Part.BASE_DATA)]
    assert base == [(Reason.NEW, 2), (Reason.NEW_RENTAL, 2), (Reason.TENANT_CHANGED, 1), (Reason.KEY_FIELD, 1)]
    third = datetime(2027, 3, 3, 10, tzinfo=SHANGHAI)
    await Leave.create(person_id=worker.person_id, starts_at=third, ends_at=third + timedelta(days=1), state="approved")
    await spring.desk.assessments.exempt(TOWN, date(2027, 3, 2), "暴雨")
    await spring.at("2027-03-06 09:00")
    assert [day for _, _, day in await lines(spring, worker, Part.DEDUCTIONS)] == ["2027-03-01", "2027-03-05"]


async def test_visits_and_patrols_come_from_their_own_tables(spring: Street) -> None:
    worker = await spring.actor("worker")
    await walked(worker.person_id, (await spring.region(GRID)).id, spring.desk.clock.now())
    await spring.at("2027-03-03 09:00")
    assert [points for _, points, _ in await lines(spring, worker, Part.VISITS)] == [1, 0, 0]
    assert [day for _, _, day in await lines(spring, worker, Part.DEDUCTIONS)] == ["2027-03-02"]
    score, _ = await spring.desk.assessments.mine(worker)
    assert {one.what: one.done for one in score.got.missing}["services"] == 3
    village = (await spring.region(VILLAGE)).id
    storm = {"day": date(2027, 3, 2), "reason": "暴雨", "set_by_id": worker.person_id, "at": spring.desk.clock.now()}
    await ExemptDay.create(region_id=village, **storm)
    assert await lines(spring, worker, Part.DEDUCTIONS) == []


async def kept() -> list[Any]:
    found = await rows("SELECT row_to_json(s)::text AS said FROM assessment_score s ORDER BY id")
    found += await rows(
        "SELECT row_to_json(m)::text AS said FROM assessment_month m WHERE state = 'closed' ORDER BY id"
    )
    found += await rows("SELECT row_to_json(a)::text AS said FROM award a ORDER BY id")
    return [one["said"] for one in found]


async def test_a_closed_month_is_never_computed_again_whatever_happens_to_its_facts(spring: Street) -> None:
    worker = await spring.actor("worker")
    case = await handles(spring, worker)
    await closes(spring, case)
    for still in ("2027-03-31 23:59", "2027-04-01 00:00:29"):
        await spring.at(still)
        assert await spring.desk.assessments.sweep() == 0
    await spring.at("2027-04-01 00:01")
    assert await spring.desk.assessments.sweep() == 1
    before = await kept()
    assert len(before) == 3  # two workers, one month; nobody has a score above nothing
    await rows("DELETE FROM case_message WHERE case_id = $1 RETURNING 1", case.id)
    await Case.filter(id=case.id).update(status="withdrawn")
    await spring.desk.assessments.set_rules(TOWN, "2027-04", {"self_handled": 7})
    assert await spring.desk.assessments.sweep() == 0
    assert await kept() == before
    score, grids = await spring.desk.assessments.mine(worker, MARCH)
    assert (score.closed, score.got.points[Part.EVENTS], grids) == (True, 1, [GRID])
    # 0.6 for the case; 79 events and 80 services missing, 31 days without a track.
    assert score.score == 60 - 100 * (79 + 80 + 62)
    with pytest.raises(Conflict):
        await spring.desk.assessments.set_rules(TOWN, MARCH, {"self_handled": 7})
    with pytest.raises(IntegrityError):
        await AssessmentScore.all().update(score=0)


async def test_a_closed_score_reads_back_as_it_was_reckoned(spring: Street) -> None:
    worker = await spring.actor("worker")
    await closes(spring, await handles(spring, worker))
    await spring.at("2027-03-31 23:59:59")
    live, _ = await spring.desk.assessments.mine(worker)
    await spring.at("2027-04-01 00:01")
    ended, _ = await spring.desk.assessments.mine(worker, MARCH)
    await spring.desk.assessments.sweep()
    again, _ = await spring.desk.assessments.mine(worker, MARCH)
    assert (again.got, again.closed, ended.closed) == (ended.got, True, False)
    assert {line.reason for line in again.got.lines} - {line.reason for line in live.got.lines} == {
        Reason.EVENTS_SHORT,
        Reason.SERVICES_SHORT,
    }


async def test_two_who_close_at_once_close_once(spring: Street) -> None:
    await spring.at("2027-04-01 00:01")
    done = await at_once(*(spring.desk.assessments.sweep() for _ in range(4)))
    assert sum(done) == 1
    assert await AssessmentScore.all().count() == 2


async def test_months_in_which_nobody_was_there_to_close_them_are_closed_one_by_one(spring: Street) -> None:
    await spring.at("2027-06-01 08:00")
    assert await spring.desk.assessments.sweep() == 3
    assert await AssessmentMonth.filter(state="closed").order_by("month").values_list("month", flat=True) == [
        date(2027, month, 1) for month in (3, 4, 5)
    ]
    assert await AssessmentMonth.filter(state="open").values_list("month", flat=True) == [date(2027, 6, 1)]


async def test_other_rules_hold_from_the_month_they_were_set_for_on(spring: Street) -> None:
    worker = await spring.actor("worker")
    await spring.desk.assessments.set_rules(TOWN, "2027-04", {"self_handled": 4})
    await closes(spring, await handles(spring, worker))
    assert [points for _, points, _ in await lines(spring, worker, Part.EVENTS)] == [1]
    for month in ("2027-04", "2027-05"):
        await spring.at(f"{month}-02 09:00")
        await spring.desk.assessments.sweep()
        await closes(spring, await handles(spring, await spring.actor("worker")))
        assert [points for _, points, _ in await lines(spring, worker, Part.EVENTS)] == [4]
    assert [points for _, points, _ in await lines(spring, worker, Part.EVENTS, MARCH)] == [1]
    rules = {one.month.month: (one.rules or {}).get("self_handled") for one in await AssessmentMonth.all()}
    assert rules == {3: 1, 4: 4, 5: None}


async def test_a_town_is_gathered_some_workers_at_a_time_and_nobody_is_left_out(spring: Street) -> None:
    region, town = await spring.region(GRID), await spring.region(TOWN)
    for n in range(5):
        person = await Person.create(name=f"网格员{n}")
        await HeldDuty.create(person_id=person.id, duty="grid_worker", region_id=region.id, from_date=date(2027, 1, 1))
    some = [
        [post.person for post, _ in found]
        async for found in everybody(Month.read(MARCH), town.path, calendar=WorkCalendar(), people=3)
    ]
    assert [len(found) for found in some] == [3, 3, 1]
    assert {one for found in some for one in found} == {
        NAMES["worker"],
        NAMES["cover"],
        *(f"网格员{n}" for n in range(5)),
    }


async def test_a_town_sees_its_own_workers_and_nobody_else_does(spring: Street) -> None:
    assessments = spring.desk.assessments
    commander = await spring.actor("commander")
    page, following = await assessments.below(commander, MARCH, limit=1)
    assert following is not None
    more, last = await assessments.below(commander, MARCH, cursor=following, limit=1)
    assert [one.person for one in [*page, *more]] == [NAMES["worker"], NAMES["cover"]]
    assert last is None
    await spring.at("2027-04-01 00:01")
    await assessments.sweep()
    page, following = await assessments.below(commander, MARCH, limit=1)
    more, last = await assessments.below(commander, MARCH, cursor=following, limit=1)
    assert {one.person for one in [*page, *more]} == {NAMES["worker"], NAMES["cover"]}
    assert last is None
    for who in ("worker", "secretary", "county"):
        with pytest.raises(NotAllowed):
            await assessments.below(await spring.actor(who), MARCH)
    with pytest.raises(BadInput):
        await assessments.below(commander, MARCH, cursor="bm8")


async def test_who_was_never_a_worker_has_no_score_and_no_month_is_to_come(spring: Street) -> None:
    assessments = spring.desk.assessments
    with pytest.raises(NotAllowed):
        await assessments.mine(await spring.resident())
    worker = await spring.actor("worker")
    for month in ("2027-13", "2027-04"):
        with pytest.raises(BadInput):
            await assessments.mine(worker, month)
    with pytest.raises(NotFound):
        await assessments.mine(worker, None, "32041210120201")
