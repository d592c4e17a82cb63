"""Deadlines: what runs, when it climbs, and that nobody is told twice."""

from datetime import datetime, timedelta

import pytest

from domain.calendar import SHANGHAI
from domain.case import Action
from domain.deadlines import Limits, accept_due, resolve_due
from models import Case, CaseEvent, HeldDuty
from services.access import Actor
from services.drafts import Said
from services.queues import Filters
from tests.services.conftest import A_DAY, SEND_TEXT, Street

LIMITS = Limits()


def clocks(street: Street, start: datetime, level: int, *, urgent: bool = False) -> tuple[datetime, datetime]:
    calendar = street.desk.cases._places._policy.calendar
    return (
        accept_due(start, urgent=urgent, calendar=calendar, limits=LIMITS),
        resolve_due(start, level=level, urgent=urgent, calendar=calendar, limits=LIMITS),
    )


async def last_step(case: Case) -> datetime:
    event = await CaseEvent.filter(case_id=case.id).order_by("-id").first()
    assert event is not None
    return event.at


@pytest.mark.parametrize("urgent", [False, True])
async def test_after_every_change_of_place_both_clocks_run_from_that_moment(street: Street, urgent: bool) -> None:  # noqa: FBT001
    case = await street.files(urgent=urgent)
    number = case.number or 0
    worker, chief, resident = await street.actor("worker"), await street.actor("chief"), case.resident_id
    way: list[tuple[Actor, Action, int]] = [
        (worker, Action.REPORT_UP, 2),
        (chief, Action.RETURN, 1),
        (worker, Action.RESOLVE, 1),
        (await street.desk.people.actor(resident), Action.REOPEN, 1),
        (worker, Action.RESOLVE, 1),
        (await street.desk.people.actor(resident), Action.REOPEN, 2),
    ]
    assert (case.accept_due, case.resolve_due) == clocks(street, await last_step(case), 1, urgent=urgent)
    for by, action, level in way:
        await street.advance(1800)
        after = await street.desk.cases.act(by, number, action, note="意见")
        if action is Action.RESOLVE:
            assert (after.next_due, after.sweep_at) == (None, None)
            continue
        kept = await Case.get(id=case.id)
        assert kept.level == level
        assert (kept.accept_due, kept.resolve_due) == clocks(street, await last_step(case), level, urgent=urgent)
        assert kept.next_due == kept.sweep_at == kept.accept_due


async def test_accepting_stops_the_first_clock_and_leaves_the_second(street: Street) -> None:
    case = await street.files()
    worker = await street.actor("worker")
    await street.advance(600)
    accepted = await street.desk.cases.act(worker, case.number or 0, Action.ACCEPT)
    assert accepted.next_due == accepted.sweep_at == case.resolve_due
    assert accepted.accept_due == case.accept_due
    before = accepted.accepted_at
    await street.advance(600)
    replied = await street.desk.cases.act(worker, case.number or 0, Action.REPLY, note="明天去")
    assert (replied.accepted_at, replied.next_due) == (before, case.resolve_due)


async def test_a_reply_after_the_result_starts_no_clock_again(street: Street) -> None:
    case = await street.files()
    worker = await street.actor("worker")
    await street.desk.cases.act(worker, case.number or 0, Action.RESOLVE, note="修好了")
    await street.advance(30 * A_DAY)
    replied = await street.desk.cases.act(worker, case.number or 0, Action.REPLY, note="零件换过了")
    assert (replied.status, replied.next_due, replied.sweep_at) == ("resolved", None, None)
    late = await street.desk.queues.listed(await street.actor("commander"), Filters(overdue=True))
    assert late.items == []


async def test_ordinary_clocks_rest_at_night_and_urgent_ones_do_not(street: Street) -> None:
    await street.at("2027-03-01 17:31")  # a Monday
    calm, urgent = await street.files(), await street.files(urgent=True)
    assert calm.accept_due is not None
    assert urgent.accept_due is not None
    assert f"{calm.accept_due.astimezone(SHANGHAI):%d %H:%M}" == "02 13:31"
    assert f"{urgent.accept_due.astimezone(SHANGHAI):%d %H:%M}" == "01 17:46"
    await street.at("2027-03-02 08:00")
    assert await street.desk.cases.climb_overdue() == 1
    assert [(await Case.get(id=one.id)).level for one in (calm, urgent)] == [1, 2]


async def test_a_case_climbs_at_its_deadline_and_not_a_moment_before(street: Street) -> None:
    await street.at("2027-03-01 09:00")
    case = await street.files()
    await street.at("2027-03-01 14:29")
    assert await street.desk.cases.climb_overdue() == 0
    await street.at("2027-03-01 14:31")
    assert await street.desk.cases.climb_overdue() == 1
    assert await street.desk.cases.climb_overdue() == 0
    kept = await Case.get(id=case.id)
    assert (kept.level, kept.status, kept.accepted_at) == (2, "submitted", None)


async def test_an_accepted_case_climbs_when_it_is_not_resolved_in_time(street: Street) -> None:
    await street.at("2027-03-01 09:00")
    case = await street.files()
    await street.desk.cases.act(await street.actor("worker"), case.number or 0, Action.ACCEPT)
    await street.at("2027-03-04 08:59")
    assert await street.desk.cases.climb_overdue() == 0
    await street.at("2027-03-04 09:01")
    assert await street.desk.cases.climb_overdue() == 1
    assert (await Case.get(id=case.id)).level == 2


async def test_at_the_top_each_deadline_is_told_once_and_the_case_stays_in_the_queue(street: Street) -> None:
    await HeldDuty.filter(duty__in=["grid_chief", "village_secretary", "commander", "department_officer"]).delete()
    case = await street.files()
    number = case.number or 0
    worker = await street.actor("worker")

    async def told() -> int:
        return (await street.told(worker)).count("overdue_top")

    await street.advance(A_DAY * 4)
    for _ in range(3):
        await street.desk.cases.climb_overdue()
    assert await told() == 1
    await street.advance(A_DAY * 10)
    for _ in range(3):
        await street.desk.cases.climb_overdue()
    assert await told() == 1 + int(
        case.resolve_due is not None and case.resolve_due > case.created_at + timedelta(days=4)
    )
    before = await told()
    queue = await street.desk.queues.mine(worker)
    assert [(line.number, line.overdue) for line in queue.items] == [(number, True)]
    for action in (Action.ACCEPT, Action.REPLY, Action.REPLY):
        await street.desk.cases.act(worker, number, action, note="在办")
        await street.desk.cases.climb_overdue()
    assert await told() == before
    kept = await Case.get(id=case.id)
    assert (kept.level, kept.status, kept.holder_id, kept.next_due) == (
        1,
        "accepted",
        worker.person_id,
        case.resolve_due,
    )


async def test_at_the_top_both_deadlines_are_told_when_they_pass_one_after_the_other(street: Street) -> None:
    await HeldDuty.filter(duty__in=["grid_chief", "village_secretary", "commander", "department_officer"]).delete()
    await street.at("2027-03-01 09:00")
    await street.files()
    worker = await street.actor("worker")
    for moment, count in (
        ("2027-03-01 15:00", 1),
        ("2027-03-03 09:00", 1),
        ("2027-03-04 09:30", 2),
        ("2027-03-19 09:00", 2),
    ):
        await street.at(moment)
        await street.desk.cases.climb_overdue()
        assert (await street.told(worker)).count("overdue_top") == count, moment


async def test_one_case_that_cannot_be_moved_holds_up_no_other(street: Street) -> None:
    broken, sound = await street.files(), await street.files()
    await Case.filter(id=broken.id).update(unit_id=None)
    await street.advance(A_DAY * 3)
    assert await street.desk.cases.climb_overdue(batch=1) == 1
    assert [(await Case.get(id=one.id)).level for one in (broken, sound)] == [1, 2]


async def test_what_nobody_rates_in_seven_days_closes_without_a_rating(street: Street) -> None:
    case = await street.files()
    await street.desk.cases.act(await street.actor("worker"), case.number or 0, Action.RESOLVE, note="好了")
    await street.advance(7 * A_DAY - 60)
    assert await street.desk.cases.close_unrated() == 0
    await street.advance(120)
    assert await street.desk.cases.close_unrated() == 1
    assert await street.desk.cases.close_unrated() == 0
    kept = await Case.get(id=case.id)
    assert (kept.status, kept.rating, kept.ended_at is not None) == ("closed", None, True)
    assert await street.told(case.resident_id) == ["resolved", "closed_unrated"]


async def test_a_case_whose_result_is_disputed_does_not_close_by_itself(street: Street) -> None:
    case = await street.files()
    number, resident = case.number or 0, await street.desk.people.actor(case.resident_id)
    await street.desk.cases.act(await street.actor("worker"), number, Action.RESOLVE, note="好了")
    await street.advance(6 * A_DAY)
    await street.desk.cases.act(resident, number, Action.REOPEN, note="又坏了")
    await street.advance(2 * A_DAY)
    assert await street.desk.cases.close_unrated() == 0


async def test_the_overdue_climb_reaches_everybody_concerned_once_over_wechat(street: Street) -> None:
    worker, chief = await street.binds("worker"), await street.binds("chief")
    resident = await street.follower("王阿姨", grid="32041210120101")
    await street.desk.drafts.add(await street.desk.people.hear(resident.openid), Said("text", "路灯坏了"))
    case = await street.desk.cases.submit(resident.person_id)
    await street.work()
    await street.advance(A_DAY * 4)
    for one in (worker, chief, resident):
        await street.speaks(one)
    await street.work()
    await street.work()
    number = f"№{case.number}"
    assert [number in text for text in street.shown(chief)] == [True]
    assert [number in text for text in street.shown(resident)] == [True]
    assert [number in text for text in street.shown(worker)] == [True, True]
    assert street.world.counts.as_json()["calls"][SEND_TEXT] == {"0": 4}
